import assert from "node:assert/strict";
import { generateStudy, shapes } from "../studies/testing/generated_studies.ts";
import { definitionProblems } from "./_definition.ts";

Deno.test("a region of equivalence that was changed, added or left out later is found by the definition's hash", async () => {
  const { record } = await generateStudy("region", shapes.region);
  assert.deepEqual(definitionProblems(record, "region"), []);
  const { equivalence: _, ...without } = record;
  for (const changed of [without, { ...record, equivalence: { nats: 0.03 } }]) {
    const problems = definitionProblems(changed, "region");
    assert.match(
      problems.join(),
      /^definitionHash is "[0-9a-f]{64}", the definition gives "?[0-9a-f]{64}/,
    );
  }
  const other = { ...record, equivalence: { nats: 0.02, note: "x" } } as unknown as typeof record;
  assert.match(definitionProblems(other, "region").join(), /the format has no "equivalence\.note"/);
});
