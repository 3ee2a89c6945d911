/**
 * Formulas in TeX, as Parsimony computes them; {@link ./formulas.ts} says the same in a line of text.
 *
 * @module
 */

import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";

type Formulas = { readonly [kind: string]: string | ((specification: JsonObject) => string) };

function formulaOf(formulas: Formulas, specification: JsonObject): string | null {
  const formula = entryOf(formulas, specification.kind);
  return typeof formula === "function" ? formula(specification) : formula ?? null;
}

/** The step of an optimizer without penalties. */
const optimizers: Formulas = {
  sgd: ({ momentum, nesterov }) =>
    momentum === undefined || momentum === 0
      ? String.raw`w \leftarrow w - \eta\, g`
      : nesterov === true
      ? String.raw`b \leftarrow \mu b + g, \qquad w \leftarrow w - \eta\, (g + \mu b)`
      : String.raw`b \leftarrow \mu b + g, \qquad w \leftarrow w - \eta\, b`,
  adam: String.raw`w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`,
  adamW: String
    .raw`w \leftarrow w - \eta \alpha w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`,
  rmsprop: ({ form, centered, momentum }) => {
    const square = centered === true ? "v - m^2" : "v";
    const step = form === "keras"
      ? String.raw`\frac{g}{\sqrt{${square} + \varepsilon}}`
      : String.raw`\frac{g}{\sqrt{${square}} + \varepsilon}`;
    if (momentum === undefined || momentum === 0) {
      return String.raw`w \leftarrow w - \eta\, ${step}`;
    }
    // Keras's learning rate enters the velocity, PyTorch's multiplies it.
    return form === "keras"
      ? String.raw`b \leftarrow \mu b + \eta\, ${step}, \qquad w \leftarrow w - b`
      : String.raw`b \leftarrow \mu b + ${step}, \qquad w \leftarrow w - \eta\, b`;
  },
  asgd: String.raw`w \leftarrow w - \eta\, g, \qquad \bar w = \operatorname{mean}(w)`,
};

/** The formula of an optimizer's step with its options, or null for a kind that has none here. */
export function optimizerTex(optimizer: JsonObject): string | null {
  return formulaOf(optimizers, optimizer);
}

/** What every study measures and tests by. */
export const methodTex = {
  loss: String.raw`L = -\frac{1}{T} \sum_{t=1}^{T} \ln p(x_t \mid x_{<t})`,
  gap: String.raw`\mathrm{gap} = L_{\text{held-out}} - L_{\text{training}}`,
  standardError: String.raw`\mathrm{SE} = s_L / \sqrt{K}, \qquad
    s_L^2 = \frac{1}{K - 1} \sum_{k=1}^{K} (\bar L_k - \bar L)^2`,
  correctedT: String.raw`t = \frac{\bar d}{s_d \sqrt{1/K + n_{\text{test}} / n_{\text{train}}}},
    \qquad \nu = K - 1`,
  effect: String.raw`d_z = \bar d / s_d`,
} as const;
