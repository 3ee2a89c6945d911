import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFolder } from "../../core/project.ts";
import stored from "../../../docs/simulations.json" with { type: "json" };
import reference from "./_reference/rows.json" with { type: "json" };
import { checkStored, renderSimulations } from "./document.ts";
import { families } from "./families.ts";
import { leastCovered, mostFalseVerdicts, simulateRow } from "./simulate.ts";

const simulation = checkStored(stored);

Deno.test("docs/simulations.json has a row for each family and number of folds", () => {
  assert.deepEqual(
    simulation.rows.map(({ family, null: hypothesis, folds }) => [family, hypothesis, folds]),
    families.flatMap(({ name, null: hypothesis, folds }) =>
      folds.map((count) => [name, hypothesis, count])
    ),
  );
  assert.ok(simulation.count >= 300);
});

for (const family of families) {
  Deno.test(`the first studies of a row come out as stored: ${family.name}, ${family.null}`, () => {
    const count = 2;
    for (const folds of family.folds) {
      const row = simulation.rows.find((each) =>
        each.family === family.name && each.null === family.null && each.folds === folds
      )!;
      const again = simulateRow(family, folds, { ...simulation, count: count / family.times });
      assert.equal(again.first, row.first.split(" ").slice(0, count).join(" "));
      assert.equal(again.correlation, row.correlation);
    }
  });
}

Deno.test("what a row may show is worked out by hand", () => {
  // 5 % of 1900 are 95, one simulation error is √(1900 · 0.05 · 0.95) = 9.5.
  assert.ok(Math.abs(mostFalseVerdicts(1900) - 114) < 1e-9);
  assert.ok(Math.abs(leastCovered(1900) - 0.93 * 1900) < 1e-9);
  // Of 19: 95 % are 18.05, one error is 0.95.
  assert.ok(Math.abs(leastCovered(19) - 16.15) < 1e-9);
});

Deno.test("no family that the library claims exceeds 5 % false verdicts by more than two simulation errors", () => {
  const claimed = simulation.rows.filter(({ family, null: hypothesis }) =>
    families.find((each) => each.name === family && each.null === hypothesis)!.claimed
  );
  const wrong = claimed.filter(({ falseVerdicts, count }) =>
    falseVerdicts !== null && !(falseVerdicts <= mostFalseVerdicts(count))
  );
  assert.deepEqual(
    wrong.map(({ family, folds, falseVerdicts }) => [family, folds, falseVerdicts]),
    [],
  );
  const narrow = claimed.filter(({ covered }) =>
    covered !== null && !(covered.holding >= leastCovered(covered.given))
  );
  assert.deepEqual(narrow.map(({ family, folds, covered }) => [family, folds, covered]), []);
});

Deno.test("rows agree with 20,000 studies of a program of their own in NumPy", () => {
  const shares = (
    stored: number | null,
    expected: number | null,
    count: number,
    where: string,
  ) => {
    assert.equal(stored === null, expected === null, where);
    if (stored === null || expected === null) return;
    const error = Math.sqrt(expected * (1 - expected) * (1 / count + 1 / reference.studies));
    assert.ok(Math.abs(stored / count - expected) <= 4 * error, `${where}: ${stored / count}`);
  };
  for (const { family, folds, falseVerdicts, plainFalseVerdicts } of reference.rows) {
    const row = simulation.rows.find((each) =>
      each.family === family && each.folds === folds && each.null === "this text"
    )!;
    shares(row.falseVerdicts, falseVerdicts, row.count, `${family}, ${folds} folds`);
    shares(row.plainFalseVerdicts, plainFalseVerdicts, row.count, `${family}, ${folds}, plain`);
  }
  assert.equal(reference.rows.length, 36);
});

Deno.test("docs/simulations.md shows the numbers of docs/simulations.json", async () => {
  const text = await Deno.readTextFile(join(projectFolder(), "docs/simulations.md"));
  assert.equal(renderSimulations(text, simulation), text);
});

Deno.test("renderSimulations refuses a document without its marks", () => {
  assert.throws(() => renderSimulations("# Simulations", simulation), /must have the marks/);
});
