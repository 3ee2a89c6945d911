import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { assertClose, testOnEngines } from "./_testing/contract.ts";
import reference from "./_reference/gru.json" with { type: "json" };
import { embedding } from "./embedding.ts";
import { gru, gruOfTokens } from "./gru.ts";
import { linear } from "./linear.ts";
import { linearCrossEntropy } from "./linear_cross_entropy.ts";

type Case = typeof reference.cases[number];

/** Shapes of a case's parameters, in the order in which PyTorch's values are stored. */
function shapesOf({ vocabulary, embedding, hidden, batch }: Case): Record<string, number[]> {
  return {
    table: [vocabulary, embedding],
    kernel: [embedding, 3 * hidden],
    recurrentKernel: [hidden, 3 * hidden],
    bias: [3 * hidden],
    recurrentBias: [3 * hidden],
    outputKernel: [hidden, vocabulary],
    outputBias: [vocabulary],
    initialState: [batch, hidden],
  };
}

// deno-lint-ignore no-explicit-any -- tensors go to the operations by name
type Loose = any;

/** The model of a case, by the operations under test; `folded` takes gruOfTokens. */
function modelOf(reference: Case, folded: boolean) {
  const { time, batch, resetAfter } = reference;
  const tokens = Int32Array.from(reference.tokens);
  const targets = Int32Array.from(reference.targets);
  const mask = reference.mask === null ? undefined : Float32Array.from(reference.mask);
  const inputsOf = ({ table }: Loose) => embedding({ table, tokens });
  function statesOf(tensors: Loose, inputs: tf.Tensor2D | null): tf.Tensor2D {
    const { table, outputKernel: _, outputBias: __, ...cell } = tensors;
    const options = { ...cell, time, batch, resetAfter };
    if (folded) return gruOfTokens({ ...options, table, tokens });
    return gru({ ...options, inputs: inputs ?? inputsOf(tensors) });
  }
  const outputOf = ({ outputKernel: kernel, outputBias: bias }: Loose) => ({ kernel, bias });
  return {
    inputsOf,
    statesOf,
    logitsOf: (tensors: Loose) => linear({ inputs: statesOf(tensors, null), ...outputOf(tensors) }),
    lossOf: (tensors: Loose, inputs: tf.Tensor2D | null = null) =>
      linearCrossEntropy({
        inputs: statesOf(tensors, inputs),
        ...outputOf(tensors),
        targets,
        mask,
      }),
  };
}

/** Compares one case, with the table folded into the input projection or not. */
function checkCase(one: Case, folded: boolean): void {
  tf.tidy(() => {
    const shapes = shapesOf(one);
    const names = Object.keys(one.parameters) as (keyof typeof one.gradients)[];
    const tensors = names.map((name) => tf.tensor(one.parameters[name]!, shapes[name]));
    const byName = (list: tf.Tensor[]) =>
      Object.fromEntries(names.map((name, index) => [name, list[index]]));
    const model = modelOf(one, folded);
    const check = (found: tf.Tensor, expected: number[], what: string) =>
      assertClose(found.dataSync(), expected, 1e-5, `${what}, ${folded ? "folded" : "plain"}`);
    check(model.statesOf(byName(tensors), null), one.states, "states");
    check(model.logitsOf(byName(tensors)), one.logits, "logits");
    const lossOf = (...list: tf.Tensor[]) => model.lossOf(byName(list));
    const { value, grads } = tf.valueAndGrads(lossOf)(tensors);
    check(value, [one.loss], "loss");
    names.forEach((name, index) =>
      check(grads[index], one.gradients[name]!, `gradient of ${name}`)
    );
    if (folded) return;
    const lossOfInputs = (inputs: tf.Tensor) =>
      model.lossOf(byName(tensors), inputs as tf.Tensor2D);
    const inputGradient = tf.grad(lossOfInputs)(model.inputsOf(byName(tensors)));
    check(inputGradient, one.inputGradient, "gradient of the inputs");
  });
}

for (const resetAfter of [true, false]) {
  await testOnEngines(
    `embedding, gru reset-${
      resetAfter ? "after" : "before"
    }, linear and linearCrossEntropy give the ` +
      `values and gradients of PyTorch ${reference.versions.torch} within 1e-5`,
    () => {
      const cases = reference.cases.filter((one) => one.resetAfter === resetAfter);
      assert.equal(cases.length, 3);
      for (const one of cases) for (const folded of [false, true]) checkCase(one, folded);
    },
  );
}
