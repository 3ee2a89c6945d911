import assert from "node:assert/strict";
import type { JsonObject } from "../../core/json.ts";
import { readStudyRecord } from "../../records/read_study.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { expectedRuns, planOf } from "./plan.ts";
import { pointNeeds } from "./needs.ts";
import { crossValidationRuns, refitRuns } from "./run_id.ts";

const path = new URL("../../records/_testing/study.v1.json", import.meta.url).pathname;
const stored = readStudyRecord(path)!;

/** A study of points a, b and so on, each with its teacher: a point and seeds. */
function studyOf(
  teachers: { readonly [name: string]: readonly [point: string, seeds: unknown] | null },
  changes: Partial<StudyRecord> = {},
): StudyRecord {
  const names = Object.keys(teachers);
  return {
    ...stored,
    space: { kind: "points", points: names.map((name) => ({ name })) },
    specifications: names.map((name): JsonObject => {
      const [point, seeds] = teachers[name] ?? [null, null];
      const teacher = point === null ? {} : { teacher: { point: { name: point }, seeds } };
      return { name, training: { steps: 4, ...teacher } } as JsonObject;
    }),
    seeds: [1, 2],
    baseline: null,
    ...changes,
  };
}

Deno.test("a student needs the teacher's runs on its own fold: of its seed, or of the seeds named, in their order", () => {
  const study = studyOf({ student: ["teacher", "own"], other: ["teacher", [2, 1]], teacher: null });
  const runs = crossValidationRuns(study);
  const idOf = (name: string, fold: unknown, seed: number) =>
    runs.find((run) => run.point.name === name && run.fold.index === fold && run.seed === seed)!.id;
  for (const { point, fold: { index }, seed, needs } of runs) {
    const expected = point.name === "student"
      ? [idOf("teacher", index, seed)]
      : point.name === "other"
      ? [idOf("teacher", index, 2), idOf("teacher", index, 1)]
      : null;
    assert.deepEqual(needs, expected === null ? undefined : [{ role: "teacher", ids: expected }]);
  }
  const ids = new Set(runs.map(({ id }) => id));
  assert.equal(ids.size, runs.length);
  // A teacher of another training is another one, and so is its student.
  const longer = { ...study, specifications: [...study.specifications] };
  longer.specifications[2] = { ...longer.specifications[2], more: true };
  assert.ok(
    crossValidationRuns(longer).filter(({ point }) => point.name !== "teacher")
      .every(({ id }) => !ids.has(id)),
  );
});

Deno.test("refits of a student are planned with those of its teachers, of the seeds that teach", () => {
  const study = studyOf({ second: ["first", "own"], first: ["teacher", [2]], teacher: null });
  const refits = refitRuns(study, [{ name: "second" }], []);
  const named = refits.map(({ point, seed }) => `${point.name} ${seed}`);
  assert.deepEqual(named, ["second 1", "first 1", "second 2", "first 2", "teacher 2"]);
  const byId = new Map(refits.map((run) => [run.id, run]));
  for (const { needs, fold } of refits) {
    assert.equal(fold.index, "final");
    for (const id of (needs ?? []).flatMap(({ ids }) => ids)) assert.ok(byId.has(id));
  }
  const [alone] = refitRuns(study, [{ name: "teacher" }], []);
  assert.equal(alone.point.name, "teacher");
});

Deno.test("a plan asks for a student once its teachers are completed, and never where one failed", () => {
  const study = studyOf({ second: ["first", "own"], first: ["teacher", [1, 2]], teacher: null });
  const all = crossValidationRuns(study);
  const record = (status: string) => ({ id }: { id: string }) => ({ id, status }) as RunRecord;
  const named = (records: readonly RunRecord[]) =>
    [
      ...new Set(planOf(study, records).map(({ point }) => point.name)),
    ].sort();
  const teachers = all.filter(({ point }) => point.name === "teacher");
  assert.deepEqual(named([]), ["teacher"]);
  assert.deepEqual(named(teachers.slice(1).map(record("completed"))), ["first", "teacher"]);
  const first = all.filter(({ point }) => point.name === "first");
  const done = [...teachers, ...first].map(record("completed"));
  assert.deepEqual(named(done), ["first", "second", "teacher"]);
  // What waits for others counts as expected, until one of them cannot come any more.
  assert.equal(expectedRuns(study, []).length, all.length);
  assert.equal(expectedRuns(study, done).length, all.length);
  const lost = teachers.find(({ fold, seed }) => fold.index === 0 && seed === 1)!;
  const left = expectedRuns(study, [record("diverged")(lost)]);
  assert.deepEqual(
    left.filter(({ fold }) => fold.index === 0).map(({ point }) => point.name),
    teachers.filter(({ fold }) => fold.index === 0).map(() => "teacher"),
  );
  assert.equal(left.filter(({ fold }) => fold.index === 1).length, all.length / 2);
});

Deno.test("a teacher that the study has not, a seed that it has not and circles are refused, naming the points", () => {
  const refused: readonly [StudyRecord, RegExp][] = [
    [
      studyOf({ student: ["nobody", "own"], teacher: null }),
      /training.teacher of point {"name":"student"}: its point must be one of the study's, {"name":"student"}, {"name":"teacher"}, found {"name":"nobody"}/,
    ],
    [
      studyOf({ student: ["teacher", [1, 3]], teacher: null }),
      /training.teacher of point {"name":"student"}: its seeds must be of the study's, 1, 2, found 3/,
    ],
    [
      studyOf({ a: ["a", "own"] }),
      /in a circle, found {"name":"a"} needs {"name":"a"}\./,
    ],
    [
      studyOf({ a: ["c", "own"], b: ["a", [1]], c: ["d", "own"], d: ["b", [2]], e: null }),
      /in a circle, found {"name":"a"} needs {"name":"c"} needs {"name":"d"} needs {"name":"b"} needs {"name":"a"}\./,
    ],
  ];
  for (const [study, message] of refused) {
    assert.throws(() => pointNeeds(study), message);
    assert.throws(() => crossValidationRuns(study), message);
  }
  // Two ways to one teacher are none.
  pointNeeds(studyOf({ a: ["c", "own"], b: ["a", "own"], c: null, d: ["c", "own"] }));
});

Deno.test("a warm start and a teacher in one plan: both are needed, and a circle over both is refused", () => {
  const chain = (teacher: number, student: number): StudyRecord => {
    const lambdas = [0, 1, 2];
    return studyOf({ a: null, b: null, c: null }, {
      space: { kind: "points", points: lambdas.map((lambda) => ({ lambda })) },
      strategy: { kind: "warmStartPath", axis: "lambda" },
      specifications: lambdas.map((lambda): JsonObject => ({
        lambda,
        training: lambda === student
          ? { teacher: { point: { lambda: teacher }, seeds: "own" } }
          : {},
      })),
    });
  };
  const study = chain(0, 2);
  const [first, second, third] = crossValidationRuns(study);
  assert.deepEqual(third.needs, [
    { role: "warmStart", ids: [second.id] },
    { role: "teacher", ids: [first.id] },
  ]);
  assert.throws(
    () => pointNeeds(chain(2, 1)),
    /{"lambda":1} needs {"lambda":2} needs {"lambda":1}/,
  );
});
