import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { ParameterSummary, RunRecord } from "../records/run_record.ts";
import { forwardFlopsPerToken } from "../models/forward_flops.ts";
import { trainingFlops } from "./training_flops.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

const { runs: [template] } = syntheticStudy();

const parameter = (name: string, kind: string, ...shape: number[]): ParameterSummary => ({
  name,
  kind,
  shape,
  penalties: [],
});

/** Five steps of two windows of six tokens. */
function flops(
  model: JsonObject,
  parameters: readonly ParameterSummary[],
  change: Partial<RunRecord> = {},
): number | null {
  const specification = { model, training: { steps: 9, batchSize: 2, windowLength: 6 } };
  const final = { ...template.final!, step: 5 };
  return trainingFlops(specification, { ...template, final, parameters, ...change });
}

const embedding = parameter("embedding/table", "embedding", 7, 3);
const cell = (gates: number) => [
  parameter("cell0/kernel", "kernel", 3, gates * 4),
  parameter("cell0/recurrentKernel", "recurrentKernel", 4, gates * 4),
  parameter("cell0/bias", "bias", gates * 4),
];
const output = [parameter("output/kernel", "kernel", 4, 7), parameter("output/bias", "bias", 7)];
const tokens = 5 * 2 * 6;

Deno.test("FLOPs of recurrent models are 6 a weight of their kernels and token: worked by hand", () => {
  // (3·4 + 4·4) weights a gate and 4·7 of the output layer.
  for (
    const [kind, gates] of [
      ["rnnLanguageModel", 1],
      ["gruLanguageModel", 3],
      ["lstmLanguageModel", 4],
    ] as const
  ) {
    const found = flops({ kind, tiedWeights: false }, [embedding, ...cell(gates), ...output]);
    assert.equal(found, 6 * (28 * gates + 28) * tokens);
  }
  assert.equal(flops({ kind: "rnnLanguageModel" }, [embedding, ...cell(1), ...output]), 20_160);
});

Deno.test("with tied weights the table counts once, as the output layer", () => {
  const table = parameter("embedding/table", "embedding", 7, 4);
  const square = [
    parameter("rnn0/kernel", "kernel", 4, 4),
    parameter("rnn0/recurrentKernel", "recurrentKernel", 4, 4),
  ];
  const kind = "rnnLanguageModel";
  assert.equal(
    flops({ kind, tiedWeights: true }, [table, ...square, output[1]]),
    6 * (16 + 16 + 28) * tokens,
  );
});

Deno.test("FLOPs of a Transformer are its kernels', 12 d² a block, and those of attention over the window", () => {
  const d = 6;
  const block = (index: number) => [
    parameter(`block${index}/attention/kernel`, "kernel", d, 3 * d),
    parameter(`block${index}/attentionOutput/kernel`, "kernel", d, d),
    parameter(`block${index}/feedForward/kernel`, "kernel", d, 4 * d),
    parameter(`block${index}/feedForwardOutput/kernel`, "kernel", 4 * d, d),
    parameter(`block${index}/attentionNorm/gain`, "normalization", d),
  ];
  const parameters = [
    parameter("embedding/table", "embedding", 7, d),
    parameter("positions/table", "embedding", 8, d),
    ...block(0),
    ...block(1),
  ];
  const model = {
    kind: "transformerLanguageModel",
    embeddingSize: d,
    layers: 2,
    tiedWeights: true,
  };
  const perToken = 2 * (2 * 12 * d * d + 7 * d) + 2 * 4 * 6 * d;
  assert.equal(flops(model, parameters), 3 * perToken * tokens);
});

Deno.test("a run counts the steps that it did", () => {
  const parameters = [embedding, ...cell(1), ...output];
  const model = { kind: "rnnLanguageModel" };
  const stopped = flops(model, parameters, {
    final: { ...template.final!, step: 3 },
    stoppedAtStep: 3,
  });
  assert.equal(stopped, 20_160 * 3 / 5);
  const untrained = flops(model, parameters, { final: { ...template.final!, step: 0 } });
  assert.equal(untrained, 0);
});

Deno.test("there are no FLOPs where shapes do not tell them", () => {
  const parameters = [embedding, ...cell(1), ...output];
  assert.equal(flops({ kind: "ownModel" }, parameters), null);
  assert.equal(flops({ kind: "lstmSequenceToSequence" }, parameters), null);
  assert.equal(flops({ kind: "rnnLanguageModel" }, parameters, { final: null }), null);
  assert.equal(flops({ kind: "rnnLanguageModel" }, []), null);
  assert.equal(forwardFlopsPerToken({}, parameters), null);
});
