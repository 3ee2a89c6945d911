import { checkInteger } from "../core/check.ts";
import { longestText, mostSteps } from "../core/limits.ts";
import {
  boolean,
  checkOptions,
  integer,
  nested,
  number,
  oneOf,
  option,
  orAbsent,
  orNotGiven,
  orNull,
  passed,
} from "../core/options.ts";
import type { Sampling } from "../data/epochs.ts";
import type { DocumentWindows } from "../data/passages.ts";
import { stretchBytes } from "../data/prepare_bytes.ts";
import { documentWindows } from "../data/windows.ts";
import { type AverageSpecification, validateAverages } from "../averages/kinds.ts";
import { snapshotsOption, type SnapshotSpecification } from "./snapshots.ts";
import { longestTarget } from "../models/decoding.ts";
import type { Schedule } from "../core/schedule.ts";
import type { ChosenAverage } from "./averaging.ts";
import { checkEvaluatedPairs } from "./check_evaluated_pairs.ts";
import {
  fillInTheMiddleOption,
  type FillInTheMiddleOptions,
  type FillInTheMiddleSpecification,
} from "./infilling_options.ts";
import {
  dropoutScheduleOption,
  weightDropoutOption,
  type WeightDropoutOptions,
  type WeightDropoutSpecification,
} from "./dropout_options.ts";
import {
  pairSamplesOption,
  type PairSampleSpecification,
  type SampleSpecification,
  textSamplesOption,
} from "./sample_options.ts";
import {
  teacherOption,
  type TeacherOptions,
  type TeacherSpecification,
} from "./teacher_options.ts";
import { type AdapterOptions, tuningOptions, type TuningSpecification } from "./tuning_options.ts";
import { type WrittenMetric, writtenMetrics } from "./written_scores.ts";

/** When a run stops before its last step: the best weights are kept. */
export interface EarlyStopping {
  /** Evaluations without a new lowest held-out loss after which the run stops, from 1. */
  readonly patience: number;
}

/** How any run trains, evaluates and stops. */
export interface CommonTrainingSpecification extends TuningSpecification {
  /** Optimizer steps, from 1. */
  readonly steps: number;
  /** Windows, or pairs, a step; in epochs the last one of each may have fewer. */
  readonly batchSize: number;
  /**
   * `draws`: each window or pair is drawn by itself, with replacement, windows from all positions.
   * `epochs`: all of them once in an order drawn anew, then again; the windows of a text stand one after
   * the other (see `epochBatches`).
   *
   * @default {"draws"}
   */
  readonly sampling: Sampling;
  /**
   * Steps between evaluations, a tenth of all if not given; the untrained model and the last step are
   * always evaluated.
   */
  readonly evaluateEvery: number;
  /**
   * At most this many tokens of training text (of pairs: of targets), and as many of held-out text,
   * in evenly spaced windows or pairs, enter an evaluation; null takes all.
   *
   * @default {null}
   */
  readonly evaluationTokens: number | null;
  /**
   * Early stopping on the held-out loss (on choosing spans where the fold has some); null trains to the last
   * step.
   *
   * @default {null}
   */
  readonly earlyStopping: EarlyStopping | null;
  /**
   * Averages of the weights, from `ema`, `swa` and `lastEvaluations`; each has its own loss in the record.
   *
   * @default {[]}
   */
  readonly averages: readonly AverageSpecification[];
  /**
   * The average, by its place in the list from 0, that is evaluated, stops early, writes samples and is
   * kept, once it has begun; `trained` for the weights that are trained.
   *
   * @default {0}
   */
  readonly chosenAverage: ChosenAverage;
  /**
   * Trained weights that are kept besides the final ones, after the steps `start`, `start` + `every` and so
   * on, for an ensemble of one run: the ends of the cycles of a `cyclicSchedule`. Null for none.
   *
   * @default {null}
   */
  readonly snapshots: SnapshotSpecification | null;
  /**
   * Weights that are dropped in training, by masks drawn once a step (see `weightDropout`): share and
   * targets. Null for none.
   *
   * @default {null}
   */
  readonly weightDropout: WeightDropoutSpecification | null;
  /**
   * What multiplies the rates of the model's dropouts and of `weightDropout` in a step: a schedule whose
   * factors are at most 1.
   *
   * @default {constantSchedule()}
   */
  readonly dropoutSchedule: Schedule;
  /**
   * ρ of sharpness-aware minimization (Foret et al. 2021): the gradient of the training loss is taken at
   * w + ρ g/‖g‖, g the gradient at w, on the same batch with the same masks, from 0. Penalties on weights and
   * clipping come after it, at w. A step costs two forward and two backward passes.
   *
   * @default {0}
   */
  readonly sharpnessRadius: number;
  /**
   * Windows, or pairs, whose gradient is computed at a time, at most `batchSize`: the step's gradient is the
   * mean over the tokens of all of them, in less memory (see `inMicroBatches`). Null for the whole batch.
   *
   * @default {null}
   */
  readonly microBatchSize: number | null;
  /**
   * Whether the backward pass computes each block of a Transformer again from its inputs, in place of keeping
   * all that the forward pass gave (see `recomputed`): the same bits in less memory and one pass more.
   *
   * @default {false}
   */
  readonly recomputeBlocks: boolean;
  /**
   * Share of the input tokens that are read as the unknown token in training, in [0, 1); of pairs of the
   * decoder's inputs.
   *
   * @default {0}
   */
  readonly maskedInputs: number;
  /**
   * Runs whose predictions the model learns besides the text (distillation, Hinton et al. 2015): the training
   * loss is (1 − a) · cross-entropy + a · T² · mean over counted tokens of KL(teacher ‖ model), both at
   * temperature T. Null for none.
   *
   * @default {null}
   */
  readonly teacher: TeacherSpecification | null;
}

/** How a run on a text trains, evaluates and stops. */
export interface TrainingSpecification extends CommonTrainingSpecification {
  /** Tokens a window; the state begins at zero in each, unless it is carried. */
  readonly windowLength: number;
  /**
   * Whether a recurrent model's state is carried from window to window: the text is read in its order,
   * as batchSize streams side by side, and evaluated in stretches as long as a stream of the held-out
   * text. Otherwise windows are read as `sampling` says.
   *
   * @default {false}
   */
  readonly carriedState: boolean;
  /**
   * How windows lie to the documents of a corpus of documents, in training and evaluation. `across`: they run
   * over a document's end, the end mark between it and the next, and with `sampling: "epochs"` every epoch
   * puts the documents into a new order. `inside`: none leaves its document; windows at its end are shorter,
   * and padding does not count.
   *
   * @default {"across"}
   */
  readonly documentWindows: DocumentWindows;
  /**
   * Share of the pieces of training windows that are cut into prefix, middle and suffix and read in another
   * order, marks between them, so that the model learns to fill in the middle (Bavarian et al. 2022); held-out
   * text is read as it is. Of folds in bytes. Null for none.
   *
   * @default {null}
   */
  readonly fillInTheMiddle: FillInTheMiddleSpecification | null;
  /**
   * How many tokens of the fold's training text train and make the vocabulary: its first ones. The
   * held-out text stays the same, so that runs of several sizes compare. Absent for all.
   */
  readonly trainingTokens?: number;
  /**
   * The same of folds in bytes: how many bytes of the fold's training text train and make the vocabulary,
   * its first ones. Absent for all.
   */
  readonly trainingBytes?: number;
  /**
   * Of folds in bytes, in place of `evaluationTokens`: at most this many bytes of training text, and as
   * many of held-out text, enter an evaluation, in evenly spaced stretches of 1,000 bytes, each read from a
   * zero state; the same ones for every tokenizer. From 1,000; null takes all.
   *
   * @default {null}
   */
  readonly evaluationBytes: number | null;
  /**
   * Whether the record says which share of the evaluated tokens has the highest score, once the run
   * has ended.
   *
   * @default {false}
   */
  readonly tokenAccuracy: boolean;
  /** Texts to draw at the end. */
  readonly samples: SampleSpecification;
}

/** How a run on pairs trains, evaluates and stops. */
export interface PairTrainingSpecification extends CommonTrainingSpecification {
  /**
   * At most this many training pairs, and as many held-out ones, evenly spaced, enter an evaluation: the same
   * ones for every tokenizer, in place of `evaluationTokens`. From 1; null takes all.
   *
   * @default {null}
   */
  readonly evaluationPairs: number | null;
  /**
   * Held-out pairs, evenly spaced, for which targets are written greedily at the end and compared with
   * the true ones; null takes all, 0 none.
   *
   * @default {200}
   */
  readonly decodedPairs: number | null;
  /**
   * Tokens after which a written target is cut; null for the length of the longest in training.
   *
   * @default {null}
   */
  readonly maximumLength: number | null;
  /**
   * Scores of those targets besides exact match, edit distance and chrF: `bleu` (as sacrebleu's) and
   * `rougeL` (as rouge-score's).
   *
   * @default {[]}
   */
  readonly metrics: readonly WrittenMetric[];
  /**
   * `counted`: all pairs are padded to the longest ones, and padding is read, predicted and counted in
   * the mean like any token, as in Keras's example lstm_seq2seq. Absent: padding is masked.
   */
  readonly padding?: "counted";
  /** Targets to show at the end. */
  readonly samples: PairSampleSpecification;
}

/** How long a run trains: in steps or in epochs, one of both. */
export interface TrainingLength {
  /** Optimizer steps, from 1. */
  readonly steps?: number;
  /**
   * Times that the training data is read, above 0. A study makes one number of steps of it, by the fold with
   * the least training data (see `resolveEpochs`), and stores that alone.
   */
  readonly epochs?: number;
}

/** Options of any training whose own options may be left out. */
interface NestedTrainingOptions {
  readonly weightDropout?: WeightDropoutOptions | null;
  readonly teacher?: TeacherOptions | null;
  readonly adapters?: AdapterOptions | null;
}

type NestedOptions = keyof NestedTrainingOptions;

/** What {@link TextSpecificationOptions} gives of `training`: its defaults may be left out. */
export type TrainingOptions =
  & TrainingLength
  & Pick<TrainingSpecification, "batchSize" | "windowLength">
  & Partial<
    Omit<TrainingSpecification, "steps" | "samples" | "fillInTheMiddle" | NestedOptions>
  >
  & { readonly fillInTheMiddle?: FillInTheMiddleOptions | null }
  & NestedTrainingOptions
  & { readonly samples?: Partial<SampleSpecification> };

/** What {@link PairSpecificationOptions} gives of `training`: its defaults may be left out. */
export type PairTrainingOptions =
  & TrainingLength
  & Pick<PairTrainingSpecification, "batchSize">
  & Partial<Omit<PairTrainingSpecification, "steps" | "samples" | NestedOptions>>
  & NestedTrainingOptions
  & { readonly samples?: Partial<PairSampleSpecification> };

/** Evaluations of a run at most: each is a point of its record's curve. */
const mostEvaluations = 100_000;

const tokens = { from: 1, to: longestText };

const commonTraining = {
  steps: integer({ from: 1, to: mostSteps }),
  batchSize: integer({ from: 1 }),
  sampling: orNotGiven(oneOf<Sampling>(["draws", "epochs"], "draws")),
  evaluateEvery: passed<number | null | undefined>(),
  evaluationTokens: orNull(integer(tokens)),
  earlyStopping: orNull(nested({ patience: integer({ from: 1, to: mostSteps }) })),
  averages: orNotGiven(option(validateAverages, [])),
  chosenAverage: orNotGiven(option(
    (name, value): ChosenAverage =>
      value === "trained" ? value : checkInteger(name, value, { from: 0 }),
    0,
  )),
  snapshots: snapshotsOption,
  weightDropout: weightDropoutOption,
  dropoutSchedule: dropoutScheduleOption,
  sharpnessRadius: orNotGiven(number({ from: 0 }, 0)),
  recomputeBlocks: orNotGiven(boolean(false)),
  microBatchSize: orNull(integer({ from: 1 })),
  maskedInputs: orNotGiven(number({ from: 0, below: 1 }, 0)),
  teacher: teacherOption,
  ...tuningOptions,
};

/** What {@link TrainingSpecification} holds. */
export const textTraining = {
  ...commonTraining,
  samples: orNotGiven(textSamplesOption),
  windowLength: integer({ from: 1 }),
  carriedState: orNotGiven(boolean(false)),
  documentWindows,
  fillInTheMiddle: fillInTheMiddleOption,
  trainingTokens: passed<number | undefined>(),
  trainingBytes: passed<number | undefined>(),
  evaluationBytes: orNull(integer({ from: stretchBytes, to: Number.MAX_SAFE_INTEGER })),
  tokenAccuracy: orNotGiven(boolean(false)),
};

/** What {@link PairTrainingSpecification} holds. */
export const pairTraining = {
  ...commonTraining,
  samples: orNotGiven(pairSamplesOption),
  evaluationPairs: orNull(integer({ from: 1, to: longestText })),
  decodedPairs: { ...orNull(integer({ from: 0, to: longestText })), byDefault: () => 200 },
  maximumLength: orNull(integer({ from: 1, to: longestTarget })),
  metrics: writtenMetrics,
  padding: orAbsent(oneOf(["counted"])),
};

/** Checks how a run on a text trains, and fills its defaults. */
export function validateTextTraining(given: unknown): TrainingSpecification {
  const checked = checkOptions("training", given, textTraining, ".");
  const { windowLength, trainingTokens, trainingBytes } = checked;
  for (const [name, count] of Object.entries({ trainingTokens, trainingBytes })) {
    if (count === undefined) continue;
    const to = name === "trainingBytes" ? Number.MAX_SAFE_INTEGER : longestText;
    checkInteger(`training.${name}`, count, { from: windowLength + 1, to });
  }
  checkMicroBatchSize(checked);
  return { ...checked, evaluateEvery: checkEvaluateEvery(checked) };
}

/** Checks how a run on pairs trains, and fills its defaults. */
export function validatePairTraining(given: unknown): PairTrainingSpecification {
  const checked = checkOptions("training", given, pairTraining, ".");
  checkEvaluatedPairs(checked);
  checkMicroBatchSize(checked);
  return { ...checked, evaluateEvery: checkEvaluateEvery(checked) };
}

function checkMicroBatchSize(
  { batchSize, microBatchSize }: {
    readonly batchSize: number;
    readonly microBatchSize: number | null;
  },
): void {
  if (microBatchSize === null || microBatchSize <= batchSize) return;
  throw new RangeError(
    `training.microBatchSize must be at most batchSize, ${batchSize}, since it is how much of a batch is ` +
      `computed at a time, found ${microBatchSize}.`,
  );
}

/** Steps between evaluations, which depend on the steps. */
function checkEvaluateEvery(
  { steps, evaluateEvery }: { readonly steps: number; readonly evaluateEvery: unknown },
): number {
  const every = checkInteger("training.evaluateEvery", evaluateEvery ?? Math.ceil(steps / 10), {
    from: 1,
    to: mostSteps,
  });
  if (steps / every <= mostEvaluations) return every;
  throw new RangeError(
    `training.evaluateEvery must be at least ${Math.ceil(steps / mostEvaluations)}, so that a ` +
      `run of ${steps} steps has at most ${mostEvaluations} evaluations, found ${every}.`,
  );
}
