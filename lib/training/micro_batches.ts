import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import { arenaTensor, hasArena, valuesNow } from "../engine/kernels.ts";
import type { DropoutStream } from "../ops/dropout_stream.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";

type Gradient = ReturnType<typeof tf.variableGrads>;

/** Gradient of the loss of a batch, by the name of each variable. */
type GradientOfPart = (
  batch: Batch,
  stream: DropoutStream | null,
  terms: LossTerms | null | undefined,
) => Gradient;

/**
 * The gradient of a batch as the sum of those of its parts, computed one after the other, so that the
 * activations of one part are in memory at a time (gradient accumulation).
 *
 * With n_i counted tokens in part i and n in all, loss and gradient are Σ (n_i / n) · those of the part's
 * mean: the mean over the batch's tokens, however padding lies. Means over other things weigh each part by
 * its share of them: tokens ahead by positions that have one, differences of outputs by pairs of positions;
 * `logitsL1` as a sum is one. Each part draws the masks of its dropouts after those of the parts before it,
 * so that masks are others than in one batch.
 *
 * PyTorch users often divide by the number of parts, which is this only where all parts count as many tokens.
 *
 * @param size Windows or pairs of a part, from 1; the last one may have fewer. Null, or the batch's own, for
 * the batch as it is.
 * @returns The same as `gradient` of the whole batch, but for rounding and masks.
 */
export function inMicroBatches(
  gradient: GradientOfPart,
  size: number | null,
): GradientOfPart {
  return (whole, stream, terms) => {
    if (size === null || size >= whole.batch) return gradient(whole, stream, terms);
    let value = tf.scalar(0);
    let grads: Gradient["grads"] = {};
    for (let start = 0; start < whole.batch; start += size) {
      const part = partOf(whole, start, Math.min(size, whole.batch - start));
      // Padding alone has no mean.
      if (part.tokens === 0) continue;
      const share = part.tokens / whole.tokens;
      const found = gradient(part, stream, terms && termsOfPart(terms, part, whole));
      value = added(value, found.value, share) as tf.Scalar;
      grads = Object.fromEntries(
        Object.entries(found.grads).map((
          [name, each],
        ) => [name, added(grads[name] ?? null, each, share)]),
      );
    }
    return { value, grads };
  };
}

/** sum + share · tensor, in the sum's place where the engine has a memory; both are disposed of. */
function added(sum: tf.Tensor | null, tensor: tf.Tensor, share: number): tf.Tensor {
  if (hasArena()) {
    const result = sum ?? arenaTensor(tensor.shape);
    addInPlace(valuesNow(result), valuesNow(tensor), {
      share: fround(share),
      begins: sum === null,
    });
    tensor.dispose();
    return result;
  }
  const result = tf.tidy(() => {
    const weighted = tf.mul(tensor, share);
    return sum === null ? weighted : tf.add(sum, weighted);
  });
  tensor.dispose();
  sum?.dispose();
  return result;
}

const { fround } = Math;

/** The same bits as a product and a sum in single precision. */
function addInPlace(
  sum: Float32Array,
  values: Float32Array,
  { share, begins }: { readonly share: number; readonly begins: boolean },
): void {
  if (begins) { for (let i = 0; i < sum.length; i++) sum[i] = values[i] * share; }
  else for (let i = 0; i < sum.length; i++) sum[i] += fround(values[i] * share);
}

/** Terms that come to those of the whole batch when parts are weighed by their tokens. */
function termsOfPart(terms: LossTerms, part: Batch, whole: Batch): LossTerms {
  const share = part.tokens / whole.tokens;
  const times = (ahead: number) => {
    const all = positionsAhead(whole, ahead);
    return all === 0 ? 1 : positionsAhead(part, ahead) / all / share;
  };
  return {
    ...terms,
    logitsL1Sum: terms.logitsL1Sum / share,
    outputDifferences: terms.outputDifferences && terms.outputDifferences * times(1),
    tokensAhead: terms.tokensAhead.map((weight, index) => weight && weight * times(index + 1)),
  };
}

/** Positions that count and have one that counts `ahead` positions later. */
function positionsAhead({ batch, time, mask }: Batch, ahead: number): number {
  const rows = Math.max(0, time - ahead) * batch;
  if (mask === undefined) return rows;
  let count = 0;
  for (let row = 0; row < rows; row++) count += mask[row] * mask[row + ahead * batch];
  return count;
}

/** Some of the windows or pairs of a batch, side by side. */
function partOf(whole: Batch, start: number, count: number): Batch {
  const { time, batch, mask, softTargets } = whole;
  const columns = <Values extends Int32Array | Float32Array>(values: Values, width = 1): Values =>
    columnsOf(values, { time: values.length / width / batch, batch, width, start, count });
  const ownMask = mask && columns(mask);
  const { source } = whole as Partial<PairBatch>;
  return {
    ...whole,
    inputs: columns(whole.inputs),
    targets: columns(whole.targets),
    batch: count,
    tokens: ownMask === undefined ? time * count : ownMask.reduce((sum, one) => sum + one, 0),
    ...(ownMask && { mask: ownMask }),
    ...(softTargets && {
      softTargets: {
        ...softTargets,
        probabilities: columns(
          softTargets.probabilities,
          softTargets.probabilities.length / (time * batch),
        ),
      },
    }),
    ...(source && { source: sequencesOf(source, start, count) }),
  };
}

function sequencesOf(
  { tokens, time, batch, mask }: PaddedSequences,
  start: number,
  count: number,
): PaddedSequences {
  const shape = { time, batch, width: 1, start, count };
  return {
    tokens: columnsOf(tokens, shape),
    time,
    batch: count,
    ...(mask && { mask: columnsOf(mask, shape) }),
  };
}

/** Columns of `[time, batch, width]`. */
function columnsOf<Values extends Int32Array | Float32Array>(
  values: Values,
  { time, batch, width, start, count }: {
    time: number;
    batch: number;
    width: number;
    start: number;
    count: number;
  },
): Values {
  const part = new (values.constructor as new (length: number) => Values)(time * count * width);
  for (let t = 0; t < time; t++) {
    const from = (t * batch + start) * width;
    part.set(values.subarray(from, from + count * width), t * count * width);
  }
  return part;
}
