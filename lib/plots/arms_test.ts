import assert from "node:assert/strict";
import { compareArms } from "../statistics/compare_arms.ts";
import {
  armsHandStudy,
  type HandArm,
  type HandLoss,
} from "../statistics/testing/arms_hand_study.ts";
import { armsChart, plotArms } from "./arms.ts";

const all = (choosing: number, ...heldOut: number[]): HandLoss[] =>
  heldOut.map((loss) => [choosing, loss]);
const bad = all(5, 9, 9, 9, 9);
const points = [{ x: 1 }, { x: 2 }];
const none: HandArm = { points, losses: [all(1, 2.0, 2.2, 2.1, 2.3), bad] };
const decay: HandArm = { points, losses: [bad, all(1, 1.8, 1.9, 1.9, 2.0)] };
const dropout: HandArm = { points, losses: [all(1, 2.1, 2.1, 2.2, 2.2), bad] };

Deno.test("plotArms draws each fold, mean and interval; full only where the verdict is that arms differ", () => {
  const chart = armsChart(compareArms(armsHandStudy({ none, decay, dropout })));
  assert.equal(chart.title, "On this text decay is lower than none");
  assert.deepEqual(chart.panels.map(({ title }) => title), [
    "Against the parent",
    "Other pairs: no verdict",
  ]);
  const lines = chart.panels.map(({ layers }) => layers.filter(({ kind }) => kind === "line"));
  assert.deepEqual(
    lines.map((each) => each.map((line) => (line as { hollow?: readonly boolean[] }).hollow)),
    [[[false], [true]], [[true]]],
  );
  const dots = chart.panels[0].layers.filter(({ kind }) => kind === "marks");
  assert.deepEqual(
    (dots[0] as { y: readonly number[] }).y.map((value) => Number(value.toFixed(9))),
    [-0.2, -0.3, -0.2, -0.3],
  );
});

Deno.test("plotArms draws withheld verdicts hollow, and arms without a test not at all", () => {
  const edge: HandArm = {
    ...decay,
    dimensions: { x: { kind: "linear", from: 0.5, to: 2.1 } },
  };
  const withheld = armsChart(compareArms(armsHandStudy({ none, decay: edge })));
  assert.match(withheld.title, /no arm is shown to differ; verdicts are withheld/);
  assert.match(withheld.alt, /verdict withheld/);
  const { record, records } = armsHandStudy({ none, decay });
  const open = plotArms(compareArms({ record, records: records.slice(1) }));
  assert.match(open.alt, /decay minus none: not tested/);
  assert.match(open.svg(), /<svg/);
});
