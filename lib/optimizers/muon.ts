import { show } from "../core/check.ts";
import { stored } from "../core/left_out.ts";
import { boolean, checkOptions, type Given, number, oneOf, orAbsent } from "../core/options.ts";
import { cautious, decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { matricesOf } from "../penalties/groups.ts";
import {
  commonOptions,
  defaultTargets,
  type ParameterDescription,
  strength,
  targets,
} from "../penalties/penalty.ts";
import type { Matrices } from "./_matrices.ts";
import type { KernelExports } from "../engine/kernel_exports.ts";
import { newtonSchulzArrays, newtonSchulzFlops, orthogonalized } from "./_newton_schulz.ts";
import { type EffectCoefficients, finalGradient, finalWeight } from "./_step.ts";
import { adamOptions, adamStep } from "./adam.ts";
import type { AdamWSpecification } from "./adam_w.ts";
import type { Addresses, OptimizerKind, Rule, Step } from "./kind.ts";

/** Muon with AdamW beside it, as plain JSON. */
export interface MuonSpecification extends Omit<AdamWSpecification, "kind"> {
  /** Which optimizer it is. */
  readonly kind: "muon";
  /**
   * μ: share of the old momentum kept, in [0, 1).
   *
   * @default {0.95}
   */
  readonly momentum: number;
  /**
   * Whether to look ahead.
   *
   * @default {true}
   */
  readonly nesterov: boolean;
  /**
   * s, what multiplies the step of a matrix, with `inputs` and `outputs` its own after a split:
   * `matchRmsAdamW`: 0.2 · √max(inputs, outputs), so that a step is as large as AdamW's usual one;
   * `original`: √max(1, outputs/inputs).
   *
   * @default {"matchRmsAdamW"}
   */
  readonly scale: "matchRmsAdamW" | "original";
  /**
   * η of AdamW, above 0; the schedule multiplies both. `learningRate` if not given; must be given for
   * `scale: "original"`, whose η is not AdamW's.
   */
  readonly adamLearningRate: number;
  /** Layers whose matrices it acts on; all but `output` if not given. */
  readonly muonLayers?: readonly string[];
}

/** What {@link muon} takes. */
export type MuonOptions = Given<
  MuonSpecification,
  | "momentum"
  | "nesterov"
  | "scale"
  | "adamLearningRate"
  | "beta1"
  | "beta2"
  | "epsilon"
  | "targets"
>;

const muonOptions = {
  ...adamOptions,
  momentum: number({ from: 0, below: 1 }, 0.95),
  nesterov: boolean(true),
  scale: oneOf(["matchRmsAdamW", "original"], "matchRmsAdamW"),
  adamLearningRate: orAbsent(number({ above: 0 })),
  muonLayers: commonOptions.layers,
  decay: strength,
  targets,
  cautious,
};

/**
 * Muon: momentum whose matrices are made orthogonal. With B ← μ B + (1 − μ) g and
 * U = (1 − μ) g + μ B, or U = B without Nesterov's momentum:
 * w ← w − η α w − η s · NS(U), where NS divides U by max(‖U‖_F, 1e-7) and then does five times
 * X ← a X + (b A + c A²) X with A = X Xᵀ, the shorter side first, and
 * (a, b, c) = (3.4445, −4.7750, 2.0315).
 *
 * It acts on kernels and recurrent kernels of two extents outside of the layer `output`. Embeddings,
 * output layer, biases, norms and all else follow `adamW` with `adamLearningRate`, `beta1`, `beta2` and
 * `epsilon`. Decay is decoupled in both, as in `adamW`: by each one's own η, without s, on weight matrices
 * unless `targets` names others. Kernels that hold several matrices side by side are split first: the
 * gates of a GRU or LSTM, counted by its recurrent kernel, and queries, keys and values of an attention,
 * whose heads stay together. In a model of one's own the output layer is known by the name `output`,
 * and only gates are split.
 *
 * s is Liu et al.'s by default: the steps of both parts are then equally large, so that one η and one α
 * serve both and are found where AdamW's are. PyTorch's default is the other, Jordan's, for which an η of
 * about 0.02 beside AdamW's is usual. PyTorch's Muon takes matrices only, does not split them, and iterates
 * in bfloat16; here all is in single precision. It writes the momentum as B ← μ B + g in its
 * documentation and computes it as above: NS is the same of both.
 *
 * A step does not grow with the gradient, so there is none per unit of it: on its matrices proximal
 * penalties take η (without s) for the size of the step, as with `threshold: "scalar"`, and are to
 * loss-term penalties what decoupled decay is to `l2`. Clipping all gradients by their norm changes
 * nothing there but the weight of a step in B.
 *
 * Jordan et al., Muon: An optimizer for hidden layers in neural networks (2024); Liu et al., Muon is
 * Scalable for LLM Training (2025, arXiv 2502.16982).
 *
 * @param options See {@link MuonSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, a value outside its range, or
 * `scale: "original"` without `adamLearningRate`. A study also refuses a model without a matrix to act
 * on, and layers in `muonLayers` that have none.
 *
 * @example
 * ```ts
 * import { muon } from "./muon.ts";
 * import assert from "node:assert/strict";
 * assert.equal(muon({ learningRate: 1e-3, decay: 0.1 }).adamLearningRate, 1e-3);
 * assert.throws(
 *   () => muon({ learningRate: 0.02, decay: 0.1, scale: "original" }),
 *   /adamLearningRate must be given/,
 * );
 * ```
 */
export function muon(options: MuonOptions): MuonSpecification {
  const checked = checkOptions("muon", options, muonOptions);
  const { learningRate, scale, adamLearningRate } = checked;
  if (adamLearningRate === undefined && scale === "original") {
    throw new RangeError(
      `muon: adamLearningRate must be given for scale "original", whose learningRate is not AdamW's, ` +
        `found nothing.`,
    );
  }
  const complete = { ...checked, adamLearningRate: adamLearningRate ?? learningRate };
  return stored({ kind: "muon", ...complete }, "optimizer");
}

/** What is known of {@link muon}. */
export const muonOptimizer: OptimizerKind<MuonSpecification> = {
  create: muon,
  options: muonOptions,
  formula: ({ scale, nesterov, cautious }) =>
    `matrices: B ← μ B + (1 − μ) g, w ← w − η α w − η s NS(${
      nesterov === false ? "B" : "(1 − μ) g + μ B"
    }), five Newton–Schulz iterations, s = ${
      scale === "original" ? "√max(1, outputs/inputs)" : "0.2 √max(inputs, outputs)"
    }, Jordan et al. 2024; embeddings, output and vectors: AdamW` +
    (cautious === true ? "; decay cautious: only where the step does not go away from 0" : ""),
  tex({ nesterov, cautious }) {
    const update = nesterov === false ? "B" : String.raw`(1 - \mu)\, g + \mu B`;
    const where = cautious === true ? String.raw`\mathbf{1}[u w \ge 0]\, ` : "";
    return String.raw`B \leftarrow \mu B + (1 - \mu)\, g, \qquad ` +
      String.raw`w \leftarrow w - \eta \alpha ${where}w - \eta s\, \operatorname{NS}(${update})`;
  },
  roles: {
    decay: "strength",
    ...{ targets: "choice", cautious: "choice", scale: "choice", muonLayers: "choice" },
  },
  rules,
  decay: {
    of: ({ decay, targets, cautious }) =>
      decay === 0 ? null : decoupledWeightDecay({ strength: decay, targets, cautious }),
    without: "decay 0",
  },
};

function rules(
  specification: MuonSpecification,
  parameters: readonly ParameterDescription[],
): readonly Rule[] {
  const { learningRate, adamLearningRate, muonLayers } = specification;
  const matrices = parameters.filter(({ kind, shape }) =>
    defaultTargets.includes(kind) && shape.length === 2
  );
  const known = [...new Set(matrices.map(({ layer }) => layer))];
  const unknown = muonLayers?.find((layer) => !known.includes(layer));
  const acting = matrices.filter(({ layer }) => muonLayers?.includes(layer) ?? layer !== "output");
  if (unknown !== undefined || acting.length === 0) {
    const found = known.map(show).join(", ") || "none";
    throw new RangeError(
      unknown !== undefined
        ? `muon: muonLayers must be layers with a kernel of two extents, which are ${found}; found ` +
          `${show(unknown)}.`
        : `muon acts on no matrix: the layers with a kernel of two extents are ${found}, and the ` +
          `output layer is AdamW's. Take adamW, or name layers in muonLayers.`,
    );
  }
  const byAdam: Rule = {
    slots: ["firstMoment", "secondMoment"],
    rateFactor: adamLearningRate / learningRate,
    step: (learningRate, step) => adamStep(specification, learningRate, step),
  };
  return parameters.map((parameter) => {
    if (!acting.includes(parameter)) return byAdam;
    const [rows, columns] = parameter.shape;
    const sizes = { rows, columns, count: matricesOf(parameter, parameters) };
    const width = columns / sizes.count;
    const matrix = { rows, columns: width };
    return {
      slots: ["momentum"],
      rateFactor: 1,
      products: sizes.count * newtonSchulzFlops(matrix),
      scratch: newtonSchulzArrays(matrix).reduce((sum, length) => sum + length, rows * width),
      step: (learningRate) => muonStep(specification, learningRate, sizes),
    };
  });
}

/** A kernel and how many matrices stand side by side in its columns. */
interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

const { fround, max, sqrt } = Math;

/** One step of a kernel; its slot is the momentum. */
function muonStep(
  { momentum, nesterov, scale }: MuonSpecification,
  learningRate: number,
  sizes: Sizes,
): Step {
  const { rows, columns, count } = sizes;
  const outputs = columns / count;
  const factor = scale === "original"
    ? sqrt(max(1, outputs / rows))
    : 0.2 * sqrt(max(rows, outputs));
  const coefficients = Float32Array.of(
    momentum,
    1 - momentum,
    Number(nesterov),
    learningRate * factor,
  );
  return {
    size: learningRate,
    perWeight: false,
    coefficients,
    update: (weights, gradient, [slot], effects, matrices) =>
      update(weights, gradient, slot, { effects, coefficients, matrices, sizes }),
    updateByKernel(kernels, at, { l1, l2 }, normWanted, matrices) {
      const { gradient, weights, count } = at;
      const squares = normWanted ? kernels.squaredNorm(gradient, weights, count, l1, l2) : 0;
      updateByKernel(kernels, at, { stepSize: coefficients[3], matrices, sizes });
      return squares;
    },
    writeSizes: (values) => values.fill(learningRate),
  };
}

/** What a step takes besides the weights and what belongs to each. */
interface UpdateContext {
  readonly effects: EffectCoefficients;
  readonly coefficients: Float32Array;
  readonly matrices: Matrices;
  readonly sizes: Sizes;
}

function update(
  weights: Float32Array,
  gradient: Float32Array,
  slot: Float32Array,
  { effects, coefficients, matrices, sizes: { rows, columns, count } }: UpdateContext,
): void {
  const width = columns / count;
  matrices.withArrays([rows * width], (values) => {
    for (let first = 0; first < columns; first += width) {
      const part = { first, width, columns };
      direction(values, weights, gradient, slot, { effects, coefficients, part });
      orthogonalized({ values, rows, columns: width }, matrices, (orthogonal) => {
        apply(weights, orthogonal, coefficients[3], effects, part);
      });
    }
  });
}

/** The same to the bit by kernels. */
function updateByKernel(
  kernels: KernelExports,
  { weights, gradient, slots: [slot], effects, coefficients }: Addresses,
  { stepSize, matrices, sizes: { rows, columns, count } }: {
    readonly stepSize: number;
    readonly matrices: Matrices;
    readonly sizes: Sizes;
  },
): void {
  const width = columns / count;
  matrices.withArrays([rows * width], (values) => {
    for (let first = 0; first < columns; first += width) {
      const [w, g, b] = [weights, gradient, slot].map((address) => address + 4 * first);
      const { byteOffset: u } = values;
      kernels.muonDirection(u, w, g, b, rows, width, columns, effects, coefficients);
      orthogonalized({ values, rows, columns: width }, matrices, ({ byteOffset: x }) => {
        kernels.muonApply(w, x, rows, width, columns, effects, stepSize);
      });
    }
  });
}

/** Columns of a kernel that are a matrix of their own. */
interface Part {
  readonly first: number;
  readonly width: number;
  readonly columns: number;
}

/** Takes the gradient of a part into its momentum and writes U to `values`. */
function direction(
  values: Float32Array,
  weights: Float32Array,
  gradient: Float32Array,
  slot: Float32Array,
  { effects, coefficients, part }: Pick<UpdateContext, "effects" | "coefficients"> & { part: Part },
): void {
  // By index: an iterator may also give undefined, and then the loop takes twice the time.
  const { 0: momentum, 1: rest, 2: nesterov } = coefficients;
  const { first, width, columns } = part;
  for (let i = 0, at = first; i < values.length; at += columns) {
    for (let j = at; j < at + width; j++, i++) {
      const g = fround(rest * finalGradient(gradient[j], weights[j], effects));
      const b = slot[j] = fround(fround(momentum * slot[j]) + g);
      values[i] = nesterov !== 0 ? fround(g + fround(momentum * b)) : b;
    }
  }
}

/** Changes the weights of a part by its orthogonal direction. */
function apply(
  weights: Float32Array,
  orthogonal: Float32Array,
  stepSize: number,
  effects: EffectCoefficients,
  { first, width, columns }: Part,
): void {
  for (let i = 0, at = first; i < orthogonal.length; at += columns) {
    for (let j = at; j < at + width; j++, i++) {
      weights[j] = finalWeight(weights[j], fround(stepSize * orthogonal[i]), 1, effects, j);
    }
  }
}
