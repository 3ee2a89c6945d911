import { constantSchedule, cosineSchedule } from "../../../core/schedule.ts";
import { gruLanguageModel } from "../../../models/gru_language_model.ts";
import { adam } from "../../../optimizers/adam.ts";
import { coupledWeightDecay } from "../../../penalties/coupled_weight_decay.ts";
import { elasticNet } from "../../../penalties/elastic_net.ts";
import type { SpecificationOptions } from "../../../training/specification.ts";
import { grid } from "../../search/space.ts";
import { base, decay, lasso, of, type Shape, usual } from "./parts.ts";

/** Baselines with remedies, without them and none, and axes that are no numbers. */
export const shapesOfBaselines: { readonly [name: string]: Shape } = {
  "baseline-with-decay": {
    options: of({ dropout: [0, 0.3] }, {
      specify: (
        { dropout },
      ) => ({ ...usual({ dropout }), penalties: [decay(0.5)] } as SpecificationOptions),
    }),
  },
  "baseline-with-dropout": {
    options: of({ alpha: [0, 0.3, 1] }, { specify: ({ alpha }) => usual({ alpha, dropout: 0.3 }) }),
  },
  "baseline-is-strong": {
    options: of({ alpha: [0, 0.3, 1] }, { baseline: { alpha: 0.3 } }),
  },
  "no-baseline": { options: of({ alpha: [0.1, 0.3, 1] }) },
  "dropout-only": { options: of({ dropout: [0, 0.2, 0.5] }) },
  "two-decays": {
    options: {
      space: grid({ kind: ["coupled", "decoupled"], strength: [0.01, 0.1, 1] }),
      specify: ({ kind, strength }) => ({
        ...base,
        penalties: [kind === "coupled" ? coupledWeightDecay({ strength }) : decay(strength)],
      }),
    },
  },
  "elastic-net": {
    options: {
      space: grid({ lambda: [0, 1e-3], ridge: [0, 1e-2] }),
      specify: ({ lambda, ridge }) => ({
        ...base,
        penalties: [elasticNet({ l1Strength: lambda, l2Strength: ridge })],
      }),
    },
  },
  "one-axis-for-two-penalties": {
    options: of({ strength: [0, 0.1, 1] }, {
      specify: ({ strength }) => ({
        ...base,
        penalties: [decay(strength), lasso(strength / 1000)],
      }),
    }),
  },
  "booleans": {
    options: of({ resetAfter: [true, false] }, {
      baseline: { resetAfter: true },
      specify: ({ resetAfter }) => ({
        ...base,
        model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 16, resetAfter }),
      }),
    }),
  },
  "clipping-or-none": {
    options: of({ clipping: [null, 1], alpha: [0, 1] }, {
      specify: ({ clipping, alpha }) => ({
        ...usual({ alpha }),
        clipping: clipping === null ? null : { norm: clipping },
      } as SpecificationOptions),
    }),
  },
  "schedules": {
    options: of({ schedule: ["constant", "cosine"], learningRate: [3e-3, 1e-2] }, {
      specify: ({ schedule, learningRate }) => ({
        ...base,
        optimizer: adam({
          learningRate,
          schedule: schedule === "constant" ? constantSchedule() : cosineSchedule({ steps: 100 }),
        }),
      }),
    }),
  },
};
