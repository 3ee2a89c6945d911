import { type Check, value } from "./_fields.ts";

/**
 * Differences of the loss that a study declares, before its runs, to be too small to matter: those from −δ to +δ.
 * δ is so many `nats` per token; so many `bits` per byte or character where losses are in bits; or the
 * `shareOfEarlyStopping`, of what early stopping of the baseline gains.
 */
export type EquivalenceRecord =
  | { readonly nats: number }
  | { readonly bits: number }
  | { readonly shareOfEarlyStopping: number };

/** Names by which δ is declared, with the largest number that each may have. */
export const equivalenceNames: { readonly [name: string]: number } = {
  nats: Number.MAX_VALUE,
  bits: Number.MAX_VALUE,
  shareOfEarlyStopping: 1,
};

/** What a region read from JSON must be. */
export const equivalence: Check = value(
  "an object with nats or bits above 0, or shareOfEarlyStopping above 0 and at most 1, and nothing else",
  (found) => {
    const [[name, number] = [], ...others] = Object.entries(Object(found));
    return name !== undefined && others.length === 0 && Object.hasOwn(equivalenceNames, name) &&
      typeof number === "number" && number > 0 && number <= equivalenceNames[name];
  },
);
