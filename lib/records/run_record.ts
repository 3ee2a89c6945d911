import type { JsonObject } from "../core/json.ts";

/** How a run ended. Only these records enter a journal; a run that was interrupted has none. */
export type RunStatus =
  /** Trained to its last step (or to its early stop). */
  | "completed"
  /** Its loss or a weight became NaN or infinite; the curve ends at the last finite evaluation. */
  | "diverged"
  /** Its process crashed, hung or threw, twice; `error` says what happened. */
  | "failed"
  /** Paused at a rung by a search strategy; kept, never counted as completed; may go on later. */
  | "pruned";

/** One evaluation during a run, all losses in nats per token, in evaluation mode (no dropout). */
export interface CurvePoint {
  /** Optimizer steps done so far; 0 is the untrained model. */
  readonly step: number;
  /** Mean cross-entropy on training text, without penalty. */
  readonly trainingLoss: number;
  /** Mean cross-entropy on held-out text, without penalty. */
  readonly heldOutLoss: number;
  /** heldOutLoss − trainingLoss. */
  readonly generalizationGap: number;
  /**
   * Mean cross-entropy on the fold's `choosing` spans: what early stopping and every choice of a step or
   * point read in place of `heldOutLoss`. Absent where the fold has none.
   */
  readonly choosingLoss?: number;
  /**
   * Mean cross-entropy on held-out text over the targets that the training vocabulary knows. Absent where
   * it knows all of them or none, and in records that are older. Descriptive: not part of the digest.
   */
  readonly knownHeldOutLoss?: number;
  /**
   * heldOutLoss in bits per byte of the evaluated text in UTF-8: nats · tokens / bytes / ln 2. Absent where
   * the tokens do not tell the text, as `tokens.textLost` says; and in older records. Descriptive: not part of the digest.
   */
  readonly bitsPerByte?: number;
  /** The same per code point of the evaluated text. */
  readonly bitsPerCharacter?: number;
  /**
   * Losses of the trained weights and of every average that has begun; all other numbers are of the chosen
   * one. Absent of runs without averages.
   */
  readonly averages?: readonly WeightsLoss[];
  /**
   * Sum of the penalty terms at these weights (0 for decoupled decay, which is no term); of penalties on
   * activations, what they add to the training loss on training text without dropout.
   */
  readonly penalty: number;
  /** √Σw² over all parameters. */
  readonly weightNorm: number;
  /** Penalized weights that are exactly 0 (all weights of kernels when nothing is penalized). */
  readonly exactZeros: number;
  /** The same weights with |w| < 1e-3, exact zeros included. */
  readonly nearZeros: number;
  /** How many weights the two counts look at. */
  readonly countedWeights: number;
  /**
   * Weights that are those the run began with, to the bit, of all that some penalty pulls towards them. Absent
   * where none does.
   */
  readonly unchangedWeights?: number;
  /** How many weights that count looks at; absent with it. */
  readonly comparedWeights?: number;
  /** Learning rate η of the last step. */
  readonly learningRate: number;
  /** η × decoupled decay of the last step: the share of a weight removed per step. */
  readonly learningRateTimesDecay: number;
  /** Norm of the gradient of the last step, before clipping; null at step 0. */
  readonly gradientNorm: number | null;
}

/** Losses of weights that one training has side by side: those it trains, and averages of them. */
export interface WeightsLoss {
  /** `trained`, or the average in words. */
  readonly weights: string;
  /** Mean cross-entropy on held-out text, without penalty. */
  readonly heldOutLoss: number;
  /** The same on the fold's `choosing` spans. Absent where the fold has none. */
  readonly choosingLoss?: number;
}

/** How a sample repeats itself, and how much of it is learned by heart, in tokens. */
export interface SampleStatistics {
  /** Tokens of the sample, without the prompt. */
  readonly tokens: number;
  /** Different n-grams over all n-grams, for n = 1, 2, 3, 4 (as far as the sample is as long). */
  readonly distinct: readonly number[];
  /** n of the n-grams below. */
  readonly nGramLength: number;
  /** 1 − different n-grams over all n-grams. */
  readonly repetition: number;
  /** Share of the n-grams that stand in a training excerpt as long as the held-out text. */
  readonly trainingOverlap: number;
  /** Share of the n-grams that stand in the held-out text. */
  readonly heldOutOverlap: number;
  /** trainingOverlap − heldOutOverlap. */
  readonly memorizedShare: number;
  /** Tokens of the longest stretch that stands in the training text. */
  readonly longestCopiedSpan: number;
}

/** A text drawn from a trained model. */
export interface TextSample {
  /** What the model read first, as text; of pairs the source. */
  readonly prompt: string;
  /** What it drew after the prompt; of pairs the target that it wrote for the source. */
  readonly text: string;
  /** Of pairs: the true target. */
  readonly reference?: string;
  /** Divisor of the logits before the softmax. */
  readonly temperature: number;
  /** Beams of the search that found it; absent where there was none. */
  readonly beams?: number;
  /** Where the specification asked for it, with the length of its n-grams. */
  readonly statistics?: SampleStatistics;
}

/** How targets that a model wrote greedily for held-out sources compare with the true ones. */
export interface PairScores {
  /** Pairs that were compared. */
  readonly pairs: number;
  /** Share of targets written without a mistake. */
  readonly exactMatch: number;
  /** Levenshtein distances over lengths of true targets, both summed, in code points. */
  readonly editDistance: number;
  /** Corpus-level chrF2, 0 to 100. */
  readonly chrf: number;
  /** Corpus-level BLEU, 0 to 100, where the specification asks for it. */
  readonly bleu?: number;
  /** Mean ROUGE-L, 0 to 1, where the specification asks for it. */
  readonly rougeL?: number;
}

/** How well a model fills in the middles of pieces of held-out texts. */
export interface InfillingSummary {
  /** How many pieces, each with a middle of a token or more. */
  readonly pieces: number;
  /** Mean cross-entropy of their middles given what stands before and after, nats per token. */
  readonly loss: number;
  /** Mean cross-entropy of the same tokens given what stands before alone, nats per token. */
  readonly prefixLoss: number;
  /** Share of the middles that the model writes greedily to the letter, and then ends. */
  readonly exactMatch: number;
}

/** What a run on pairs records besides what every run does. */
export interface PairsSummary {
  /** Training pairs. */
  readonly training: number;
  /** Held-out pairs. */
  readonly heldOut: number;
  /** Tokens of sources that the model knows, marks included. */
  readonly sourceVocabulary: number;
  /** Share of held-out source tokens that the training vocabulary does not know. */
  readonly sourceUnknownShare: number;
  /** Share of held-out target tokens with the highest score, given all true tokens before. */
  readonly tokenAccuracy: number;
  /** Null when no pairs were asked to be written. */
  readonly written: PairScores | null;
}

/** What a training took, up to its last evaluation, by count. */
export interface TrainingCost {
  /**
   * Floating-point operations of the products of matrices, forward, back and in the optimizer; without
   * evaluations and samples. Null where shapes do not tell: models of the user's own, and pairs.
   */
  readonly flops: number | null;
  /** Targets that the losses of its steps counted, each as often as it was read; padding is left out. */
  readonly tokens: number;
  /** Weights of the model. */
  readonly weights: number;
  /** Bytes of these weights, 4 each. */
  readonly bytes: number;
}

/** What turns the loss of an evaluation, in nats per token, into bits per byte: see `bitsOfText`. */
export interface EvaluatedText {
  /** Targets that count, marks at the ends of documents among them. */
  readonly tokens: number;
  /** Bytes of UTF-8 for which they stand. */
  readonly bytes: number;
  /** Code points of them. */
  readonly characters: number;
  /** Nats that write out what unknown tokens stand for; absent where there are none. */
  readonly spelling?: number;
}

/** A trained parameter as the record names it. */
export interface ParameterSummary {
  /** Name in the model, such as `gru0/kernel`. */
  readonly name: string;
  /** What it is, such as `recurrentKernel`. */
  readonly kind: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Kinds of the penalties that act on it; empty when none does. */
  readonly penalties: readonly string[];
  /** Where it was not trained itself, by `training.frozen` or for adapters; absent where it was. */
  readonly frozen?: true;
  /**
   * Of a completed run: weights that are those it began with, to the bit. Absent where no penalty pulls it
   * towards them.
   */
  readonly unchangedWeights?: number;
}

/** Of the record of an ensemble: what it is the mean of. */
export interface EnsembleSummary {
  /** What is averaged at each token. */
  readonly mean: "probabilities" | "logits";
  /** Ids of the runs whose weights are its members, in the order in which they are summed. */
  readonly members: readonly string[];
  /** Their seeds, in the same order. */
  readonly seeds: readonly number[];
  /**
   * How many models it has where these are snapshots of the runs' trainings, and not the weights that they
   * ended with; absent there.
   */
  readonly snapshots?: number;
}

/** Index of a cross-validation fold, or "final": trained on all but the final block, scored on it. */
export type FoldIndex = number | "final";

/** One line of `runs.jsonl`: a finished run. */
export interface RunRecord {
  /** Version of this format. */
  readonly schemaVersion: 1;
  /** SHA-256 of specification, fold with its spans, seed, engine and numericsVersion. */
  readonly id: string;
  /** Point of the search space, as `specify` received it. */
  readonly point: JsonObject;
  /** Fold it trained and was scored on. */
  readonly fold: FoldIndex;
  /** Seed of its random streams. */
  readonly seed: number;
  /** Id of the run whose trained weights it began with; absent when the initializer drew them. */
  readonly warmStartedFrom?: string;
  /**
   * Ids of the runs whose predictions it learned, in the order in which they are averaged; absent where it
   * learned from its text alone.
   */
  readonly teachers?: readonly string[];
  /**
   * Of an ensemble, a line of `ensembles.jsonl`: its members. It trains nothing: it has one evaluation, at
   * step 0, whose penalty and learning rates are 0 and whose weights, like `parameters`, are those of all
   * members; its seed is that of the first member.
   */
  readonly ensemble?: EnsembleSummary;
  /** How it ended. */
  readonly status: RunStatus;
  /** Engine with whatever its bits depend on, such as `wasm` or `native/openblas/SkylakeX`. */
  readonly engine: string;
  /**
   * Fixed size of the memory that the engine had for tensors, bytes; less than 4 GiB where the system
   * granted less. Absent of `cpu`, which has none, of failed runs, and of older records. Not part of
   * the digest.
   */
  readonly arenaMaximumBytes?: number;
  /** Version of the numbers: runs of different ones are never mixed. */
  readonly numericsVersion: number;
  /** All evaluations, ascending by step. */
  readonly curve: readonly CurvePoint[];
  /** Last evaluation; null when there is none. */
  readonly final: CurvePoint | null;
  /**
   * Evaluation with the lowest choosing loss (held-out loss where the fold has no choosing spans); null
   * when there is none. With early stopping, the one whose weights the run kept.
   */
  readonly best: CurvePoint | null;
  /** Step at which early stopping ended the run; null when it ran to its last step. */
  readonly stoppedAtStep: number | null;
  /** The text it had, in tokens; of pairs the targets with their end tokens. */
  readonly tokens: {
    readonly training: number;
    readonly heldOut: number;
    readonly vocabulary: number;
    /** Share of held-out tokens that the training vocabulary does not know. */
    readonly unknownShare: number;
    /**
     * Share of training tokens that the vocabulary does not know: 0 where the unknown token is not
     * trained. Absent where no held-out token is unknown, and in older records. Not part of the digest.
     */
    readonly trainingUnknownShare?: number;
    /** Entropy of the training tokens' frequencies, nats: what a model learns from counts alone. */
    readonly unigramEntropy: number;
    /**
     * What of the evaluated held-out text its tokens do not tell, such as "white space": why there are no
     * `bitsPerByte`. Absent where they tell it all, and in older records. Not part of the digest.
     */
    readonly textLost?: string;
    /**
     * Of folds in bytes: how much text evaluations read of each side, which is the same for every
     * tokenizer of a study. Absent of other runs, and of failed ones.
     */
    readonly text?: {
      readonly training: EvaluatedText;
      readonly heldOut: EvaluatedText;
      /** Absent where the fold has no choosing spans. */
      readonly choosing?: EvaluatedText;
    };
  };
  /**
   * Of a run that began with given weights: how many tokens began with the mean of all rows, since the file
   * has none for them, and how many of the file's tokens were left out. Absent where weights were drawn, and
   * of failed runs.
   */
  readonly initialRows?: { readonly ofMean: number; readonly leftOut: number };
  /** Share of tokens with the highest score; of a completed run on a text that was to measure it. */
  readonly tokenAccuracy?: { readonly training: number; readonly heldOut: number };
  /**
   * How well the model fills in the middle of held-out texts; of a completed run that was to measure it
   * (`training.fillInTheMiddle.heldOutPieces`).
   */
  readonly infilling?: InfillingSummary;
  /** Of a completed run on pairs; of a text there is none. */
  readonly pairs?: PairsSummary;
  /** All parameters of the model, in its order. */
  readonly parameters: readonly ParameterSummary[];
  /** Matrices of adapters, which were trained in place of their kernels; absent where there were none. */
  readonly adapters?: readonly ParameterSummary[];
  /** Texts drawn at the end; none of a run that did not complete. */
  readonly samples: readonly TextSample[];
  /** Project-relative path of kept weights, or null. Not part of the digest. */
  readonly weights: string | null;
  /**
   * SHA-256 of the file of kept weights, hexadecimal. Absent where none are kept, and in older records.
   * Not part of the digest.
   */
  readonly weightsSha256?: string;
  /** What ended a `failed` or `diverged` run, or null. Of a `failed` one not part of the digest. */
  readonly error: string | null;
  /** How often it was tried. Not part of the digest. */
  readonly attempts: number;
  /**
   * What the training took. Absent of failed runs, and in older records. Descriptive: not part of the
   * digest.
   */
  readonly cost?: TrainingCost;
  /** Seconds of the last attempt. Not part of the digest. */
  readonly durationSeconds: number;
  /** When it ended, ISO 8601. Not part of the digest. */
  readonly finishedAt: string;
  /** Name of the machine. Not part of the digest. */
  readonly host: string;
  /**
   * Name of the study that trained it, where the record was copied from another one of the project.
   * Descriptive: not part of the digest.
   */
  readonly copiedFrom?: string;
}
