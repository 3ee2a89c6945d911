import type { ContrastPair } from "../../statistics/contrasts.ts";
import type { Family } from "./finding.ts";

// Families that several findings declare: points against the one without the part that is studied.

/** Held-out loss at the last step. */
export function lossFamily(pairs: readonly ContrastPair[], part = "penalty"): Family {
  return {
    name: "loss",
    what: `held-out loss at the last step, minus that without ${part}`,
    short: `Held-out loss, last step, minus no ${part}`,
    pairs,
  };
}

/** Generalization gap at the last step. */
export function gapFamily(pairs: readonly ContrastPair[], part = "penalty"): Family {
  return {
    name: "gap",
    what: `gap at the last step, minus that without ${part}`,
    short: `Gap, last step, minus no ${part}`,
    quantity: "generalizationGap",
    pairs,
  };
}
