import assert from "node:assert/strict";
import { syntheticStudy } from "../../statistics/testing/synthetic_study.ts";
import { modelChoice } from "./model_choice.ts";
import { selectPoints } from "./selection.ts";

const { study, runs } = syntheticStudy();
const selection = selectPoints(study, runs);
const [own] = selection.selections.filter(({ view, rule }) =>
  view === "lastStep" && rule.kind === study.select.kind
);

Deno.test("a model that nobody names is the selected point, trained on all but the final block, with the first seed", () => {
  assert.deepEqual(modelChoice(study, selection, {}), {
    point: own.selected!.point,
    fold: "final",
    seed: study.seeds[0],
  });
  const named = { point: study.space.points[3], fold: 1, seed: 2 };
  assert.deepEqual(modelChoice(study, selection, named), named);
  assert.deepEqual(modelChoice(study, selection, { fold: 2 }), {
    point: own.selected!.point,
    fold: 2,
    seed: 1,
  });
});

Deno.test("without a final block the fold must be named, and the message says which there are", () => {
  assert.throws(
    () => modelChoice({ ...study, finalFold: null }, selection, {}),
    /fold must be given, because study synthetic has no final block.* one of 0, 1, 2\./,
  );
});

Deno.test("where nothing is selected the point must be named, and the message says why", () => {
  const fewer = selectPoints(study, runs.slice(1));
  assert.throws(
    () => modelChoice(study, fewer, {}),
    /point must be given, because study synthetic selects none before its runs are all there, and 1 are missing/,
  );
  const failed = selectPoints(study, runs.map((run) => ({ ...run, status: "failed" as const })));
  assert.throws(() => modelChoice(study, failed, {}), /selects none: the runs of no point are all/);
  assert.throws(
    () => modelChoice(study, selection, { seeds: 1 } as never),
    /unknown option "seeds"/,
  );
});
