import assert from "node:assert/strict";
import { armsHandStudy } from "../../statistics/testing/arms_hand_study.ts";
import { syntheticStudy } from "../../statistics/testing/synthetic_study.ts";
import { selectBy, selectPoints } from "./selection.ts";

const { study, runs } = syntheticStudy();
const { summaries, selections } = selectPoints(study, runs);

Deno.test("selectBy gives what the study selects by each rule and view, by default by its own at the last step", () => {
  for (const each of selections) {
    const { rule: { kind }, view } = each;
    assert.deepEqual(selectBy(study, summaries, kind, { view }), each);
  }
  const own = selections.find(({ rule, view }) =>
    rule.kind === study.select.kind && view === "lastStep"
  );
  assert.deepEqual(selectBy(study, summaries), own);
});

Deno.test("selectBy looks at the points that it is asked to, and selects none where there are none", () => {
  const among = ({ lambda, alpha }: { lambda: number; alpha: number }) => lambda > 0 && alpha === 0;
  const { selected } = selectBy(study, summaries, "mean", { among });
  const losses = summaries.filter(({ point }) => among(point as never)).map(({ lastStep }) =>
    lastStep!.estimates.validationLoss.mean
  );
  assert.ok(losses.length > 1);
  assert.equal(selected!.lastStep!.estimates.validationLoss.mean, Math.min(...losses));
  assert.equal(selectBy(study, summaries, "mean", { among: () => false }).selected, null);
});

Deno.test("selectBy refuses other rules, views and options", () => {
  const ask = (kind: unknown, options?: object) => () =>
    selectBy(study, summaries, kind as "mean", options);
  assert.throws(ask("lowest"), /rule must be one of "mean", "oneStandardError", found "lowest"/);
  assert.throws(ask("mean", { view: "end" }), /view must be one of/);
  assert.throws(ask("mean", { only: 1 }), /unknown option "only"/);
});

Deno.test("selectBy takes the lowest mean of a study of arms at each point's best step", () => {
  const { record, records } = armsHandStudy({
    none: { points: [{ rate: 1 }, { rate: 2 }], losses: [[[[1, 1], [9, 9]]], [[[2, 2], [2, 2]]]] },
  });
  const { view, rule, selected } = selectBy(record, selectPoints(record, records).summaries);
  assert.deepEqual([view, rule.kind, selected!.point.rate], ["bestStep", "mean", 1]);
});
