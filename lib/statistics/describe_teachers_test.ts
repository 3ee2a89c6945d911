import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { describeTeachers } from "./describe_teachers.ts";

const taught = (teacher: JsonObject): JsonObject => ({ training: { steps: 4, teacher } });

Deno.test("teachers are described one a sentence, with shares and temperatures as lists or ranges", () => {
  const point = { size: 8 };
  const rest = { temperature: 1, mean: "probabilities" };
  assert.deepEqual(describeTeachers({ specifications: [{ training: { steps: 4 } }, {}] }), []);
  const specifications = [
    { training: { steps: 4 } },
    taught({ point, seeds: "own", share: 0.5, ...rest }),
    // One teacher has no mean, whatever is said of it.
    taught({ point, seeds: "own", share: 0.25, ...rest, mean: "logits", temperature: 4 }),
    taught({ point: { size: 4 }, seeds: [3], share: 1, ...rest }),
    ...[0.1, 0.2, 0.3, 0.4, 0.5].map((share) =>
      taught({ point, seeds: [3, 1], share, ...rest, mean: "logits" })
    ),
  ];
  assert.deepEqual(describeTeachers({ specifications }), [
    "2 settings learn from size = 8 beside the text: from the run of their own seed on the same fold, so " +
    "trained on the same text, which makes 0.25 and 0.5 of their training loss at temperature 1 and 4.",
    "1 setting learns from size = 4 beside the text: from the run of seed 3 on the same fold, so trained on " +
    "the same text, which makes 1 of its training loss at temperature 1.",
    "5 settings learn from size = 8 beside the text: from the mean of the logits of seeds 3 and 1 on the same " +
    "fold, so trained on the same text, which makes 0.1 to 0.5 of their training loss at temperature 1.",
  ]);
});
