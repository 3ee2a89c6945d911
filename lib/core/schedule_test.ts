/** Fails until a kind of schedule is complete; `docs/adding.md` names the files. */
import assert from "node:assert/strict";
import * as library from "../mod.ts";
import { canonicalJson } from "./json.ts";
import {
  constantSchedule,
  cosineSchedule,
  cyclicSchedule,
  idleSchedule,
  type Schedule,
  scheduleFactor,
  scheduleKinds,
  stepSchedule,
  validateSchedule,
  warmUpSchedule,
} from "./schedule.ts";

/** One of every kind, with its factors in steps 1 to 4, and the steps of a run too short for it. */
const schedules: readonly [Schedule, number[], number | null][] = [
  [constantSchedule(), [1, 1, 1, 1], null],
  [stepSchedule({ every: 2, factor: 0.5 }), [1, 1, 0.5, 0.5], 2],
  [stepSchedule({ every: 1, factor: 0, after: 2 }), [1, 1, 1, 0], 3],
  [cosineSchedule({ steps: 2, finalShare: 0.5 }), [1, 0.75, 0.5, 0.5], null],
  [cyclicSchedule({ every: 2, lowest: 0.5 }), [0.75, 0.5, 0.75, 0.5], null],
  [cyclicSchedule({ after: 2, every: 4, highest: 0.5, lowest: 0.5 }), [1, 1, 0.5, 0.5], 2],
  [
    warmUpSchedule({ steps: 2, then: stepSchedule({ every: 1, factor: 0.5 }) }),
    [0.5, 1, 1, 0.5],
    1,
  ],
];

Deno.test("every kind of schedule is exported, checked, and has its factors", () => {
  const kinds = new Set<string>(schedules.map(([{ kind }]) => kind));
  assert.deepEqual([...kinds], Object.keys(scheduleKinds));
  for (const kind of kinds) assert.ok(`${kind}Schedule` in library, `lib/mod.ts exports ${kind}`);
  for (const [schedule, factors, short] of schedules) {
    const name = canonicalJson(schedule);
    assert.deepEqual(validateSchedule("test", JSON.parse(name)), schedule);
    const refused = { ...schedule, unknown: 1 };
    assert.throws(() => validateSchedule("test", refused), /unknown option "unknown"/);
    assert.deepEqual(factors.map((_, index) => scheduleFactor(schedule, index + 1)), factors, name);
    if (short !== null) assert.match(idleSchedule(schedule, short)!, /there are \d/);
    assert.equal(idleSchedule(schedule, 1_000_000), null);
  }
  assert.deepEqual([scheduleFactor(undefined, 7), idleSchedule(undefined, 7)], [1, null]);
});

Deno.test("cyclicSchedule refuses to rise", () => {
  assert.throws(
    () => cyclicSchedule({ every: 2, highest: 0.5, lowest: 1 }),
    /cyclicSchedule: lowest must be a finite number from 0 to 0.5, found 1/,
  );
});
