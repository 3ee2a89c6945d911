import { checkInteger } from "../core/check.ts";
import { checkOptions, passed as given } from "../core/options.ts";
import type { RandomState, RandomStream } from "../core/random.ts";
import { assemble, type Batch } from "./batches.ts";
import type { BatchOfPairs } from "./pair_batches.ts";
import type { EncodedPair } from "./prepare_pairs.ts";
import { layParts } from "./parts.ts";
import { type DocumentWindows, passagesOf } from "./passages.ts";
import { shuffledDocuments } from "./shuffled_documents.ts";
import type { Tokens } from "./tokens.ts";
import {
  consecutiveWindows,
  documentWindows,
  refuseShortSpans,
  sizes,
  type Windows,
} from "./windows.ts";

/** How training batches are chosen: each window or pair drawn by itself, or all of them in epochs. */
export type Sampling = "draws" | "epochs";

/** Training batches without end, epoch after epoch. */
export interface EpochBatches<Each extends Batch = Batch> {
  /** The next batch; the last one of an epoch may be smaller. */
  next(): Each;
  /** State that the stream had at the beginning of this epoch. */
  state(): RandomState;
  /** Windows or pairs of this epoch that were read: with them and that stream the same batches follow. */
  read(): number;
}

/** What {@link epochBatches} and {@link epochPairBatches} have in common. */
interface EpochOptions {
  readonly batchSize: number;
  readonly stream: RandomStream;
  readonly read?: number;
}

/**
 * Reads the training text in epochs: each window once, in an order drawn anew for every epoch.
 *
 * A span of L tokens has ⌊(L − 1)/windowLength⌋ windows one after the other, so that an epoch predicts no
 * token twice. What is left over, less than a window, stands before the first and after the last of them,
 * in parts that are drawn anew as well: no token is left out for good, and where there is something left
 * over, windows do not always begin at the same ones. An epoch has ⌈windows/batchSize⌉ batches; the last
 * one is smaller where they do not divide, its mean loss over fewer tokens, and none goes over the end of
 * an epoch. One that has fewer windows than batchSize is one batch.
 *
 * Documents are put into a new order for every epoch, with a mark between one and the next: windows run over
 * their ends, and over those of spans. Inside documents windows begin where each document does, the last one
 * shorter, padded and masked: each token is predicted once an epoch.
 *
 * As PyTorch's `DataLoader` with `shuffle=True` and `drop_last=False` reads a dataset of such windows:
 * `RandomSampler(replacement=False)` gives each index once an epoch too. There the windows stay the same.
 *
 * @param spans Token ids of each training span; one that holds no whole window is left out.
 * @param options `windowLength`: targets in a window, from 1. `batchSize`: windows in a batch, from 1.
 * `stream`: where the draws come from, all of an epoch's at its beginning. `read`: windows of the first
 * epoch that are passed over, 0 by default, to go on from {@link EpochBatches.read}. `documents`: windows
 * `across` their ends by default, or `inside` of them.
 * @throws {RangeError} If no span is longer than windowLength, or no document has a target.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { epochBatches } from "./epochs.ts";
 * import { tokensInMemory } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const spans = [tokensInMemory(Int32Array.of(0, 1, 2, 3, 4, 5, 6))];
 * const stream = randomStream(1, "batches");
 * const batches = epochBatches(spans, { windowLength: 2, batchSize: 2, stream });
 * const epoch = [...batches.next().targets, ...batches.next().targets];
 * assert.deepEqual(epoch.sort(), [1, 2, 3, 4, 5, 6]);
 * ```
 */
export function epochBatches(
  spans: readonly Tokens[],
  options: EpochOptions & {
    readonly windowLength: number;
    readonly documents?: DocumentWindows;
  },
): EpochBatches {
  const subject = "epochBatches";
  const { windowLength: time, documents, ...rest } = checkOptions(subject, options, {
    ...sizes,
    ...order,
    documents: documentWindows,
  });
  const lay = layEpochs(spans, { windowLength: time, documents });
  return inEpochs(lay, rest, (rows) => assemble(rows, time, rows.length));
}

/** The windows of an epoch, in an order that is none of the text's; draws what differs between epochs. */
function layEpochs(
  spans: readonly Tokens[],
  { windowLength, documents }: WindowsOfEpochs,
): (stream: RandomStream) => Windows {
  const refuse = (lengths: readonly { readonly length: number }[]) =>
    refuseShortSpans("epochBatches", lengths, { windowLength, documents });
  if (documents === "across" && hasDocuments(spans)) {
    const all = shuffledDocuments(spans);
    refuse([all]);
    return (stream) => shifted([all.shuffle(stream)], windowLength, stream);
  }
  refuse(spans);
  if (documents === "across") return (stream) => shifted(spans, windowLength, stream);
  const windows = consecutiveWindows(passagesOf(spans, documents), windowLength);
  return () => windows;
}

function hasDocuments(spans: readonly Tokens[]): boolean {
  return spans.some(({ documentEnds }) => documentEnds !== undefined);
}

/** Whole windows of spans; what is left over stands before the first and after the last, as is drawn. */
function shifted(spans: readonly Tokens[], time: number, stream: RandomStream): Windows {
  const counts = spans.map(({ length }) => windowsIn(length, time));
  const windows = layParts(counts);
  const first = spans.map(({ length }, span) =>
    counts[span] === 0 ? 0 : stream.integer(length - counts[span] * time)
  );
  return {
    count: windows.total,
    at(index) {
      const { part, place } = windows.find(index);
      return { span: spans[part], start: first[part] + place * time, length: time };
    },
  };
}

/** What decides which windows an epoch has. */
export interface WindowsOfEpochs {
  readonly windowLength: number;
  readonly documents: DocumentWindows;
}

const order = { stream: given<RandomStream>(), read: given<number | undefined>() };

/**
 * Reads training pairs in epochs: each pair once, in an order drawn anew for every epoch, padded to the
 * longest of each batch. As with {@link epochBatches} the last batch of an epoch may be smaller.
 *
 * @param pairs The training pairs.
 * @param options `batchOf`: puts pairs side by side. `batchSize`: pairs in a batch, from 1. `stream` and
 * `read`: as of {@link epochBatches}.
 */
export function epochPairBatches<Each extends Batch>(
  pairs: readonly EncodedPair[],
  options: EpochOptions & { readonly batchOf: BatchOfPairs<Each> },
): EpochBatches<Each> {
  const { batchOf, ...rest } = checkOptions("epochPairBatches", options, {
    batchOf: given<BatchOfPairs<Each>>(),
    batchSize: sizes.batchSize,
    ...order,
  });
  const all = { count: pairs.length, at: (place: number) => pairs[place] };
  return inEpochs(() => all, rest, batchOf);
}

/** Windows that an epoch reads of spans of some lengths, in tokens. */
export function windowsOfEpoch(lengths: readonly number[], windowLength: number): number {
  return lengths.reduce((sum, length) => sum + windowsIn(length, windowLength), 0);
}

/** Windows that {@link epochBatches} reads of spans in an epoch, and their targets. */
export function windowsOfSpans(
  spans: readonly Tokens[],
  { windowLength, documents }: WindowsOfEpochs,
): { readonly count: number; readonly targets: number } {
  if (documents === "inside") {
    return consecutiveWindows(passagesOf(spans, documents), windowLength);
  }
  const lengths = hasDocuments(spans)
    ? [shuffledDocuments(spans).length]
    : spans.map(({ length }) => length);
  const count = windowsOfEpoch(lengths, windowLength);
  return { count, targets: count * windowLength };
}

/** Windows or pairs that so many batches read, where an epoch has `count` of them. */
export function windowsRead(count: number, batchSize: number, batches: number): number {
  const ofEpoch = Math.ceil(count / batchSize);
  return Math.floor(batches / ofEpoch) * count + Math.min(batches % ofEpoch * batchSize, count);
}

/** Windows or pairs of a batch on average, where an epoch has `count` of them. */
export function meanBatch(count: number, batchSize: number): number {
  return count / Math.ceil(count / batchSize);
}

function windowsIn(length: number, windowLength: number): number {
  return Math.max(0, Math.floor((length - 1) / windowLength));
}

/** Items by their place, each made when it is asked for. */
interface Items<Item> {
  readonly count: number;
  at(place: number): Item;
}

/** `lay` gives all items of an epoch; an order of them is drawn after what it draws. */
function inEpochs<Item, Each extends Batch>(
  lay: (stream: RandomStream) => Items<Item>,
  { batchSize, stream, read: passed = 0 }: EpochOptions,
  batchOf: (items: Item[]) => Each,
): EpochBatches<Each> {
  let begun: RandomState;
  let items: Items<Item>;
  let order: Int32Array;
  let read: number;
  const begin = () => {
    begun = stream.state();
    items = lay(stream);
    order = stream.permutation(items.count);
    read = 0;
  };
  begin();
  read = checkInteger("epochs: read", passed, { from: 0, to: items!.count });
  return {
    next() {
      if (read === items.count) begin();
      const batch = Array.from(
        order.subarray(read, read + batchSize),
        (place) => items.at(place),
      );
      read += batch.length;
      return batchOf(batch);
    },
    state: () => begun,
    read: () => read,
  };
}
