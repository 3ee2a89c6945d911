import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../core/project.ts";
import { withRedis } from "./_testing/redis_server.ts";
import { workerCommand } from "./work.ts";

const project = projectFolder(dirname(fileURLToPath(import.meta.url)));

/** What a worker says that a line for a terminal starts; it is ended when it takes runs. */
async function saidBy(line: string, redis: string): Promise<string> {
  const worker = new Deno.Command("sh", {
    args: ["-c", `exec ${line}`],
    cwd: project,
    env: {
      NO_COLOR: "1",
      PARSIMONY_REDIS: redis,
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = worker.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    if (text.includes("\n")) break;
  }
  reader.releaseLock();
  try {
    worker.kill("SIGTERM");
  } catch { /* it has ended by itself */ }
  const [errors] = await Promise.all([new Response(worker.stderr).text(), worker.status]);
  return text + errors;
}

const commandIn = (errors: string) => /^ {2}(deno run .*)$/m.exec(errors)?.[1] ?? "";

withRedis(
  "a worker refuses a folder that its task may not write, and names the command that may",
  ({ url }) =>
    withFolder(async (folder) => {
      const refusal = await saidBy(`deno task --quiet worker --folder ${folder}`, url);
      assert.match(refusal, /^Cannot keep checkpoints in .*: this process may not read there/);
      const command = commandIn(refusal);
      assert.equal(command, workerCommand({ folder, native: false }));
      assert.match(await saidBy(command, url), /^Worker on redis:.*: engine wasm, /);
    }),
);

withRedis(
  "a worker asked for native by name refuses to be another one, and names the command",
  async ({ url }) => {
    const refusal = await saidBy("deno task --quiet worker --engine native", url);
    assert.match(refusal, /^Cannot use engine "native", which was asked for by name: No BLAS may/);
    const command = commandIn(refusal);
    assert.equal(command, workerCommand({ folder: null, native: true }));
    // With the permission: a worker of this engine, or the reason why there is none.
    assert.match(
      await saidBy(command, url),
      /^(Worker on redis:.*: engine native\/|Cannot use engine "native".*: No BLAS was found)/,
    );
  },
);

Deno.test("docs/many-machines.md has the commands that the messages name", async () => {
  const page = await Deno.readTextFile(join(project, "docs", "many-machines.md"));
  for (
    const options of [
      { folder: "/shared/work", native: false },
      { folder: null, native: true },
    ]
  ) {
    assert.ok(page.includes(`\n${workerCommand(options)}\n`), workerCommand(options));
  }
});

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-worker-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
