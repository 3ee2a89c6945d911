import assert from "node:assert/strict";
import { useEngine } from "../engine/engine.ts";
import { checkStudyOptions } from "./options.ts";
import { runStudy } from "./run_study.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

Deno.test("runStudy has the same ids and numbers whatever the threads, and on one alone", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, { threads: 1 }));
    const options = { workers: 4, shareRuns: false };
    for (const threads of [2, 3, "auto"] as const) {
      const again = await runStudy(
        smallStudy(project, { name: `of-${threads}`, threads, ...options }),
      );
      assert.equal(again.digest(), study.digest());
      assert.equal(again.record.engine, "wasm");
    }
  }));

const native = (await useEngine("native")).name === "native";

Deno.test({
  name: `runStudy of native with threads is of the engine blocked${
    native ? "" : " (skipped: no BLAS)"
  }`,
  ignore: !native,
  fn: () =>
    withProject(async (project) => {
      const one = await runStudy(
        smallStudy(project, { name: "one", engine: "native", threads: 1 }),
      );
      assert.match(one.record.engine, /^blocked\//);
      assert.ok(one.records.every(({ engine }) => engine === one.record.engine));
      const two = await runStudy(
        smallStudy(project, { name: "two", engine: "blocked", threads: 2, shareRuns: false }),
      );
      assert.equal(two.digest(), one.digest());
      await assert.rejects(
        runStudy(smallStudy(project, { name: "one", engine: "native" })),
        /another|different|differs|engine/,
      );
    }),
});

Deno.test("runStudy refuses threads that no run could have", () => {
  const refused: [object, RegExp][] = [
    [{ threads: 0 }, /runStudy: threads must be/],
    [{ threads: "all" }, /runStudy: threads must be "auto" or an integer .*, found "all"/],
    [
      { threads: 3, workers: 2 },
      /threads must be at most workers, 2, because each thread of .* found 3/,
    ],
    [{ threads: 2, workers: 2, engine: "cpu" }, /threads must be left out with engine "cpu"/],
    [
      { threads: 2, workers: 2, queue: "redis://127.0.0.1:1" },
      /threads must be left out with queue, whose workers have their own \(--threads\), found 2/,
    ],
  ];
  for (const [change, expected] of refused) {
    assert.throws(() => checkStudyOptions(smallStudy("/p", change)), expected);
  }
});
