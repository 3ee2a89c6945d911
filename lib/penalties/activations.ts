import { scheduleFactor } from "../core/schedule.ts";
import { activationPenalties, type ActivationPenaltySpecification } from "./kinds.ts";
import { type LossTerms, noTerms } from "./loss_terms.ts";

/** Tells penalties on what a model computes from those on its weights. */
export function isActivationPenalty(
  penalty: { readonly kind: string },
): penalty is ActivationPenaltySpecification {
  return Object.hasOwn(activationPenalties, penalty.kind);
}

/** Whether a penalty reads the outputs of the last layer, which a model of one's own does not give. */
export function readsOutputs(penalty: { readonly kind: string }): boolean {
  return isActivationPenalty(penalty) && activationPenalties[penalty.kind].reads === "outputs";
}

/**
 * What all activation penalties together add to the loss of a training batch in a step.
 *
 * @param penalties Penalties; those on weights add nothing here.
 * @param step Number of the step, from 1, for the penalties' schedules.
 * @returns The terms' coefficients, or null when all are 0.
 *
 * @example
 * ```ts
 * import { lossTermsOf } from "./activations.ts";
 * import { labelSmoothing } from "./label_smoothing.ts";
 * import { l1 } from "./l1.ts";
 * import assert from "node:assert/strict";
 * assert.equal(lossTermsOf([labelSmoothing({ strength: 0.1 })])?.labelSmoothing, 0.1);
 * assert.equal(lossTermsOf([l1({ strength: 0.1 })]), null);
 * ```
 */
export function lossTermsOf(
  penalties: readonly { readonly kind: string }[],
  step = 1,
): LossTerms | null {
  // Two penalties of one kind are refused, and no two kinds share a term.
  const terms: LossTerms = Object.assign(
    { ...noTerms },
    ...penalties.filter(isActivationPenalty).map((penalty) => {
      const own: Partial<LossTerms> = activationPenalties[penalty.kind].terms(penalty as never);
      const factor = scheduleFactor(penalty.schedule, step);
      return Object.fromEntries(
        Object.entries(own).map(([name, value]) => [
          name,
          typeof value === "number" ? value * factor : value.map((each) => each * factor),
        ]),
      );
    }),
  );
  return Object.values(terms).flat().some((coefficient) => coefficient !== 0) ? terms : null;
}

/** Refuses two activation penalties of one kind: one strength says all. */
export function checkActivationCombination(
  penalties: readonly { readonly kind: string }[],
): void {
  const kinds = penalties.filter(isActivationPenalty).map(({ kind }) => kind);
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice !== undefined) {
    throw new RangeError(
      `Cannot combine ${twice} and ${twice}: both act on the same activations. Keep one of them.`,
    );
  }
}
