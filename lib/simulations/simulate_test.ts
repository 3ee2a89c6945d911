import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import stored from "../../docs/simulations.json" with { type: "json" };
import { checkStored, renderSimulations } from "./document.ts";
import { families } from "./families.ts";
import { leastCoverage, mostFalseVerdicts, simulateRow } from "./simulate.ts";

const simulation = checkStored(stored);

Deno.test("docs/simulations.json has a row for each family and number of folds", () => {
  assert.deepEqual(
    simulation.rows.map(({ family, null: hypothesis, folds }) => [family, hypothesis, folds]),
    families.flatMap(({ name, null: hypothesis, folds }) =>
      folds.map((count) => [name, hypothesis, count])
    ),
  );
  assert.ok(simulation.count >= 500);
});

for (const family of families) {
  Deno.test(`the first studies of a row come out as stored: ${family.name}, ${family.null}`, () => {
    const count = 2;
    for (const folds of family.folds) {
      const row = simulation.rows.find((each) =>
        each.family === family.name && each.null === family.null && each.folds === folds
      )!;
      const again = simulateRow(family, folds, { ...simulation, count: count * family.every });
      assert.equal(again.first, row.first.split(" ").slice(0, count).join(" "));
      assert.equal(again.correlation, row.correlation);
    }
  });
}

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
    covered !== null && !(covered.holding / covered.given >= leastCoverage)
  );
  assert.deepEqual(narrow.map(({ family, folds, covered }) => [family, folds, covered]), []);
});

Deno.test("docs/simulations.md shows the numbers of docs/simulations.json", async () => {
  const text = await Deno.readTextFile(join(projectFolder(), "docs/simulations.md"));
  assert.equal(renderSimulations(text, simulation), text);
});

Deno.test("renderSimulations refuses a document without its marks", () => {
  assert.throws(() => renderSimulations("# Simulations", simulation), /must have the marks/);
});
