import assert from "node:assert/strict";
import { join } from "node:path";
import { childEnvironment } from "../../core/runtime/deno_program.ts";
import { type ChildOptions, childPermissions, startChild } from "./_child_process.ts";
import type { FromChild } from "./protocol.ts";
import { withProject } from "../_testing/parts.ts";

/** Variables that a training process has, whatever it may see of them. */
const usual =
  /^(DENO_\w+|HOME|XDG_\w+|PATH|TMPDIR|TMP|TEMP|LOCALAPPDATA|USERPROFILE|SystemRoot|NPM_CONFIG_REGISTRY|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY|NO_COLOR|\w+_NUM_THREADS|VECLIB_MAXIMUM_THREADS)$/;

/** A module in place of the training that throws what it sees of the environment. */
const spying = `export function executeRun() {
  throw new Error("environment " + JSON.stringify(Deno.env.toObject()));
}
`;

async function environmentOf(project: string, changes: Partial<ChildOptions>) {
  const executor = join(project, "spy.ts");
  await Deno.writeTextFile(executor, spying);
  const { promise, resolve, reject } = Promise.withResolvers<FromChild>();
  const options = { project, writable: null, native: false, heapMegabytes: null };
  const child = startChild({ ...options, executor: `file://${executor}`, ...changes }, {
    message(message) {
      if (message.type !== "ready") return resolve(message);
      child.send({ type: "run", request: { id: "0" } as any });
    },
    log: () => {},
    exit: (reason) => reject(new Error(reason)),
  });
  const message = await promise;
  await child.stop(1);
  assert.equal(message.type, "threw");
  return JSON.parse(
    (message as { message: string }).message.replace(/^Error: environment /, ""),
  ) as Record<string, string>;
}

Deno.test("a training process inherits what it needs to start, and no address of a queue, key or path of a loader", () =>
  withProject(async (project) => {
    const secrets = {
      PARSIMONY_REDIS: "redis://me:secret@example.org",
      AWS_SECRET_ACCESS_KEY: "secret",
      LD_LIBRARY_PATH: "/nowhere",
      PARSIMONY_BLAS: "/nowhere/libblas.so",
    };
    const before = Deno.env.toObject();
    for (const [name, value] of Object.entries(secrets)) Deno.env.set(name, value);
    try {
      const plain = await environmentOf(project, {});
      assert.deepEqual(Object.keys(plain).filter((name) => !usual.test(name)), []);
      assert.equal(plain.OPENBLAS_NUM_THREADS, "1");
      assert.equal(plain.PATH, before.PATH);
      const { env, clearEnv } = childEnvironment({}, { native: true });
      assert.equal(clearEnv, true);
      assert.deepEqual(
        Object.keys(env).filter((name) => Object.hasOwn(secrets, name)).sort(),
        ["LD_LIBRARY_PATH", "PARSIMONY_BLAS"],
      );
    } finally {
      for (const name of Object.keys(secrets)) {
        if (before[name] === undefined) Deno.env.delete(name);
        else Deno.env.set(name, before[name]);
      }
    }
  }));

Deno.test("a process that may not see where Deno's cache is passes its environment on, without the queue's address", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-config", "--no-prompt", "--allow-read", "--allow-run"],
      "data:text/typescript," + encodeURIComponent(
        `import { childEnvironment } from "${new URL(
          "../../core/runtime/deno_program.ts",
          import.meta.url,
        )}";
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["eval", "console.log(JSON.stringify(Deno.env.toObject()))"],
          ...childEnvironment(),
        }).output();
        await Deno.stdout.write(stdout);`,
      ),
    ],
    env: { PARSIMONY_REDIS: "redis://me:secret@example.org", SOME_OTHER: "there" },
  }).output();
  const { PARSIMONY_REDIS, SOME_OTHER } = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual({ PARSIMONY_REDIS, SOME_OTHER }, { PARSIMONY_REDIS: "", SOME_OTHER: "there" });
});

Deno.test("every program that studies, trainings and the core start has a cleared environment", async () => {
  const found: string[] = [];
  for (
    const room of [
      "core",
      "studies",
      "studies/storage",
      "studies/pool",
      "studies/pool/queue",
      "training",
      "verification",
      "data",
    ]
  ) {
    const folder = new URL(`../../${room}/`, import.meta.url);
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || name.endsWith("_test.ts")) continue;
      const code = await Deno.readTextFile(new URL(name, folder));
      for (const part of code.split(/(?:startProgram|runProgram|Deno\.Command)\(/).slice(1)) {
        const options = part.slice(0, part.indexOf(");\n"));
        found.push(`${room}/${name}: ${options.includes("...childEnvironment(")}`);
      }
    }
  }
  assert.deepEqual(found.sort(), [
    "core/module_graph.ts: true",
    "studies/_seal_own_parts.ts: true",
    "studies/pool/_child_process.ts: true",
    "studies/storage/provenance.ts: true",
  ]);
});

Deno.test("code of others gets a copy to read, packages that are there, and nothing else; never native libraries", () => {
  const options = { project: "/copy", writable: null, executor: null, heapMegabytes: null };
  const caged = { ...options, copyOf: "/project" };
  const flags = childPermissions({ ...caged, native: false });
  const [read, ...more] = flags.filter((flag) => flag.startsWith("--allow"));
  assert.match(read, /^--allow-read=\/copy,/);
  assert.ok(!read.split("=")[1].split(",").includes("/project"));
  assert.deepEqual(more, []);
  assert.ok(
    ["--cached-only", "--deny-import", "--ignore-env"].every((flag) => flags.includes(flag)),
  );
  assert.throws(() => childPermissions({ ...caged, native: true }), /never given native libraries/);
  const own = childPermissions({ ...options, native: false });
  assert.deepEqual(
    own.filter((flag) => flag.startsWith("--allow") && !flag.startsWith("--allow-read")),
    ["--allow-write=/copy/.temporary/tokens,/copy/.temporary/documents", "--allow-sys=hostname"],
  );
});
