import type * as tf from "@tensorflow/tfjs";
import type { DropoutStream } from "../ops/dropout_stream.ts";

/** Loss and its gradient by the names of variables. */
export type Gradient = ReturnType<typeof tf.variableGrads>;

/** Computes the gradient of a step from what computes it as the parameters are. */
export type GradientOf = (gradient: () => Gradient, stream: DropoutStream | null) => Gradient;
