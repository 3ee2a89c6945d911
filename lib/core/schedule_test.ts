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
import { piecewiseLinearSchedule, type SchedulePoint } from "./piecewise_linear_schedule.ts";
import interpolated from "./_reference/schedules.json" with { type: "json" };

/** One of every kind, with its factors in steps 1 to 4, and the steps of a run too short for it. */
const schedules: readonly [Schedule, number[], number | null][] = [
  [constantSchedule(), [1, 1, 1, 1], null],
  [stepSchedule({ every: 2, factor: 0.5 }), [1, 1, 0.5, 0.5], 2],
  [stepSchedule({ every: 1, factor: 0, after: 2 }), [1, 1, 1, 0], 3],
  [cosineSchedule({ steps: 2, finalShare: 0.5 }), [1, 0.75, 0.5, 0.5], null],
  [cyclicSchedule({ every: 2, lowest: 0.5 }), [0.75, 0.5, 0.75, 0.5], null],
  [cyclicSchedule({ after: 2, every: 4, highest: 0.5, lowest: 0.5 }), [1, 1, 0.5, 0.5], 2],
  [piecewiseLinearSchedule({ steps: 4, points: [[0.25, 1], [0.5, 3], [1, 0]] }), [1, 1, 3, 1.5], 3],
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

Deno.test("piecewiseLinearSchedule has the values of numpy.interp", () => {
  assert.match(interpolated.versions.numpy, /^\d+\.\d+/);
  for (const { steps, points, factors } of interpolated.cases) {
    const schedule = piecewiseLinearSchedule({
      steps,
      points: points as unknown as SchedulePoint[],
    });
    factors.forEach((factor, index) => {
      const found = scheduleFactor(schedule, index + 1);
      assert.ok(Math.abs(found - factor) <= 1e-14 * Math.max(1, factor), `step ${index + 1}`);
    });
  }
});

Deno.test("piecewiseLinearSchedule refuses points that are none, that fall back, and factors below 0", () => {
  const refusals: [unknown, RegExp][] = [
    [[[0, 1]], /points must be a list of 2 to 1000 points \[share, factor\], found/],
    [[[0, 1], [1]], /points\[1\] must be a point \[share, factor\], found \[1\]/],
    [[[0, 1], [1.5, 1]], /points\[1\]: share must be a finite number from 0 to 1, found 1.5/],
    [[[0.5, 1], [0.5, 2]], /points\[1\]: share must be above .*, 0.5, found 0.5/],
    [[[0, 1], [1, -1]], /points\[1\]: factor must be a finite number from 0, found -1/],
    [[[0, 1], [1, NaN]], /points\[1\]: factor .* found NaN/],
  ];
  for (const [points, message] of refusals) {
    assert.throws(() => piecewiseLinearSchedule({ steps: 10, points: points as never }), message);
  }
  assert.throws(() => piecewiseLinearSchedule({ steps: 0, points: [[0, 1], [1, 0]] }), /from 1/);
});
