import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../core/json.ts";
import { ruleOfStudy } from "../../statistics/select.ts";
import { specificationOf } from "../../statistics/testing/synthetic_study.ts";
import { differences, type StudyDefinition } from "../same_definition.ts";
import { checkStudyOptions, type StudyOptions } from "../options.ts";
import { lowestMean, oneStandardError, ruleFor } from "./rule.ts";
import { runStudyWith } from "../_study_course.ts";
import { doubleOptions, doubleParts, withProject } from "../_testing/parts.ts";
import { grid, points } from "../search/space.ts";

const axes = (space: StudyOptions["space"] & object) => ({
  space,
  specifications: space.points.map((point) => specificationOf(point)),
});

Deno.test("One standard error asked for where no axis has a direction is refused and says what to name (case users 4)", () => {
  const rates = axes(grid({ learningRate: [0.003, 0.01] }));
  assert.throws(
    () => ruleFor(oneStandardError("validationLoss"), rates),
    /no axis says which that is: found "learningRate" \(training\).*axes:.*smaller:.*lowestMean/,
  );
  // By default it is the lowest mean, and the axis may be named.
  const stored = ruleFor(undefined, rates);
  assert.equal(ruleOfStudy({ ...rates, select: stored }).kind, "mean");
  const named = ruleFor(oneStandardError("validationLoss", { axes: ["learningRate"] }), rates);
  assert.deepEqual(named.smaller, []);
  assert.deepEqual(ruleOfStudy({ ...rates, select: named }).axes, ["learningRate"]);
  const least = { axes: ["learningRate"], smaller: ["learningRate"] };
  const smaller = ruleFor(oneStandardError("validationLoss", least), rates);
  assert.deepEqual(ruleOfStudy({ ...rates, select: smaller }).smaller, ["learningRate"]);
  assert.throws(() => oneStandardError("validationLoss", { smaller: ["rate"] }), /some of axes/);
});

Deno.test("A rule is stored as before for strengths, and with its direction for a named size (S11)", () => {
  const made = axes(grid({ lambda: [0, 1], hiddenSize: [16, 64] }));
  assert.deepEqual(ruleFor(undefined, made), {
    kind: "oneStandardError",
    metric: "validationLoss",
    axes: ["lambda", "hiddenSize"],
  });
  assert.deepEqual(ruleOfStudy({ ...made, select: ruleFor(undefined, made) }).smaller, [
    "hiddenSize",
  ]);
  const strengths = ruleFor(oneStandardError("validationLoss", { axes: ["lambda"] }), made);
  assert.ok(!("smaller" in strengths));
  const sizes = ruleFor(oneStandardError("validationLoss", { axes: ["hiddenSize"] }), made);
  assert.deepEqual(sizes.smaller, ["hiddenSize"]);
  assert.deepEqual(ruleFor(lowestMean("validationLoss"), made).kind, "mean");
});

Deno.test("A strength may be lacking in points and be named, a size may not (case report 1)", () => {
  const made = axes(points([{ learningRate: 0.01 }, { learningRate: 0.01, lambda: 1 }, {
    learningRate: 0.01,
    hiddenSize: 16,
  }] as JsonObject[]));
  const rule = (axis: string) =>
    ruleFor(oneStandardError("validationLoss", { axes: [axis] }), made);
  assert.deepEqual(rule("lambda").axes, ["lambda"]);
  assert.throws(() => rule("hiddenSize"), /may be lacking.*found "hiddenSize"/);
});

Deno.test("Roles that a study says are checked, stored only when given, and part of its definition", () =>
  withProject(async (project) => {
    const base = doubleOptions(project, { seeds: [1] });
    const roles = { lambda: "strength", alpha: "training" } as const;
    for (
      const [given, expected] of [
        [{ beta: "size" }, /roles: unknown option "beta"/],
        [{ lambda: "penalty" }, /roles.lambda must be one of/],
      ] as const
    ) {
      assert.throws(() => checkStudyOptions({ ...base, roles: given as never }), expected);
    }
    const texts = { ...base, space: grid({ kind: ["a", "b"] as Json[] }) };
    assert.throws(
      () => checkStudyOptions({ ...texts, roles: { kind: "strength" } }),
      /only of an axis of numbers, found "a"/,
    );
    const plain = await runStudyWith(doubleParts, base);
    assert.ok(!("roles" in plain.record));
    const said = await runStudyWith(doubleParts, { ...base, name: "said", roles });
    assert.deepEqual(said.record.roles, roles);
    assert.notEqual(said.record.definitionHash, plain.record.definitionHash);
    assert.deepEqual(
      differences(plain.record as StudyDefinition, { ...plain.record, roles }),
      [`roles is not there, now ${JSON.stringify(roles)}`],
    );
  }));
