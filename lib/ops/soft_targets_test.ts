import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { testOnEngines } from "./_testing/contract.ts";
import { crossEntropy } from "./cross_entropy.ts";

const ln = Math.log;

// Logits ln 1, ln 3 give 1/4, 3/4; at temperature 2 ln 1, ln √3.
const logits = [0, ln(3)];

function lossOf(softTargets: {
  probabilities: Float32Array;
  share: number;
  temperature: number;
}): { value: number; gradient: number[] } {
  const variable = tf.tensor2d(logits, [1, 2]);
  const { value, grad } = tf.valueAndGrad((given: tf.Tensor) =>
    crossEntropy({
      logits: given as tf.Tensor2D,
      targets: Int32Array.of(0),
      softTargets,
    })
  )(variable);
  const found = { value: value.dataSync()[0], gradient: [...grad.dataSync()] };
  tf.dispose([variable, value, grad]);
  return found;
}

function close(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 2e-6, `${found}, ${expected}`);
}

await testOnEngines("soft targets of one row are what is worked by hand", () => {
  // (1 − 1/4) ln 4 + 1/4 · 1² · (1/2 ln (1/2 / 1/4) + 1/2 ln (1/2 / 3/4))
  const half = lossOf({ probabilities: Float32Array.of(0.5, 0.5), share: 0.25, temperature: 1 });
  close(half.value, 0.75 * ln(4) + 0.25 * (0.5 * ln(2) + 0.5 * ln(2 / 3)));
  // 3/4 (1/4 − 1) + 1/4 (1/4 − 1/2), and the negative: all logits together do not matter.
  close(half.gradient[0], -0.5625 - 0.0625);
  close(half.gradient[1], 0.625);
  // The teacher alone, certain of the second token, at temperature 2: 4 · ln (1 + 1/√3).
  const certain = lossOf({ probabilities: Float32Array.of(0, 1), share: 1, temperature: 2 });
  close(certain.value, 4 * ln(1 + 1 / Math.sqrt(3)));
  // T (p − q) with p = 1/(1 + √3) for the first.
  close(certain.gradient[0], 2 / (1 + Math.sqrt(3)));
  close(certain.gradient[1], -2 / (1 + Math.sqrt(3)));
  // A teacher that says what the student says has no divergence, whatever the temperature.
  const own = lossOf({ probabilities: Float32Array.of(0.25, 0.75), share: 0.5, temperature: 1 });
  close(own.value, 0.5 * ln(4));
});

Deno.test("soft targets of another size are refused", () => {
  assert.throws(
    () => lossOf({ probabilities: Float32Array.of(1), share: 0.5, temperature: 1 }),
    /softTargets must hold 1 × 2 probabilities, found 1/,
  );
});
