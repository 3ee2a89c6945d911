/**
 * Formulas in TeX, as Parsimony computes them; {@link ./formulas.ts} says the same in a line of text.
 *
 * @module
 */

import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";

type Formulas = { readonly [kind: string]: string | ((specification: JsonObject) => string) };

function formulaOf(formulas: Formulas, specification: JsonObject): string | null {
  const formula = entryOf(formulas, specification.kind);
  return typeof formula === "function" ? formula(specification) : formula ?? null;
}

/** Step per unit of a steady gradient: of each weight, or η for all. */
const stepSize = ({ threshold }: JsonObject) => threshold === "scalar" ? "\\eta" : "s";

const groupFactor = ({ weighting }: JsonObject) =>
  weighting === "none" ? "" : weighting === "squareRootOfSize" ? "\\sqrt{n_k}\\," : "c_k";

/** What a penalty adds to the loss or does to the weights; λ, α are strengths, η the learning rate. */
const penalties: Formulas = {
  l1: String
    .raw`J = L + \lambda \sum_i |w_i|, \qquad g \leftarrow g + \lambda \operatorname{sign}(w), \; \operatorname{sign}(0) = 0`,
  proximalL1: (penalty) =>
    String
      .raw`J = L + \lambda \sum_i |w_i|, \qquad w \leftarrow \operatorname{sign}(w) \max(|w| - ${
      stepSize(penalty)
    } \lambda, 0)`,
  l2: String.raw`J = L + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad g \leftarrow g + \alpha w`,
  coupledWeightDecay: String.raw`g \leftarrow g + \alpha w`,
  decoupledWeightDecay: ({ scaledBy }) =>
    scaledBy === "schedule"
      ? String.raw`w \leftarrow w - \frac{\eta}{\eta_0} \alpha w`
      : String.raw`w \leftarrow w - \eta \alpha w`,
  kerasL2: String.raw`J = L + \lambda \sum_i w_i^2, \qquad g \leftarrow g + 2 \lambda w`,
  groupLasso: (penalty) =>
    String.raw`J = L + \lambda \sum_k ${
      groupFactor(penalty)
    } \lVert w_k \rVert_2, \qquad g_k \leftarrow g_k + \lambda ${
      groupFactor(penalty)
    } \frac{w_k}{\lVert w_k \rVert_2}`,
  proximalGroupLasso: (penalty) =>
    String.raw`J = L + \lambda \sum_k ${
      groupFactor(penalty)
    } \lVert w_k \rVert_2, \qquad w_k \leftarrow \operatorname{prox}(w_k)`,
  unsquaredNorms: String
    .raw`J = L + \lambda \sum_k \lVert W_k \rVert_2, \qquad g_k \leftarrow g_k + \lambda \frac{W_k}{\lVert W_k \rVert_2}`,
  elasticNet: String
    .raw`J = L + \lambda \sum_i |w_i| + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad g \leftarrow g + \lambda \operatorname{sign}(w) + \alpha w`,
  proximalElasticNet: (penalty) =>
    String
      .raw`J = L + \lambda \sum_i |w_i| + \tfrac{1}{2} \alpha \sum_i w_i^2, \qquad w \leftarrow \frac{\operatorname{sign}(w) \max(|w| - ${
      stepSize(penalty)
    } \lambda, 0)}{1 + ${stepSize(penalty)} \alpha}`,
  logitsL1: ({ reduction }) =>
    reduction === "mean"
      ? String.raw`J = L + \lambda \operatorname{mean}_{b,t,v} |l_{btv}|`
      : String.raw`J = L + \lambda \sum_{b,t,v} |l_{btv}|`,
  activationRegularization: String
    .raw`J = L + \alpha \operatorname{mean}_{b,t,i} \tilde h_{bti}^2`,
  temporalActivationRegularization: String
    .raw`J = L + \beta \operatorname{mean}_{b,t,i} (h_{b,t+1,i} - h_{bti})^2`,
  labelSmoothing: String
    .raw`J = (1 - \varepsilon) L - \frac{\varepsilon}{V} \operatorname{mean}_{b,t} \sum_v \ln p_{btv}`,
};

/** The formula of a penalty with its options, or null for a kind that has none here. */
export function penaltyTex(penalty: JsonObject): string | null {
  return formulaOf(penalties, penalty);
}

/** The formula of an optimizer's step with its options, or null for a kind that has none here. */
export function optimizerTex(optimizer: JsonObject): string | null {
  return entryOf(optimizerKinds, optimizer.kind)?.tex(optimizer) ?? null;
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
