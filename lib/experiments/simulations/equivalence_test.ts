import assert from "node:assert/strict";
import stored from "../../../docs/simulations.json" with { type: "json" };
import { checkStored } from "./document.ts";
import { equivalence, type EquivalenceRow, simulateRow } from "./equivalence.ts";
import { mostFalseVerdicts } from "./simulate.ts";

const kept = checkStored(stored).parts.equivalence;
const rows = kept.rows as readonly EquivalenceRow[];

Deno.test("differences at the border of a region are called equivalent in at most 5 % of studies", () => {
  assert.equal(rows.length, 27);
  for (const row of rows) {
    assert.ok(row.count >= 2000);
    assert.ok(row.atBorder.tests <= mostFalseVerdicts(row.count), equivalence.line(row));
  }
  const errors = rows.reduce((sum, { atBorder }) => sum + atBorder.tests, 0);
  assert.ok(
    errors <= mostFalseVerdicts(rows.reduce((sum, { count }) => sum + count, 0)),
    `${errors}`,
  );
});

Deno.test("without a difference a wider region is called equivalent more often, and so it is with more folds", () => {
  const power = ({ folds, width }: Partial<EquivalenceRow>) => {
    const row = rows.find((each) =>
      each.design === "one point" && each.folds === folds && each.width === width &&
      each.correlation > 0
    )!;
    return row.atZero.tests / row.count;
  };
  for (const folds of [3, 5, 10]) {
    assert.ok(power({ folds, width: 2 }) < power({ folds, width: 4 }));
    assert.ok(power({ folds, width: 4 }) < power({ folds, width: 8 }));
    assert.ok(power({ folds, width: 8 }) > 0.99);
  }
  assert.ok(power({ folds: 3, width: 4 }) < power({ folds: 5, width: 4 }));
  assert.ok(power({ folds: 5, width: 4 }) < power({ folds: 10, width: 4 }));
});

Deno.test("of one point a probability above 95 % is never given where the tests do not say equivalent", () => {
  for (const { design, atBorder, atZero } of rows) {
    if (design === "nine points") continue;
    assert.ok(atBorder.posterior <= atBorder.tests && atZero.posterior <= atZero.tests);
  }
});

Deno.test("the same studies are drawn again, and 60 of them err seldom", () => {
  const setting = { design: "one point", folds: 5, correlation: 0.2, width: 8 } as const;
  const input = { seed: kept.seed, count: 60 };
  const row = simulateRow(setting, input);
  assert.deepEqual(simulateRow(setting, input), row);
  assert.ok(row.atBorder.tests <= mostFalseVerdicts(60), `${row.atBorder.tests}`);
  assert.ok(row.atZero.tests >= 57, `${row.atZero.tests}`);
  // A region whose border is taken for larger than it is would fail here.
  const share = simulateRow({ ...setting, design: "share of early stopping" }, input);
  assert.ok(share.atBorder.tests <= mostFalseVerdicts(60) + 1, `${share.atBorder.tests}`);
});
