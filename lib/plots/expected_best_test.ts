import assert from "node:assert/strict";
import { armsHandStudy, type HandArm } from "../statistics/testing/arms_hand_study.ts";
import { plotExpectedBest } from "./expected_best.ts";

const arm = (shift: number, status?: HandArm["status"]): HandArm => ({
  draw: "random",
  points: [{ x: 1 }, { x: 2 }],
  losses: [[[1, 3 + shift], [1, 2 + shift]], [[2, 5 + shift], [2, 4 + shift]]],
  status,
});

Deno.test("plotExpectedBest draws a line for each arm, from the mean of its points to its best", () => {
  const figure = plotExpectedBest(
    armsHandStudy({
      none: arm(0),
      decay: arm(-1),
      untuned: { ...arm(0), points: [{}], losses: [[[1, 2], [1, 2]]] },
    }),
    { estimator: "unbiased" },
  );
  const lines = figure.chart.panels[0].layers as readonly { name: string; y: readonly number[] }[];
  assert.deepEqual(lines.map(({ name, y }) => [name, y]), [["none", [3.5, 2.5]], ["decay", [
    2.5,
    1.5,
  ]]]);
  assert.equal(
    figure.chart.title,
    "Expected loss of the best of 2 points: none 2.500, decay 1.500",
  );
  assert.match(figure.svg(), /points tried/);
});

Deno.test("plotExpectedBest leaves out what points that diverged make unknown, and says so", () => {
  const diverged = (point: number) => point === 1 ? "diverged" as const : "completed" as const;
  const source = armsHandStudy({ none: arm(0), decay: arm(-1, diverged) });
  const { alt } = plotExpectedBest(source);
  assert.match(alt, /decay: none, because points diverged/);
  const all = armsHandStudy({ none: arm(0, () => "diverged"), decay: arm(-1, () => "diverged") });
  assert.match(plotExpectedBest(all).svg(), /leave no expectation/);
});
