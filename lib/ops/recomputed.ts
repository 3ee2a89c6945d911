import * as tf from "@tensorflow/tfjs";
import { type DropoutStream, sameMasks } from "./dropout_stream.ts";
import { fused } from "./_fused.ts";
import { innerGradients } from "./variable_gradients.ts";

/** Arguments of {@link recomputed}. */
export interface RecomputedOptions {
  /** What the computation begins with, of any shape. */
  readonly inputs: tf.Tensor2D;
  /** What else it is differentiable in: the parameters that it reads, each once. */
  readonly parameters: readonly tf.Tensor[];
  /** Streams that it draws masks from. */
  readonly streams: readonly DropoutStream[];
  /** The computation; it must give the same for the same inputs and states of the streams. */
  compute(inputs: tf.Tensor2D, streams: readonly DropoutStream[]): tf.Tensor2D;
}

/**
 * A computation of which only the inputs are kept for the backward pass, where it is done again (Chen et al.
 * 2016, Training deep nets with sublinear memory cost; PyTorch's torch.utils.checkpoint).
 *
 * The masks are those of the forward pass: the streams' states are kept, which are a few numbers. The bits of
 * the value and of all gradients are those without it, since the same operations are done in the same order.
 * Where no gradient is computed it is the computation alone.
 *
 * @param options Inputs, parameters, streams and the computation.
 * @returns What the computation returned.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { recomputed } from "./recomputed.ts";
 * import assert from "node:assert/strict";
 * let times = 0;
 * const square = (x: tf.Tensor2D) =>
 *   recomputed({
 *     inputs: x,
 *     parameters: [],
 *     streams: [],
 *     compute: (inputs) => (times++, tf.square(inputs)),
 *   });
 * const slope = tf.grad((x) => square(x as tf.Tensor2D))(tf.tensor2d([[3]]));
 * assert.deepEqual([...slope.dataSync(), times], [6, 2]);
 * ```
 */
export function recomputed(options: RecomputedOptions): tf.Tensor2D {
  const { inputs, streams, compute } = options;
  // Those that are frozen have no gradient.
  const parameters = options.parameters.filter((each) =>
    !(each instanceof tf.Variable) || each.trainable
  );
  if (!tf.engine().isTapeOn()) return compute(inputs, streams);
  const again = streams.map(sameMasks);
  const names = parameters.map((_, index) => `parameter${index}`);
  const given = Object.fromEntries(names.map((name, index) => [name, parameters[index]]));
  return fused<tf.Tensor2D>({ inputs, ...given }, () => ({
    value: compute(inputs, streams),
    saved: [inputs, ...parameters],
    gradients(dy, [inputs, ...parameters]) {
      const [ofInputs, ...ofParameters] = innerGradients(
        () => compute(inputs as tf.Tensor2D, again.map(sameMasks)),
        [inputs, ...parameters],
        dy,
      );
      const named = names.map((name, index) => [name, ofParameters[index]]);
      return { inputs: ofInputs, ...Object.fromEntries(named) };
    },
  }));
}
