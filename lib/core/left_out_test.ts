import assert from "node:assert/strict";
import { complete, stored } from "./left_out.ts";

const inMemory = {
  model: {
    kind: "gruLanguageModel",
    outputDropout: 0.5,
    hiddenDropout: 0.5,
    embeddingDropout: 0,
    recurrentDropout: 0,
    tiedWeights: false,
    lockedDropout: false,
    biasInitializer: { kind: "zeros" },
    outputBiasInitializer: { kind: "zeros" },
  },
  optimizer: {
    kind: "sgd",
    learningRate: 1,
    schedule: {
      kind: "warmUp",
      steps: 2,
      then: { kind: "step", every: 1, factor: 0.5, after: 0 },
    },
  },
  penalties: [
    { kind: "l2", strength: 1, schedule: { kind: "constant" } },
    {
      kind: "decoupledWeightDecay",
      strength: 1,
      scaledBy: "learningRate",
      cautious: false,
      schedule: { kind: "constant" },
    },
    {
      kind: "ownPenalty",
      strength: 1,
      options: { kind: "step", after: 0 },
      schedule: { kind: "x" },
    },
  ],
  training: {
    windowLength: 4,
    sampling: "draws",
    averages: [],
    chosenAverage: 0,
    snapshots: null,
    weightDropout: null,
    dropoutSchedule: { kind: "constant" },
    sharpnessRadius: 0,
    microBatchSize: null,
    recomputeBlocks: false,
    maskedInputs: 0,
    teacher: null,
    frozen: [],
    adapters: null,
    learningRateFactors: null,
    carriedState: true,
    documentWindows: "across",
    fillInTheMiddle: null,
    tokenAccuracy: false,
    evaluationBytes: null,
  },
};
const json = {
  model: { kind: "gruLanguageModel", outputDropout: 0.5 },
  optimizer: {
    kind: "sgd",
    learningRate: 1,
    schedule: { kind: "warmUp", steps: 2, then: { kind: "step", every: 1, factor: 0.5 } },
  },
  penalties: [
    { kind: "l2", strength: 1 },
    { kind: "decoupledWeightDecay", strength: 1 },
    {
      kind: "ownPenalty",
      strength: 1,
      options: { kind: "step", after: 0 },
      schedule: { kind: "x" },
    },
  ],
  training: { windowLength: 4, carriedState: true },
};

Deno.test("stored leaves out what is at its default, and complete fills it in", () => {
  assert.deepEqual(stored(inMemory), json);
  assert.deepEqual(complete(json), inMemory);
  assert.deepEqual(stored(json), json);
  assert.deepEqual(complete(inMemory), inMemory);
});

Deno.test("pairs have no carried state", () => {
  const training = { steps: 4, decodedPairs: 2 };
  const ofAll = {
    sampling: "draws",
    averages: [],
    chosenAverage: 0,
    snapshots: null,
    weightDropout: null,
    dropoutSchedule: { kind: "constant" },
    sharpnessRadius: 0,
    microBatchSize: null,
    recomputeBlocks: false,
    maskedInputs: 0,
    teacher: null,
    frozen: [],
    adapters: null,
    learningRateFactors: null,
    metrics: [],
    evaluationPairs: null,
  };
  assert.deepEqual(complete({ training }), { training: { ...ofAll, ...training } });
});

Deno.test("the point of a teacher stays as it is, whatever it holds", () => {
  const point = { optimizer: { schedule: { kind: "constant" } }, kind: "step" };
  const training = { ...inMemory.training, teacher: { point } };
  assert.deepEqual(stored({ training }), { training: { ...json.training, teacher: { point } } });
  assert.deepEqual(complete(stored({ training })), { training });
});
