import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../../core/random.ts";
import type { ContractCase } from "./contract.ts";
import { causalAttention, causalAttentionTwin } from "../causal_attention.ts";
import { gelu, type GeluApproximation, geluTwin } from "../gelu.ts";
import { groupedAttention, groupedAttentionTwin } from "../grouped_attention.ts";
import { layerNorm, layerNormTwin } from "../layer_norm.ts";
import { linearGelu, linearGeluTwin } from "../linear_gelu.ts";
import { maskedSoftmax, maskedSoftmaxTwin } from "../masked_softmax.ts";
import { rmsNorm, rmsNormTwin } from "../rms_norm.ts";
import { rotary, rotaryTwin } from "../rotary.ts";
import { swiglu, swigluTwin } from "../swiglu.ts";
import { lockedDropout, lockedDropoutTwin } from "../dropout.ts";

// deno-lint-ignore no-explicit-any -- a case hands its tensors over by name
type Loose = any;

function layerNormCase(rows: number, columns: number, shift: boolean, spread = 1): ContractCase {
  return {
    name: `layerNorm [${rows}, ${columns}] ${shift ? "with" : "without"} shift spread ${spread}`,
    tensors: {
      inputs: { shape: [rows, columns], spread },
      gain: { shape: [columns] },
      ...shift && { shift: { shape: [columns] } },
    },
    fused: (t) => layerNorm(t as Loose),
    twin: (t) => layerNormTwin(t as Loose),
    tolerance: 5e-6,
  };
}

function geluCase(shape: number[], approximation: GeluApproximation, spread = 2): ContractCase {
  return {
    name: `gelu of [${shape}] by ${approximation} spread ${spread}`,
    tensors: { inputs: { shape, spread } },
    fused: ({ inputs }) => gelu({ inputs, approximation }),
    twin: ({ inputs }) => geluTwin({ inputs, approximation }),
  };
}

function linearGeluCase(
  rows: number,
  size: number,
  columns: number,
  approximation: GeluApproximation,
  bias = true,
): ContractCase {
  return {
    name: `linearGelu [${rows}, ${size}] by [${size}, ${columns}] by ${approximation} ` +
      `${bias ? "with" : "without"} bias`,
    tensors: {
      inputs: { shape: [rows, size] },
      kernel: { shape: [size, columns] },
      ...bias && { bias: { shape: [columns] } },
    },
    fused: (t) => linearGelu({ ...t as Loose, approximation }),
    twin: (t) => linearGeluTwin({ ...t as Loose, approximation }),
    tolerance: 5e-6,
  };
}

function attentionCase(
  time: number,
  batch: number,
  heads: number,
  width: number,
  spread = 1,
  rate?: number,
): ContractCase {
  const options = () => ({
    ...{ time, batch, heads },
    ...(rate !== undefined && { dropout: { rate, stream: randomStream(1, "mask") } }),
  });
  return {
    name: `causalAttention time ${time} batch ${batch} heads ${heads} width ${width} ` +
      `spread ${spread}${rate === undefined ? "" : ` dropout ${rate}`}`,
    tensors: { projections: { shape: [time * batch, 3 * width], spread } },
    fused: (t) => causalAttention({ ...t as Loose, ...options() }),
    twin: (t) => causalAttentionTwin({ ...t as Loose, ...options() }),
    tolerance: 5e-6,
  };
}

function maskedSoftmaxCase(
  batch: number,
  queries: number,
  keys: number,
  shut: number,
  spread = 1,
): ContractCase {
  // The last keys of every sequence but the first are shut out.
  const mask = (): tf.Tensor3D =>
    tf.tensor3d(
      Float32Array.from(
        { length: batch * keys },
        (_, i) => i >= keys && i % keys >= keys - shut ? -1e9 : 0,
      ),
      [batch, 1, keys],
    );
  return {
    name: `maskedSoftmax [${batch}, ${queries}, ${keys}] with ${shut} shut out, spread ${spread}`,
    tensors: { scores: { shape: [batch, queries, keys], spread } },
    fused: (t) => maskedSoftmax({ ...t as Loose, mask: mask() }),
    twin: (t) => maskedSoftmaxTwin({ ...t as Loose, mask: mask() }),
  };
}

function lockedDropoutCase(
  time: number,
  batch: number,
  columns: number,
  rate: number,
): ContractCase {
  const options = () => ({ time, batch, rate, stream: randomStream(1, "mask") });
  return {
    name: `lockedDropout time ${time} batch ${batch} columns ${columns} at ${rate}`,
    tensors: { inputs: { shape: [time * batch, columns] } },
    fused: (t) => lockedDropout({ ...t as Loose, ...options() }),
    twin: (t) => lockedDropoutTwin({ ...t as Loose, ...options() }),
  };
}

function rmsNormCase(rows: number, columns: number, spread = 1): ContractCase {
  return {
    name: `rmsNorm [${rows}, ${columns}] spread ${spread}`,
    tensors: { inputs: { shape: [rows, columns], spread }, gain: { shape: [columns] } },
    fused: (t) => rmsNorm(t as Loose),
    twin: (t) => rmsNormTwin(t as Loose),
    tolerance: 5e-6,
  };
}

function rotaryCase(
  time: number,
  batch: number,
  heads: number,
  headSize: number,
  more: { theta?: number; firstPosition?: number } = {},
): ContractCase {
  const options = { time, headSize, ...more };
  return {
    name: `rotary time ${time} batch ${batch} heads ${heads} of ${headSize} ${
      JSON.stringify(more)
    }`,
    tensors: { inputs: { shape: [time * batch, heads * headSize] } },
    fused: (t) => rotary({ ...t as Loose, ...options }),
    twin: (t) => rotaryTwin({ ...t as Loose, ...options }),
  };
}

function swigluCase(shape: number[], spread = 2): ContractCase {
  return {
    name: `swiglu of [${shape}] spread ${spread}`,
    tensors: { gate: { shape, spread }, up: { shape } },
    fused: (t) => swiglu(t as Loose),
    twin: (t) => swigluTwin(t as Loose),
  };
}

function groupedAttentionCase(
  sizes: { time: number; batch: number; heads: number; keyValueHeads: number },
  headSize: number,
  { spread = 1, rate }: { spread?: number; rate?: number } = {},
): ContractCase {
  const options = () => ({
    ...sizes,
    ...(rate !== undefined && { dropout: { rate, stream: randomStream(1, "mask") } }),
  });
  const rows = sizes.time * sizes.batch;
  const shape = [rows, sizes.keyValueHeads * headSize];
  return {
    name: `groupedAttention ${JSON.stringify(sizes)} of ${headSize} spread ${spread}` +
      `${rate === undefined ? "" : ` dropout ${rate}`}`,
    tensors: {
      queries: { shape: [rows, sizes.heads * headSize], spread },
      keys: { shape, spread },
      values: { shape },
    },
    fused: (t) => groupedAttention({ ...t as Loose, ...options() }),
    twin: (t) => groupedAttentionTwin({ ...t as Loose, ...options() }),
    tolerance: 5e-6,
  };
}

/** Cases of the Transformer's layers, of attention to a source and of locked dropout. */
export const transformerCases: readonly ContractCase[] = [
  layerNormCase(1, 3, true),
  layerNormCase(3, 1, true),
  layerNormCase(3, 17, true),
  layerNormCase(17, 3, false),
  layerNormCase(5, 33, true, 1e3),
  layerNormCase(3, 8, true, 1e-2),
  geluCase([1], "none"),
  geluCase([3, 17], "none"),
  geluCase([2, 3, 33], "tanh"),
  geluCase([33], "none", 1e-3),
  geluCase([33], "tanh", 30),
  geluCase([33], "none", 30),
  linearGeluCase(1, 1, 1, "none"),
  linearGeluCase(17, 3, 33, "none"),
  linearGeluCase(3, 33, 17, "tanh", false),
  attentionCase(1, 1, 1, 1),
  attentionCase(3, 2, 1, 3),
  attentionCase(17, 3, 2, 10),
  attentionCase(33, 1, 3, 9, 3),
  attentionCase(131, 2, 1, 4, 0.3),
  attentionCase(3, 2, 1, 3, 1, 0),
  attentionCase(17, 3, 2, 10, 1, 0.3),
  attentionCase(131, 2, 1, 4, 0.3, 0.9),
  rmsNormCase(1, 2),
  rmsNormCase(3, 17),
  rmsNormCase(17, 3),
  rmsNormCase(5, 33, 1e3),
  rmsNormCase(3, 8, 1e-2),
  rotaryCase(1, 1, 1, 2),
  rotaryCase(5, 3, 2, 6),
  rotaryCase(3, 2, 1, 18, { theta: 100 }),
  rotaryCase(3, 1, 3, 8, { firstPosition: 41 }),
  swigluCase([1]),
  swigluCase([3, 17]),
  swigluCase([2, 3, 33], 30),
  groupedAttentionCase({ time: 1, batch: 1, heads: 1, keyValueHeads: 1 }, 1),
  groupedAttentionCase({ time: 3, batch: 2, heads: 2, keyValueHeads: 1 }, 3),
  groupedAttentionCase({ time: 17, batch: 3, heads: 6, keyValueHeads: 2 }, 5),
  groupedAttentionCase({ time: 33, batch: 1, heads: 3, keyValueHeads: 3 }, 3, { spread: 3 }),
  groupedAttentionCase({ time: 131, batch: 2, heads: 2, keyValueHeads: 1 }, 4, { spread: 0.3 }),
  groupedAttentionCase({ time: 17, batch: 2, heads: 4, keyValueHeads: 2 }, 5, { rate: 0.3 }),
  groupedAttentionCase({ time: 131, batch: 1, heads: 2, keyValueHeads: 1 }, 4, { rate: 0.9 }),
  maskedSoftmaxCase(1, 1, 1, 0),
  maskedSoftmaxCase(3, 5, 17, 0),
  maskedSoftmaxCase(2, 3, 33, 30, 3),
  lockedDropoutCase(1, 1, 1, 0),
  lockedDropoutCase(5, 3, 7, 0.4),
  lockedDropoutCase(3, 1, 33, 0.9),
];
