import type * as tf from "@tensorflow/tfjs";

/**
 * Calls a function while variables hold other values, and gives them back their own, to the bit.
 *
 * @param others Makes the values of each in their place, from the variable.
 */
export function withWeights<Result>(
  variables: readonly tf.Variable[],
  others: (variable: tf.Variable, index: number) => tf.Tensor,
  call: () => Result,
): Result {
  const own = variables.map((variable) => variable.clone());
  try {
    variables.forEach((variable, index) => assign(variable, others(variable, index)));
    return call();
  } finally {
    variables.forEach((variable, index) => assign(variable, own[index]));
  }
}

/** Gives a variable the values of a tensor, which is disposed of. */
function assign(variable: tf.Variable, tensor: tf.Tensor): void {
  variable.assign(tensor);
  tensor.dispose();
}
