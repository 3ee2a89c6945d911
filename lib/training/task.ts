import type { RandomState, RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import type { CarriedPosition } from "../data/carried_batches.ts";
import type { EpochBatches } from "../data/epochs.ts";
import type { TextSize } from "../data/tokenizers/tokenizer.ts";
import type { Model } from "../models/model.ts";
import type { OwnModelPart } from "../models/define_model.ts";
import type { PairsSummary, RunRecord, TextSample } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { Specification } from "./specification.ts";

/** A model and one fold of the data that it learns: all that a run knows of either. */
export interface Task {
  /** With its initial weights. */
  readonly model: Model;
  /**
   * Training batches without end, drawn from a stream; with carried state or in epochs from a position on,
   * null for the beginning.
   */
  batches(stream: RandomStream, from: BatchesPosition | null): TaskBatches;
  /** Batches of an evaluation. */
  readonly evaluation: EvaluationBatches;
  /** What the record says of rows of weights that were given; absent where they were drawn. */
  readonly initialRows?: RunRecord["initialRows"];
  /** Targets that count in a training batch; of pairs on average. */
  readonly tokensPerBatch: number;
  /** What the record says of the data. */
  readonly tokens: RunRecord["tokens"];
  /** Models that score each training batch, for this one to learn from; none where nobody teaches. */
  readonly teachers?: readonly TeacherShape[];
  /** Tokens by the names under which a weights file keeps them. */
  readonly vocabularies: Vocabularies;
  /** Texts drawn from the model as it is now. */
  samples(stream: RandomStream): TextSample[];
  /** Shares of evaluated tokens that the model gives the highest score, where that is to be measured. */
  tokenAccuracy?(): RunRecord["tokenAccuracy"];
  /** How well the model fills in the middle of held-out texts, where that is to be measured. */
  infilling?(): RunRecord["infilling"];
  /** What a run on pairs records besides; the model writes targets for it. */
  pairs?(): PairsSummary;
}

/** What the cost of a teacher follows from. */
export interface TeacherShape {
  readonly model: Specification["model"];
  readonly parameters: readonly Pick<ParameterDescription, "name" | "kind" | "shape">[];
}

/** What an evaluation reads, in the order of the batches, as often as it is asked for. */
export interface EvaluationBatches {
  readonly training: Iterable<Batch>;
  readonly heldOut: Iterable<Batch>;
  /** Of the fold's choosing spans; absent where it has none. */
  readonly choosing?: Iterable<Batch>;
  /** How long the text of the held-out targets is, or what they do not tell of it. */
  readonly heldOutText: TextSize | string;
  /** Id of the token that stands for those outside the vocabulary. */
  readonly unknownId: number;
}

/** Where a task's training batches come from. */
export interface TaskBatches {
  next(): Batch;
  /** State of the stream: one in this state goes on with the same batches. */
  state(): RandomState;
  /** With carried state or in epochs: where the next batch begins. */
  position?(): BatchesPosition;
}

/** Where training batches stand, besides the state of their stream. */
export interface BatchesPosition {
  /** With carried state: the position in the text, and the model's state there. */
  readonly carried?: CarriedPosition;
  /** In epochs: windows or pairs of this epoch that were read; the stream's state is that of its beginning. */
  readonly readOfEpoch?: number;
  /** Where windows are rearranged: the stream by which the next one is. */
  readonly infilling?: RandomState;
  /** Targets that the training has counted, and had counted at its latest evaluation. */
  readonly targets?: { readonly read: number; readonly evaluated: number };
}

/** Batches in epochs, as a task has them. */
export function inEpochs({ next, state, read }: EpochBatches): TaskBatches {
  return { next, state, position: () => ({ readOfEpoch: read() }) };
}

/** Tokens by id, as a weights file keeps them. */
export interface Vocabularies {
  /** Of the text, or of targets. */
  readonly vocabulary: readonly string[];
  /** How many of its ids, after the unknown token's, are marks; left out for none, and of pairs. */
  readonly marks?: number;
  /** Of byte pairs that were learned. */
  readonly merges?: readonly string[];
  readonly sourceVocabulary?: readonly string[];
  /** The same of sources. */
  readonly sourceMerges?: readonly string[];
}

/** What a task is made for, besides its specification. */
export interface TaskContext {
  readonly fold: FoldRecord;
  readonly seed: number;
  /** Part of the purpose of all random streams. */
  readonly purpose: string;
  /** Definition of a model of the user's own. */
  readonly own?: OwnModelPart;
  /**
   * Called now and then while data is prepared, which may take minutes: tells that the process is at work, and
   * throws when the run was cancelled.
   */
  readonly breathe?: () => void;
  /**
   * Makes the model of the task from one or several with initial weights, such as a mean of trained ones;
   * the initial model itself when left out.
   */
  readonly network?: <Initial extends Model>(create: () => Initial) => Initial;
}

/** Part of the purpose of all random streams of a run. */
export function purposeOf({ index }: Pick<FoldRecord, "index">): string {
  return `fold ${index}`;
}

/** What of a specification besides its model decides about how that is built. */
export function builtFor({ initialWeights, training: { recomputeBlocks } }: Specification) {
  return { undrawn: initialWeights !== undefined, recomputeBlocks };
}

/** Windows or pairs side by side in evaluation: it keeps no activations, and wide products are fast. */
export function evaluationBatchSize(batchSize: number): number {
  return Math.max(batchSize, 64);
}

/** What the record says where the evaluated tokens do not tell their text. */
export function textLostOf(
  { heldOutText }: Pick<EvaluationBatches, "heldOutText">,
): Pick<RunRecord["tokens"], "textLost"> {
  return typeof heldOutText === "string" ? { textLost: heldOutText } : {};
}
