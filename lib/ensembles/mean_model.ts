import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batches.ts";
import type { Decoder, Model } from "../models/model.ts";
import { readTokens } from "../models/read_tokens.ts";
import { type EnsembleMean, logMeans, targetLogMeans } from "./mean.ts";

/** What a mean asks of its members; models of texts and of pairs alike. */
export interface MemberModel<B extends Batch, Start> extends Model {
  readonly vocabularySize: number;
  logits(batch: B): tf.Tensor2D;
  decoder(start: Start): Decoder;
}

/** A model that predicts the mean of others. It is not trained: it has no parameters of its own. */
export interface MeanModel<B extends Batch, Start> extends MemberModel<B, Start> {
  /**
   * Mean cross-entropy of a batch in evaluation mode, from the mean's log-probabilities in double
   * precision; not differentiable.
   *
   * @throws {Error} If it is asked for in training mode.
   */
  loss(batch: Batch, dropout: null): tf.Scalar;
  /** The mean's log-probabilities. */
  logits(batch: B): tf.Tensor2D;
}

/**
 * The mean of models of the same vocabulary, a model itself: its scores are the log-probabilities of
 * {@link logMeans}. By Jensen's inequality its loss with `probabilities` is at most the mean of its
 * members' losses on any text.
 *
 * Of one model it is that model within single precision's rounding.
 *
 * Hansen and Salamon, Neural Network Ensembles (1990); Lakshminarayanan et al. (2017) average
 * probabilities.
 *
 * @param members Trained models, at least one; `dispose` frees them.
 * @param mean What is averaged.
 * @throws {RangeError} If there is none, or their vocabularies have different sizes.
 */
export function meanModel<B extends Batch, Start>(
  members: readonly MemberModel<B, Start>[],
  mean: EnsembleMean,
): MeanModel<B, Start> {
  const sizes = new Set(members.map(({ vocabularySize }) => vocabularySize));
  if (sizes.size !== 1) {
    throw new RangeError(
      `An ensemble must have at least 1 model, all with vocabularies of the same size, found ${
        members.length === 0 ? "none" : `sizes ${[...sizes].join(", ")}`
      }.`,
    );
  }
  const [{ vocabularySize: size }] = members;
  const carry = carriedByMember<B>();
  /** One member's scores at a time are in the engine's memory. */
  const logitsOf = (batch: B) => {
    const { of, keep } = carry(batch);
    const scores = members.map((member, index) => {
      const logits = member.logits(of(index));
      // What an engine gives may be its own memory, which is used again.
      const copy = Float32Array.from(logits.dataSync());
      logits.dispose();
      return copy;
    });
    keep();
    return scores;
  };
  return {
    parameters: [],
    vocabularySize: size,
    loss(batch, dropout) {
      if (dropout !== null) throw new Error("An ensemble is evaluated, not trained.");
      const { targets, mask } = batch;
      const scores = targetLogMeans(logitsOf(batch as B), size, targets, mean);
      let [sum, tokens] = [0, 0];
      for (const [row, score] of scores.entries()) {
        if (mask !== undefined && mask[row] === 0) continue;
        sum -= score;
        tokens++;
      }
      return tf.scalar(sum / tokens);
    },
    logits(batch) {
      const scores = logMeans(logitsOf(batch), size, mean);
      return tf.tensor2d(Float32Array.from(scores), [scores.length / size, size]);
    },
    decoder: (start) => meanDecoder(members.map((member) => member.decoder(start)), size, mean),
    dispose: () => members.forEach((member) => member.dispose()),
  };
}

/** Where state is carried from batch to batch, every member's own: the batch has all of them in a row. */
function carriedByMember<B extends Batch>() {
  const counts: number[] = [];
  return (batch: B): { of(member: number): B; keep(): void } => {
    const { carried } = batch;
    if (carried === undefined) return { of: () => batch, keep() {} };
    const before = carried.before();
    const after: (readonly Float32Array[])[] = [];
    return {
      of(member) {
        const start = counts.slice(0, member).reduce((sum, count) => sum + count, 0);
        return {
          ...batch,
          carried: {
            before: () => before && before.slice(start, start + counts[member]),
            keep: (states) => after[member] = states,
          },
        };
      },
      keep() {
        after.forEach((states, member) => counts[member] = states.length);
        carried.keep(after.flat());
      },
    };
  };
}

/** Every member reads the same tokens, in a state of its own. */
function meanDecoder(decoders: readonly Decoder[], size: number, mean: EnsembleMean): Decoder {
  return {
    next: (tokens, from) =>
      Float32Array.from(
        logMeans(decoders.map((decoder) => decoder.next(tokens, from)), size, mean),
      ),
    read: (tokens) => decoders.forEach((decoder) => readTokens(decoder, [tokens])),
    dispose: () => decoders.forEach((decoder) => decoder.dispose()),
  };
}
