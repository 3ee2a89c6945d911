import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";

const optimizerFormulas: { readonly [kind: string]: (optimizer: JsonObject) => string } = {
  sgd: ({ momentum, nesterov }) =>
    momentum === undefined || momentum === 0
      ? "w ← w − η g"
      : nesterov === true
      ? "b ← μ b + g, w ← w − η (g + μ b), Nesterov's momentum"
      : "b ← μ b + g, w ← w − η b",
  adam: () => "w ← w − η m̂ / (√v̂ + ε), Kingma and Ba 2015",
  rmsprop: ({ form, centered }) =>
    (form === "keras"
      ? "w ← w − η g / √(v + ε), ε inside the root as in Keras"
      : "w ← w − η g / (√v + ε), ε outside the root as in PyTorch") +
    (centered === true ? ", v about the mean gradient" : ""),
  asgd: () =>
    "w ← w − η g; the mean of the weights since averaging began is what is measured and kept",
  adamW: () =>
    "Adam with decoupled decay w ← w − η α w, Loshchilov and Hutter 2019, decay scaled by η",
};

/** The optimizer's step in one line. */
export function optimizerFormula(optimizer: JsonObject): string {
  return entryOf(optimizerFormulas, optimizer.kind)?.(optimizer) ?? "see its definition";
}
