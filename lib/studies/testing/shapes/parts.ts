import type { Json, JsonObject } from "../../../core/json.ts";
import { inlineText } from "../../../data/corpora.ts";
import type { TextPair } from "../../../data/pairs.ts";
import { characters } from "../../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../../models/gru_language_model.ts";
import { adam } from "../../../optimizers/adam.ts";
import { decoupledWeightDecay } from "../../../penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../../../penalties/proximal_l1.ts";
import type { SpecificationOptions } from "../../../training/specification.ts";
import type { StudyDefinition } from "../../same_definition.ts";
import type { StudyOptions } from "../../options.ts";
import { grid } from "../../search/space.ts";
import type { RunOptions } from "../synthetic_runs.ts";

/** A shape of a study: its options, and what its runs do. */
export interface Shape {
  readonly options: Partial<StudyOptions> & Pick<StudyOptions, "specify">;
  readonly runs?: RunOptions;
  /** Which refits on all but the final block there are; all that the study asks for. */
  readonly refits?: "all" | "none" | "diverged";
  /** What a definition by hand adds, where no option gives it. */
  readonly amend?: (definition: StudyDefinition) => StudyDefinition;
}

// A common word or two, and many that come once, so that tokens of words are often unknown.
const sentence = (index: number) =>
  `call me ${index % 7} ishmael, whale${index * index} of ${index % 11} seas. `;
const text = Array.from({ length: 130 }, (_, index) => sentence(index)).join("");
/** Pairs for a translation. */
export const pairs = Array.from(
  { length: 80 },
  (_, index): TextPair => [`thou hast ${index} ships`, `you have ${index} ships`],
);

const corpus = inlineText(text);
const tokenizer = characters();
const model = gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 });
/** Of every specification that says nothing else. */
export const optimizer = adam({ learningRate: 0.01 });
/** Steps and batches of every specification that says nothing else. */
export const training = { steps: 100, batchSize: 4, windowLength: 16, evaluateEvery: 10 };
/** A specification without a remedy. */
export const base = { corpus, tokenizer, model, optimizer, training };
/** Decoupled weight decay. */
export const decay = (strength: number) => decoupledWeightDecay({ strength });
/** The proximal L1 penalty. */
export const lasso = (strength: number) => proximalL1({ strength });

/** The specification of a point whose axes are the usual ones; those that it lacks are at a default. */
export function usual(point: JsonObject): SpecificationOptions {
  const { lambda, alpha, dropout, learningRate = 0.01, hiddenSize = 16, trainingTokens, steps } =
    point as { readonly [axis: string]: number | undefined };
  return {
    ...base,
    model: gruLanguageModel({
      embeddingSize: 8,
      hiddenSize: hiddenSize!,
      ...(dropout === undefined ? {} : { outputDropout: dropout }),
    }),
    optimizer: adam({ learningRate: learningRate! }),
    penalties: [
      ...(lambda === undefined ? [] : [lasso(lambda)]),
      ...(alpha === undefined ? [] : [decay(alpha)]),
    ],
    training: {
      ...training,
      ...(steps === undefined ? {} : { steps }),
      ...(trainingTokens === undefined ? {} : { trainingTokens }),
    },
  };
}

/** A grid of weight decays. */
export const alphas = { alpha: [0, 0.1, 0.3, 1] };
/** Options of a grid over the usual axes. */
export const of = (
  axes: { readonly [axis: string]: readonly Json[] },
  changes: Partial<StudyOptions> = {},
): Shape["options"] => ({ space: grid(axes), specify: usual, ...changes });
