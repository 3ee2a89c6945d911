import { lossTermsOf } from "../penalties/activations.ts";
import type { Specification } from "./specification.ts";

/** How often a step goes through its model. */
export interface Passes {
  /** Forward passes over the batch. */
  readonly forward: number;
  /** Backward passes over it. */
  readonly backward: number;
}

/** What of a specification decides how often a step goes through its model. */
interface PassesSpecification extends Pick<Specification, "penalties"> {
  readonly training?: Pick<Specification["training"], "sharpnessRadius">;
}

/**
 * How often a step goes through its model: once forwards and once backwards, twice under `rDrop` while its
 * strength is above 0, and twice as often with `training.sharpnessRadius` above 0.
 *
 * @param step Number of the step, from 1.
 *
 * @example
 * ```ts
 * import { passesOf } from "./passes.ts";
 * import { rDrop } from "../penalties/r_drop.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(passesOf({ penalties: [] }), { forward: 1, backward: 1 });
 * const penalties = [rDrop({ strength: 1 })];
 * assert.deepEqual(passesOf({ penalties }), { forward: 2, backward: 2 });
 * ```
 */
export function passesOf({ penalties, training }: PassesSpecification, step = 1): Passes {
  const ofLoss = lossTermsOf(penalties, step)?.rDrop ? 2 : 1;
  const passes = training?.sharpnessRadius ? 2 * ofLoss : ofLoss;
  return { forward: passes, backward: passes };
}

/** Passes of each kind a step, on average over the first steps of a training. */
export function meanPasses(specification: PassesSpecification, steps: number): Passes {
  const scheduled = specification.penalties.some((penalty) =>
    penalty.kind === "rDrop" && penalty.schedule !== undefined
  );
  if (!scheduled || steps === 0) return passesOf(specification);
  let forward = 0, backward = 0;
  for (let step = 1; step <= steps; step++) {
    const passes = passesOf(specification, step);
    forward += passes.forward;
    backward += passes.backward;
  }
  return { forward: forward / steps, backward: backward / steps };
}
