import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { readRuns } from "../records/read_runs.ts";
import { withProject } from "./_testing/parts.ts";
import { isAlive, signal, trainingProcesses, until } from "./_testing/processes.ts";
import { digestRuns } from "./digest.ts";
import { loadStudy } from "./study.ts";

const slow = { millisecondsPerStep: 15 };

/** Starts a coordinator in a folder; the doubles' usual options but for those given. */
function coordinate(
  project: string,
  options: object = {},
  specification: object = slow,
  folder = project,
) {
  return new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      `--config=${project}/deno.json`,
      "--allow-read",
      "--allow-env",
      "--allow-sys=hostname",
      `--allow-write=${project}`,
      "--allow-run=deno",
      new URL("./_testing/coordinator.ts", import.meta.url).href,
      JSON.stringify(options),
      JSON.stringify(specification),
    ],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function finish(process: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await process.output();
  const said = new TextDecoder().decode(stdout).trim();
  return { code, said: said || new TextDecoder().decode(stderr).trim() };
}

const journalOf = (project: string) => `${project}/results/double/runs.jsonl`;
const countLines = (project: string) => readRuns(journalOf(project)).length;

Deno.test("runStudy killed at random moments and started again does no finished run twice and ends with the same digest", () =>
  withProject(async (project) => {
    const undisturbed = await finish(coordinate(project, { name: "undisturbed" }));
    assert.match(undisturbed.said, /^[0-9a-f]{64}$/);
    const stream = randomStream(1, "kill -9");
    const children = new Set<number>();
    let kept: string[] = [];
    let kills = 0;
    while (kills < 6) {
      const process = coordinate(project);
      const target = kept.length + stream.integer(5);
      await until("some runs are done", () => countLines(project) >= Math.min(target, 23));
      await new Promise((resolve) => setTimeout(resolve, stream.integer(60)));
      for (const pid of await trainingProcesses(process.pid)) children.add(pid);
      process.kill("SIGKILL");
      await process.output();
      kills++;
      // Whole lines of before are there unchanged, with their durations and hosts.
      const lines = (await Deno.readTextFile(journalOf(project)).catch(() => "")).split("\n");
      lines.pop();
      assert.deepEqual(lines.slice(0, kept.length), kept);
      kept = lines;
    }
    const { code, said } = await finish(coordinate(project));
    assert.equal(code, 0);
    assert.equal(said, undisturbed.said);
    const after = (await Deno.readTextFile(journalOf(project))).split("\n");
    assert.deepEqual(after.slice(0, kept.length), kept);
    const ids = loadStudy("double", { project }).records.map(({ id }) => id);
    assert.equal(new Set(ids).size, after.length - 1);
    // Training processes end by themselves when their parent was killed.
    for (const pid of children) {
      await until(`process ${pid} has ended`, async () => !await isAlive(pid));
    }
  }));

Deno.test("a training process that hangs ends when its parent is killed", () =>
  withProject(async (project) => {
    const process = coordinate(project, {}, { mischief: "loop" });
    await until("a run hangs", async () => (await trainingProcesses(process.pid)).length === 2);
    const children = await trainingProcesses(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill("SIGKILL");
    await process.output();
    for (const pid of children) {
      await until(`process ${pid} has ended`, async () => !await isAlive(pid));
    }
  }));

for (const [name, exitCode] of [["INT", 130], ["TERM", 130]] as const) {
  Deno.test(`runStudy ends on SIG${name}, keeps finished runs, says how to go on, and goes on`, () =>
    withProject(async (project) => {
      const process = coordinate(project);
      await until("some runs are done", () => countLines(project) >= 3);
      const children = await trainingProcesses(process.pid);
      assert.ok(children.length > 0);
      // As a terminal does it: the whole group gets Ctrl-C.
      for (const pid of name === "INT" ? [...children, process.pid] : [process.pid]) {
        await signal(pid, name);
      }
      const { code, said } = await finish(process);
      assert.equal(code, exitCode);
      assert.match(said, /StudyInterrupted: Study double was interrupted: \d+ of at least 24 runs/);
      assert.match(said, /Run the same call or command again/);
      for (const pid of children) assert.equal(await isAlive(pid), false);
      const kept = countLines(project);
      assert.ok(kept >= 3 && kept < 24);
      assert.equal((await finish(coordinate(project))).code, 0);
    }));
}

Deno.test("runStudy refuses a second writer, lets it read, and lets it write afterwards", () =>
  withProject(async (project) => {
    const first = coordinate(project, {}, { millisecondsPerStep: 40 });
    await until("some runs are done", () => countLines(project) >= 2);
    const second = await finish(coordinate(project, {}, { millisecondsPerStep: 40 }));
    assert.equal(second.code, 1);
    assert.match(
      second.said,
      new RegExp(`Study "double" is being written by process ${first.pid}`),
    );
    const meanwhile = loadStudy("double", { project });
    assert.ok(meanwhile.records.length >= 2);
    const { code, said } = await finish(first);
    assert.equal(code, 0);
    const third = await finish(coordinate(project, {}, { millisecondsPerStep: 40 }));
    assert.deepEqual(third, { code: 0, said });
    assert.equal(digestRuns(readRuns(journalOf(project))), said);
  }));

Deno.test("runStudy finds its project from the root and from a folder below it", () =>
  withProject(async (project) => {
    await Deno.mkdir(`${project}/notebooks`);
    const below = await finish(coordinate(project, {}, {}, `${project}/notebooks`));
    assert.match(below.said, /^[0-9a-f]{64}$/);
    const before = await Deno.readTextFile(journalOf(project));
    const root = await finish(coordinate(project, {}, {}, project));
    assert.deepEqual(root, below);
    assert.equal(await Deno.readTextFile(journalOf(project)), before);
  }));
