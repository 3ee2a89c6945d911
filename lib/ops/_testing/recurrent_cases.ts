import * as tf from "@tensorflow/tfjs";
import { type ContractCase, stepMaskOf, type Tensors, tokensOf } from "./contract.ts";
import { lstm, lstmOfTokens, lstmOfTokensTwin, type LstmResult, lstmTwin } from "../lstm.ts";
import {
  type RnnActivation,
  simpleRnn,
  simpleRnnOfTokens,
  simpleRnnOfTokensTwin,
  simpleRnnTwin,
} from "../simple_rnn.ts";

// deno-lint-ignore no-explicit-any -- a case hands its tensors over by name
type Loose = any;

interface Size {
  time: number;
  batch: number;
  size: number;
  hidden: number;
  recurrentBias?: boolean;
  initialState?: boolean;
  masked?: boolean;
  vocabulary?: number;
  spread?: number;
}

function tensorsOf(gates: number, states: readonly string[], given: Size): ContractCase["tensors"] {
  const { time, batch, size, hidden, vocabulary, spread = 0.5 } = given;
  const columns = gates * hidden;
  return {
    ...vocabulary
      ? { table: { shape: [vocabulary, size] } }
      : { inputs: { shape: [time * batch, size] } },
    kernel: { shape: [size, columns], spread },
    recurrentKernel: { shape: [hidden, columns], spread },
    bias: { shape: [columns], spread },
    ...given.recurrentBias && { recurrentBias: { shape: [columns], spread } },
    ...given.initialState &&
      Object.fromEntries(states.map((state) => [state, { shape: [batch, hidden] }])),
  };
}

function nameOf(what: string, given: Size): string {
  const { time, batch, size, hidden, vocabulary, spread = 0.5 } = given;
  return `${what}${vocabulary ? `OfTokens (${vocabulary})` : ""} time ${time} batch ${batch} ` +
    `size ${size} hidden ${hidden}${given.recurrentBias ? " recurrent bias" : ""}` +
    `${given.initialState ? " initial state" : ""}${given.masked ? " masked" : ""} ` +
    `spread ${spread}`;
}

function lstmCase(given: Size): ContractCase {
  const { time, batch, vocabulary } = given;
  const tokens = tokensOf(time * batch, vocabulary ?? 1);
  const mask = given.masked ? stepMaskOf(time, batch) : undefined;
  const complete = ({ initialHidden: hidden, initialCell: cell, ...rest }: Tensors): Loose => ({
    ...rest,
    ...hidden && { initialState: { hidden, cell } },
    time,
    batch,
    tokens,
    mask,
  });
  // All outputs below each other, so that the gradient of each is tested.
  const whole = ({ states, finalState: { hidden, cell } }: LstmResult) =>
    tf.concat2d([states, hidden, cell], 0);
  return {
    name: nameOf("lstm", given),
    tensors: tensorsOf(4, ["initialHidden", "initialCell"], given),
    fused: (t) => whole(vocabulary ? lstmOfTokens(complete(t)) : lstm(complete(t))),
    twin: (t) => whole(vocabulary ? lstmOfTokensTwin(complete(t)) : lstmTwin(complete(t))),
    tolerance: 1e-5,
  };
}

function simpleRnnCase(activation: RnnActivation, given: Size): ContractCase {
  const { time, batch, vocabulary } = given;
  const tokens = tokensOf(time * batch, vocabulary ?? 1);
  const mask = given.masked ? stepMaskOf(time, batch) : undefined;
  const complete = (t: Tensors): Loose => ({ ...t, time, batch, tokens, mask, activation });
  return {
    name: nameOf(`simpleRnn ${activation}`, given),
    tensors: tensorsOf(1, ["initialState"], given),
    fused: (t) => vocabulary ? simpleRnnOfTokens(complete(t)) : simpleRnn(complete(t)),
    twin: (t) => vocabulary ? simpleRnnOfTokensTwin(complete(t)) : simpleRnnTwin(complete(t)),
    tolerance: 1e-5,
  };
}

const small = { size: 3, hidden: 5, time: 3, batch: 2 };
const sizes: readonly Size[] = [
  { time: 1, batch: 1, size: 1, hidden: 1 },
  small,
  { ...small, recurrentBias: true, initialState: true },
  { ...small, time: 5, initialState: true, masked: true },
  { ...small, time: 4, batch: 3, masked: true, vocabulary: 4 },
  { time: 1, batch: 3, size: 7, hidden: 17, initialState: true },
  { time: 5, batch: 17, size: 3, hidden: 33, spread: 0.3 },
  { ...small, recurrentBias: true, vocabulary: 4 },
  { ...small, initialState: true, vocabulary: 4, spread: 1e-3 },
  { ...small, vocabulary: 31 },
];

/** Cases of the recurrent layers. */
export const recurrentCases: readonly ContractCase[] = [
  ...sizes.map(lstmCase),
  ...sizes.map((size) => simpleRnnCase("tanh", size)),
  // Differences are of no use where a step crosses 0; these sizes and spreads do not.
  ...sizes.slice(0, 5).map((size) => simpleRnnCase("relu", size)),
];
