import { decoupledWeightDecay } from "../../../penalties/decoupled_weight_decay.ts";
import { base, of, type Shape, usual } from "./parts.ts";

const ownCode = {
  sha256: "ab".repeat(32),
  files: { "parts/ridge.ts": "cd".repeat(32) },
  packages: { "simple-statistics": "npm:simple-statistics@7.8.8" },
};
const ownPart = { module: "parts/ridge.ts", export: "default", code: ownCode };

const hostile = '<b>|`x`\u202e"strength" *a* 1. {\\}';
const long =
  "a very long name of an axis that says all there is to say about what it does to a model";

/** Parts of one's own, and names that could be taken for something else. */
export const shapesOfNames: { readonly [name: string]: Shape } = {
  "own-penalty": {
    options: of({ lambda: [0, 0.01, 0.1] }),
    amend: (definition) => ({
      ...definition,
      specifications: definition.specifications.map((each, index) => ({
        ...each,
        penalties: [{
          kind: "ownPenalty",
          ...ownPart,
          name: "ridge",
          formula: "loss + ½ λ Σ w²",
          strength: definition.space.points[index].lambda,
          options: {},
          targets: ["kernel", "recurrentKernel"],
        }],
      })),
    }),
  },
  "own-model": {
    options: of({ alpha: [0, 0.3] }),
    amend: (definition) => ({
      ...definition,
      specifications: definition.specifications.map((each) => ({
        ...each,
        model: { kind: "ownModel", ...ownPart, name: "bigram", options: { width: 8 } },
      })),
    }),
  },
  "own-optimizer": {
    options: of({ alpha: [0, 0.3] }),
    amend: (definition) => ({
      ...definition,
      specifications: definition.specifications.map((each) => ({
        ...each,
        optimizer: {
          kind: "ownOptimizer",
          ...ownPart,
          ...{ name: "descent", formula: "w ← w − η g", slots: ["m"] },
          ...{ learningRate: 0.01, options: { beta: 0.9 } },
        },
      })),
    }),
  },
  "axes-named-as-columns": {
    options: of({ fold: [0, 0.3, 1], seed: [0, 1e-4] }, {
      specify: ({ fold, seed }) => usual({ alpha: fold, lambda: seed }),
    }),
  },
  "axes-named-as-quantities": {
    options: of({ step: [0, 0.3], validationLoss: [0, 1e-4], study: ["a", "b"] }, {
      specify: ({ step, validationLoss, study }) =>
        usual({ alpha: step, lambda: validationLoss, dropout: study === "a" ? 0.1 : 0.2 }),
      seeds: [1],
    }),
  },
  "axes-with-words": {
    options: of({ "baseline": [0, 0.3], "last step": [0, 1e-4] }, {
      specify: (point) => usual({ alpha: point.baseline, lambda: point["last step"] }),
    }),
  },
  "hostile-names": {
    options: of({ [hostile]: [0, 1], [long]: ["<i>a</i>", "b|cd", "ا\u200fب", "x".repeat(90)] }, {
      specify: (point) =>
        usual({ alpha: point[hostile], dropout: String(point[long]).length / 200 }),
      seeds: [1],
    }),
  },
  "list-values": {
    options: of({ targets: [["kernel"], ["recurrentKernel"], ["kernel", "recurrentKernel"]] }, {
      specify: ({ targets }) => ({
        ...base,
        penalties: [decoupledWeightDecay({ strength: 0.3, targets })],
      }),
    }),
  },
};
