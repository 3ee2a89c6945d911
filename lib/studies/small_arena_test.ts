import assert from "node:assert/strict";
import { blockedFolds } from "../data/folds.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { checkRunRecord } from "../records/check_record.ts";
import { runStudyWith } from "./_study_course.ts";
import { grid } from "./search/space.ts";
import { libraryTrainings } from "./_library_trainings.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

const executor = new URL("./_testing/small_arena_executor.ts", import.meta.url).href;
const mebi = 2 ** 20;

Deno.test("a model too large for the engine's memory fails its runs, which name the tensor, and no others", () =>
  withProject(async (project) => {
    const { specify } = smallStudy(project);
    const study = await runStudyWith({ ...libraryTrainings, executor }, {
      ...smallStudy(project),
      workers: 1,
      space: grid({ embeddingSize: [4, 65536] }),
      specify: ({ embeddingSize }) =>
        ({
          ...specify({ lambda: 0, alpha: 0 }),
          model: gruLanguageModel({ embeddingSize, hiddenSize: 24 }),
        }) as ReturnType<typeof specify>,
      baseline: { embeddingSize: 4 },
      folds: blockedFolds({ count: 2, finalShare: 0 }),
    });
    const runsOf = (embeddingSize: number) =>
      study.records.filter(({ point }) => point.embeddingSize === embeddingSize);
    for (const run of runsOf(65536)) {
      assert.equal(run.status, "failed");
      // The kernel of a GRU is [inputs, 3 · hidden].
      assert.match(
        run.error!,
        /RangeError: Cannot place a float32 tensor of shape \[65536,72\] \(18874368 bytes\)/,
      );
    }
    for (const run of runsOf(4)) {
      assert.equal(run.status, "completed");
      assert.equal(run.arenaMaximumBytes, 16 * mebi);
      checkRunRecord(run);
      assert.throws(
        () => checkRunRecord({ ...run, arenaMaximumBytes: -1 }),
        /arenaMaximumBytes must be a whole number/,
      );
      checkRunRecord({ ...run, arenaMaximumBytes: undefined });
    }
    assert.deepEqual([4, 65536].map((size) => runsOf(size).length), [2, 2]);
  }));
