/**
 * Formulas in TeX, as Parsimony computes them; {@link ./formulas.ts} says the same in a line of text.
 *
 * @module
 */

import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";

/** The formula of an optimizer's step with its options, or null for a kind that has none here. */
export function optimizerTex(optimizer: JsonObject): string | null {
  return entryOf(optimizerKinds, optimizer.kind)?.tex(optimizer) ?? null;
}

/** What every study measures and tests by. */
export const methodTex = {
  loss: String.raw`L = -\frac{1}{n} \sum_{t=1}^{n} \ln p(x_t \mid x_{<t})`,
  distillation: String.raw`J = (1 - a) L + a \tau^2 \frac{1}{n} \sum_{t=1}^{n} \sum_v
    q^{(\tau)}_{tv} \ln \frac{q^{(\tau)}_{tv}}{p^{(\tau)}_{tv}}, \qquad
    p^{(\tau)} = \operatorname{softmax}(l / \tau)`,
  adapters: String.raw`W = W_0 + \frac{\alpha}{r} A B, \qquad A \in \mathbb{R}^{d \times r}, \quad
    B \in \mathbb{R}^{r \times k}, \quad B_{\text{first}} = 0`,
  rateOfBlock: String.raw`\eta_l = \eta f^{m - l}, \qquad l = m \text{ after the last block}`,
  gap: String.raw`\mathrm{gap} = L_{\text{held-out}} - L_{\text{training}}`,
  standardError: String.raw`\mathrm{SE} = s_L / \sqrt{K}, \qquad
    s_L^2 = \frac{1}{K - 1} \sum_{k=1}^{K} (\bar L_k - \bar L)^2`,
  correctedT: String.raw`t = \frac{\bar d}{s_d \sqrt{1/K + n_{\text{test}} / n_{\text{train}}}},
    \qquad \nu = K - 1`,
  equivalence: String.raw`F_\nu \left( \frac{|\bar d| - \delta}{e} \right),
    \qquad e = s_d \sqrt{1/K + n_{\text{test}} / n_{\text{train}}}`,
  effect: String.raw`d_z = \bar d / s_d`,
} as const;
