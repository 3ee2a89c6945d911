import assert from "node:assert/strict";
import {
  constantSchedule,
  cosineSchedule,
  type Schedule,
  scheduleFactor,
  stepSchedule,
  warmUpSchedule,
} from "../core/schedule.ts";
import { penalties } from "../training/testing/penalties.ts";
import { isActivationPenalty, lossTermsOf } from "./activations.ts";
import type { ParameterDescription } from "./penalty.ts";
import { effectsOf, penaltyValue, validatePenalty } from "./targets.ts";

const schedules: readonly Schedule[] = [
  constantSchedule(),
  stepSchedule({ every: 2, factor: 0.5 }),
  cosineSchedule({ steps: 6, finalShare: 0.25 }),
  warmUpSchedule({ steps: 4, then: cosineSchedule({ steps: 4 }) }),
];
const kernel: ParameterDescription = {
  name: "output/kernel",
  kind: "kernel",
  layer: "output",
  shape: [2, 2],
};
const weights = Float32Array.of(0.5, -1, 0, 2);
const start = Float32Array.of(0.25, -1, 1, 2);

/** The numbers of an object, by name. */
function numbersOf(object: object | null): [string, number][] {
  return Object.entries(object ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each, index): [string, number] => [`${name} ${index}`, each])
  ).filter(([, value]) => typeof value === "number");
}

Deno.test("every penalty's strength follows every schedule, in what it does in a step and in its value", () => {
  for (const [penalty] of penalties) {
    for (const schedule of schedules) {
      const scheduled = validatePenalty({ ...penalty, schedule });
      for (const step of [1, 2, 3, 5, 9]) {
        const factor = scheduleFactor(schedule, step);
        const what = `${penalty.kind}, ${schedule.kind}, step ${step}`;
        const read = (each: typeof penalty) =>
          isActivationPenalty(each) ? numbersOf(lossTermsOf([each], step)) : [
            ...numbersOf(effectsOf([each], [kernel], step)[0]),
            ["value", penaltyValue([each], [kernel], [weights], step, () => start)] as [
              string,
              number,
            ],
          ];
        const found = new Map(read(scheduled));
        let changed = 0;
        for (const [name, plain] of read(penalty)) {
          const value = found.get(name) ?? 0;
          assert.ok(Math.abs(value - factor * plain) <= 1e-12, `${what}: ${name} is ${value}`);
          if (plain !== 0) changed++;
        }
        assert.ok(changed > 0, `${what}: it does nothing`);
      }
    }
  }
});
