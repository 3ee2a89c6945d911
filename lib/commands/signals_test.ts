import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { blockedFolds } from "../data/folds.ts";
import { logSpace } from "../studies/search/space.ts";
import { generateStudy } from "../studies/testing/generated_studies.ts";
import { of, type Shape } from "../studies/testing/shapes/parts.ts";
import { cliIn, type Started, startIn } from "./_testing/cli.ts";

/** Writes a study of a shape into a project, and returns its folder. */
async function writeStudy(project: string, name: string, shape: Shape): Promise<string> {
  const { record, records } = await generateStudy(name, shape);
  const folder = join(project, "results", name);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "study.json"), `${JSON.stringify(record, null, 2)}\n`);
  const lines = records.map((run) => `${JSON.stringify(run)}\n`);
  await Deno.writeTextFile(join(folder, "runs.jsonl"), lines.join(""));
  return folder;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends a signal, and returns the exit code and the seconds that the end took. */
async function interrupt(child: Started, signal: Deno.Signal) {
  const start = performance.now();
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
  const { code } = await child.status;
  return { code, seconds: (performance.now() - start) / 1000 };
}

/** All files below a folder by their path, in base64. */
async function filesBelow(folder: string): Promise<{ [path: string]: string }> {
  const found: { [path: string]: string } = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) Object.assign(found, await filesBelow(path));
    else found[path] = (await Deno.readFile(path)).toBase64();
  }
  return found;
}

Deno.test("F6: Ctrl-C and SIGTERM end report and verify of 5,000 points in under 2 s, with code 130 and no file written", () =>
  withTemporaryProject(async (project) => {
    const strengths = (count: number, to: number) => [0, ...logSpace(to / 1e4, to, count - 1)];
    const folder = await writeStudy(project, "large", {
      options: of({ lambda: strengths(100, 1e-2), alpha: strengths(50, 1) }, {
        folds: blockedFolds({ count: 2 }),
        seeds: [1],
      }),
      refits: "none",
    });
    const before = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(before, ["runs.jsonl", "study.json"]);
    const moments = [
      ["report", "SIGINT", 0.7],
      ["report", "SIGTERM", 2.5],
      ["verify", "SIGTERM", 1.2],
      ["verify", "SIGINT", 2.5],
    ] as const;
    for (const [command, signal, after] of moments) {
      const child = await startIn(project, command, "large");
      await pause(after * 1000);
      const { code, seconds } = await interrupt(child, signal);
      const what = `${command}, ${signal} after ${after} s: code ${code}, ${seconds.toFixed(2)} s`;
      // Alone they take ten times as long.
      assert.equal(code, 130, what);
      assert.ok(seconds < 2, what);
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), before, what);
    }
  }));

Deno.test("F6: a report that is interrupted, early or near its end, is the old one or the new one, with its figures", () =>
  withTemporaryProject(async (project) => {
    const shape = (last: number): Shape => ({
      options: of({ alpha: [0, last] }, { folds: blockedFolds({ count: 2 }), seeds: [1] }),
      refits: "none",
    });
    const versions: { [path: string]: string }[] = [];
    let folder = "";
    const start = performance.now();
    for (const last of [0.3, 1]) {
      folder = await writeStudy(project, "small", shape(last));
      const { code } = await (await cliIn(project, "report", "small")).output();
      assert.equal(code, 0);
      versions.push(await filesBelow(folder));
    }
    const duration = (performance.now() - start) / 2;
    const [old, due] = versions;
    const groups = [["report.html"], Object.keys(due).filter((path) => /\.(?:md|png)$/.test(path))]
      .map((paths) => paths.map((path) => path.startsWith(folder) ? path : join(folder, path)));
    assert.ok(groups[1].length > 4);
    let interrupted = 0;
    for (const part of [0.5, 0.9]) {
      for (const [path, content] of Object.entries(old)) {
        await Deno.mkdir(dirname(path), { recursive: true });
        if (!/(?:jsonl|json)$/.test(path)) {
          await Deno.writeFile(path, Uint8Array.fromBase64(content));
        }
      }
      const child = await startIn(project, "report", "small");
      await pause(duration * part);
      const { code } = await interrupt(child, "SIGINT");
      if (code !== 0) interrupted++;
      const now = await filesBelow(folder);
      assert.deepEqual(Object.keys(now).sort(), Object.keys(old).sort());
      for (const paths of groups) {
        const are = (version: { [path: string]: string }) =>
          paths.every((path) => now[path] === version[path]);
        assert.ok(are(old) || are(due), `${paths.join(", ")} after ${part} of its time`);
      }
    }
    assert.ok(interrupted > 0);
  }));
