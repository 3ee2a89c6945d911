import type * as tf from "@tensorflow/tfjs";
import { scheduleFactor } from "../core/schedule.ts";
import type { ModelParameter } from "../models/model.ts";
import { dropout } from "../ops/dropout.ts";
import { type DropoutStream, movedBy, ownMasks } from "../ops/dropout_stream.ts";
import { droppedParameters, type WeightDropoutSpecification } from "./dropout_options.ts";
import type { GradientOf } from "./gradient_of.ts";
import type { Specification } from "./specification.ts";
import type { Tuning } from "./tuning.ts";
import { withWeights } from "./with_weights.ts";

/**
 * Weight dropout (DropConnect, Wan et al. 2013; on recurrent kernels AWD-LSTM's, Merity et al. 2018) around
 * the gradient of a step: each weight w of the targets is m w in every pass of the step, m = 0 with
 * probability p and 1/(1 − p) else, drawn once a step; its gradient is m times that of m w. Penalties, decay
 * and the optimizer see w.
 *
 * The masks come from a stream of their own (`ownMasks`), whatever the model: runs with and without them
 * share all others. In PyTorch this is nn.utils.parametrize with F.dropout on the weight, cached for a step.
 *
 * @param specification Null, or rate 0, for none.
 * @param parameters Of the model; those that are targets are masked while the gradient is computed.
 * @throws {RangeError} If it has no such parameters.
 */
export function weightDropout(
  specification: WeightDropoutSpecification | null,
  parameters: readonly ModelParameter[],
): GradientOf {
  const targets = new Set(
    droppedParameters(specification, parameters.map(({ description }) => description)),
  );
  const rate = specification?.rate ?? 0;
  if (rate === 0) return (gradient) => gradient();
  const variables = parameters.filter(({ description }) => targets.has(description))
    .map(({ variable }) => variable);
  return (gradient, stream) => {
    if (stream === null) return gradient();
    return movedBy(stream, () => {
      // The same masks twice.
      const [forwards, backwards] = [0, 1].map(() => ownMasks(stream, "weight dropout"));
      const found = withWeights(
        variables,
        (variable) => dropout({ inputs: variable as tf.Tensor, rate, stream: forwards }),
        gradient,
      );
      for (const { name } of variables) {
        const whole = found.grads[name];
        // A frozen weight is dropped too.
        if (whole === undefined) continue;
        found.grads[name] = dropout({ inputs: whole, rate, stream: backwards });
        whole.dispose();
      }
      return found;
    });
  };
}

/** What the training loop is told of dropouts: their stream, and what of them is said besides the model. */
export function dropoutsOf(
  training: Pick<Specification["training"], "weightDropout" | "dropoutSchedule">,
  parameters: readonly ModelParameter[],
  dropout: DropoutStream,
  tuning?: Pick<Tuning, "gradientOf">,
) {
  const dropped = weightDropout(training.weightDropout, parameters);
  return {
    dropout,
    dropoutFactor: (step: number) => scheduleFactor(training.dropoutSchedule, step),
    gradientOf: tuning?.gradientOf(dropped) ?? dropped,
  };
}
