import assert from "node:assert/strict";
import { denoProgram } from "../../../core/runtime/deno_program.ts";
import { withProject } from "../../_testing/parts.ts";
import { end, outcomeOf, startScript } from "../../_testing/processes.ts";
import { run, spawnWorker } from "../../_testing/queue.ts";
import { withSecureServer } from "../../_testing/redis_server.ts";
import { redisAddress } from "./connection.ts";

Deno.test("redisAddress reads user, password, database and TLS, and never shows the password", () => {
  const { connection, shown } = redisAddress("rediss://me:p%40ss@[::1]:7000/3");
  assert.deepEqual(
    { ...connection, retryStrategy: null },
    {
      host: "::1",
      port: 7000,
      username: "me",
      password: "p@ss",
      db: 3,
      // An address is no server name.
      tls: {},
      maxRetriesPerRequest: null,
      retryStrategy: null,
    },
  );
  assert.equal(shown, "rediss://[::1]:7000/3");
  assert.deepEqual(Object(redisAddress("rediss://redis.example.org").connection).tls, {
    servername: "redis.example.org",
  });
  for (const bad of ["", "redis", "http://u:secret@h", "redis://u:secret@h/x", "redis://", 3]) {
    assert.throws(() => redisAddress(bad as string), (error: Error) => {
      assert.match(error.message, /The queue must be an address such as redis:/);
      return error instanceof TypeError && !error.message.includes("secret");
    });
  }
});

Deno.test("redisAddress says in own words that a % of the password begins no code, and not the password", () => {
  assert.throws(() => redisAddress("redis://u:x%ZZsecret@h"), {
    name: "TypeError",
    message: /^The queue must be .*a % begins no code, write it as %25\.$/,
  });
  assert.throws(
    () => redisAddress("redis://u:x%ZZsecret@h"),
    ({ message }: Error) => !message.includes("secret"),
  );
});

Deno.test("mod.ts loads neither BullMQ nor ioredis until a queue is used", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-imports-" });
  try {
    const library = new URL("../../../../", import.meta.url);
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", library)));
    const broken = "data:text/javascript,throw new Error('loaded')";
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports: { ...imports, bullmq: broken, ioredis: broken } }),
    );
    const load = async (code: string) => {
      await Deno.writeTextFile(`${folder}/load.ts`, code);
      return await new Deno.Command(denoProgram("load mod.ts"), {
        args: [
          "run",
          "--no-check",
          "--no-lock",
          "--no-prompt",
          "--allow-read",
          "--allow-env",
          `--config=${folder}/deno.json`,
          `${folder}/load.ts`,
        ],
        env: { NO_COLOR: "1" },
      }).output();
    };
    const text = new TextDecoder();
    const module = await load(`import "${new URL("lib/mod.ts", library)}";`);
    assert.ok(module.success, text.decode(module.stderr));
    const queue = await load(`await import("bullmq");`);
    assert.match(text.decode(queue.stderr), /loaded/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

withSecureServer(
  "runStudy and a worker speak TLS to a server with users, and neither ever writes the password",
  (server) =>
    withProject(async (project) => {
      const { url, port, authority, password } = server;
      const few = { seeds: [1], folds: { count: 1, final: false } as never };
      const local = await run(project, { ...few, name: "local" });
      const trusting = { DENO_CERT: authority };
      const study = (queue: string, environment: Record<string, string>) =>
        startScript(
          project,
          "coordinator.ts",
          [JSON.stringify({ ...few, queue }), "{}"],
          environment,
        );
      const worker = spawnWorker(server, project, trusting);
      const said: string[] = [];
      try {
        const good = await outcomeOf(study(url, trusting));
        said.push(good.out, good.errors);
        assert.equal(good.out, local.digest());
        const others: readonly (readonly [string, Record<string, string>, RegExp])[] = [
          // An authority that this machine does not know.
          [url, {}, /Cannot use the queue on rediss:\/\/localhost:\d+\/0: self-signed certificate/],
          [url.replace("w0rd", "w1rd"), trusting, /WRONGPASS/],
          // No TLS.
          [url.replace("rediss", "redis"), trusting, /Cannot use the queue on redis:/],
          // By its address, which the certificate names too.
          [url.replace("localhost", "127.0.0.1"), trusting, /^[0-9a-f]{64}$/],
        ];
        for (const [queue, environment, expected] of others) {
          await Deno.remove(`${project}/results/double`, { recursive: true });
          const { out, errors } = await outcomeOf(study(queue, environment));
          assert.match(out, expected);
          said.push(out, errors);
        }
      } finally {
        const { out, errors } = await end(worker);
        said.push(out, errors);
      }
      assert.match(said.at(-2)!, new RegExp(`Worker on rediss://localhost:${port}/0`));
      for (const secret of [password, encodeURIComponent(password), "s3cret"]) {
        assert.ok(said.every((text) => !text.includes(secret)));
      }
    }),
);
