import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { describeStudents, describeTeachers } from "./describe_teachers.ts";
import { findings } from "./findings.ts";
import { handStudy } from "./testing/hand_study.ts";

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
    "2 settings learn from size = 8 besides the text: from the run of their own seed on the same fold, so " +
    "trained on the same text, which makes 0.25 and 0.5 of their training loss at temperature 1 and 4.",
    "1 setting learns from size = 4 besides the text: from the run of seed 3 on the same fold, so trained on " +
    "the same text, which makes 1 of its training loss at temperature 1.",
    "5 settings learn from size = 8 besides the text: from the mean of the logits of seeds 3 and 1 on the same " +
    "fold, so trained on the same text, which makes 0.1 to 0.5 of their training loss at temperature 1.",
  ]);
});

Deno.test("each setting with a teacher is held against the point that is the same without one", () => {
  const points = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }, { lambda: 3 }];
  const { study, runs } = handStudy({
    points,
    folds: 3,
    seeds: [1],
    runs: (index, fold) => [[10, 1, 2 + fold / 10 + [0, -0.5 + fold / 100, 0.1, 0][index]]],
  });
  const teacher = {
    point: points[0],
    seeds: "own",
    share: 0.5,
    temperature: 1,
    mean: "probabilities",
  };
  const [plain] = study.specifications;
  const taughtBy = (changes: JsonObject) => ({
    ...plain,
    training: { ...plain.training as JsonObject, teacher: { ...teacher, ...changes } },
  });
  const record = {
    ...study,
    specifications: [
      plain,
      taughtBy({}),
      taughtBy({ share: 0.9 }),
      // Another model, of which there is none without a teacher.
      { ...taughtBy({}), model: { kind: "other" } },
    ],
  } as typeof study;
  const shown = findings(record, runs);
  assert.deepEqual(
    shown.taught!.compared.map(({ terms, folds }) => [
      terms.map(({ point }) => point),
      folds.map(({ value }) => Math.round(1000 * value)),
    ]),
    [[[points[1], points[0]], [-500, -490, -480]], [[points[2], points[0]], [100, 100, 100]]],
  );
  const said = describeStudents(shown)!;
  assert.match(
    said,
    /^Of 2 settings with a teacher, each against its control, .* 1 has a lower validation loss than that at the last step; 1 is shown to .*Holm over 2, /,
  );
  assert.match(said, /lowest of them .* is λ = 1 against λ = 0: a difference of −0\.490 nats per /);
  assert.match(said, /1 setting with a teacher has no control: no point is the same in all else/);
  assert.equal(describeStudents(findings(study, runs)), null);

  // What lacks a run is not said to be no better.
  const without = (lambda: number) =>
    describeStudents(
      findings(record, runs.filter(({ point, fold }) => point.lambda !== lambda || fold !== 2)),
    )!;
  assert.match(without(1), /^Of 1 setting with a teacher, .* none has a lower validation loss/);
  assert.match(
    without(1),
    /1 setting with a teacher is not compared, as it or its control lacks runs\./,
  );
  assert.match(
    without(0),
    /^2 settings with a teacher are not compared, as they or their controls lack runs\. 1 setting/,
  );
});
