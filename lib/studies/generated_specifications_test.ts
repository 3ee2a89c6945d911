import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/random.ts";
import {
  adam,
  adamW,
  asgd,
  blockedFolds,
  bytes,
  characters,
  completionTokenizer,
  cosineSchedule,
  fanInUniform,
  fixedSplit,
  glorotUniform,
  groupedFolds,
  gruLanguageModel,
  type Initializer,
  inlinePairs,
  inlineText,
  llamaLanguageModel,
  lstmLanguageModel,
  lstmSequenceToSequence,
  normal,
  orthogonal,
  pairTokenizer,
  piecewiseLinearSchedule,
  rmsprop,
  rnnLanguageModel,
  sgd,
  spacedWords,
  stepSchedule,
  transformerLanguageModel,
  triangular,
  uniform,
  warmUpSchedule,
  words,
  zeros,
} from "../mod.ts";
import { isPairCorpus } from "../data/pairs.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { averages } from "../averages/testing/averages.ts";
import { executeRun } from "../training/run.ts";
import { type Specification, validateSpecification } from "../training/specification.ts";
import { penalties } from "../training/testing/penalties.ts";
import { layFolds } from "./_lay_folds.ts";
import { libraryTrainings } from "./_library_trainings.ts";

const draws = 500;
const text = "Call me Ishmael. Some years ago, never mind how long\nprecisely, I went to sea. ";

const tokenizers = {
  bytes: () => bytes(),
  characters: () => characters(),
  words: () => words({ maximumVocabulary: 12, lowercase: true }),
  spacedWords: () => spacedWords(),
};
const optimizers = { adam, adamW, asgd, rmsprop, sgd };
const initializers: readonly Initializer[] = [
  zeros(),
  uniform({ range: 0.1 }),
  triangular({ range: 0.1 }),
  normal({ standardDeviation: 0.1 }),
  fanInUniform(),
  glorotUniform(),
  orthogonal(),
];

/** Draws of one specification. */
function drawer(stream: RandomStream) {
  const one = <T>(list: readonly T[]): T => list[stream.integer(list.length)];
  const chance = (share: number) => stream.uniform() < share;
  const rate = () => chance(0.7) ? 0 : one([0.2, 0.5]);
  /** With a share, an option. */
  const some = (share: number, option: () => object) => chance(share) ? option() : {};
  return { one, chance, rate, some };
}

type Draw = ReturnType<typeof drawer>;

function recurrent({ one, chance, rate, some }: Draw) {
  const hiddenSize = one([1, 3, 4]);
  return {
    embeddingSize: chance(0.5) ? hiddenSize : one([1, 4]),
    hiddenSize,
    layers: one([1, 1, 2]),
    inputDropout: rate(),
    outputDropout: rate(),
    ...some(0.2, () => ({ hiddenDropout: 0.3 })),
    ...some(0.2, () => ({ embeddingDropout: 0.3 })),
    ...some(0.2, () => ({ recurrentDropout: 0.3 })),
    ...some(0.2, () => ({ lockedDropout: true })),
    ...some(0.3, () => ({ tiedWeights: true })),
    ...some(0.3, () => ({ biasInitializer: one(initializers) })),
    ...some(0.3, () => ({ recurrentInitializer: one(initializers) })),
    ...some(0.3, () => ({ initialization: one(["keras", "pytorch", "gpt2"]) })),
  };
}

const models = {
  gruLanguageModel: (draw: Draw) =>
    gruLanguageModel({ ...recurrent(draw), resetAfter: draw.chance(0.5) } as never),
  lstmLanguageModel: (draw: Draw) => lstmLanguageModel(recurrent(draw) as never),
  rnnLanguageModel: (draw: Draw) => rnnLanguageModel(recurrent(draw) as never),
  llamaLanguageModel: ({ one, chance, rate, some }: Draw) =>
    llamaLanguageModel({
      embeddingSize: one([2, 4, 6]),
      ...one([{ heads: 1 }, { heads: 4, keyValueHeads: one([1, 2, 4]) }]),
      headSize: one([2, 4]),
      layers: one([1, 2]),
      blockSize: one([4, 8, 16]),
      queryKeyValueBias: chance(0.3),
      queryKeyNorm: chance(0.3),
      tiedWeights: chance(0.7),
      residualDropout: rate(),
      ...some(0.3, () => ({ feedForwardSize: one([1, 5]) })),
      ...some(0.3, () => ({ attentionDropout: rate() })),
      ...some(0.3, () => ({ stochasticDepth: rate() })),
    }),
  transformerLanguageModel: ({ one, chance, rate, some }: Draw) =>
    transformerLanguageModel({
      embeddingSize: one([2, 4, 6]),
      heads: one([1, 2, 3]),
      layers: one([1, 2]),
      blockSize: one([4, 8, 16]),
      bias: chance(0.7),
      tiedWeights: chance(0.7),
      residualDropout: rate(),
      inputDropout: rate(),
      ...some(0.2, () => ({ biasInitializer: one(initializers) })),
      ...some(0.3, () => ({ attentionDropout: rate() })),
      ...some(0.3, () => ({ stochasticDepth: rate() })),
    }),
  lstmSequenceToSequence: (draw: Draw) =>
    lstmSequenceToSequence({
      ...recurrent(draw),
      ...draw.some(0.2, () => ({ embeddingSize: 0 })),
      ...draw.some(0.5, () => ({ attention: "dot" })),
      ...draw.some(0.2, () => ({ decoderReads: "source" })),
    } as never),
};

function schedule({ one, chance }: Draw) {
  if (chance(0.6)) return {};
  const then = one([
    cosineSchedule({ steps: 3 }),
    stepSchedule({ every: 2, factor: 0.5 }),
    piecewiseLinearSchedule({ steps: 4, points: [[0, 1], [0.5, 0.2], [1, 2]] }),
  ]);
  return { schedule: one([then, warmUpSchedule({ steps: 2, then })]) };
}

function specificationOf(draw: Draw, kind: keyof typeof models): object {
  const { one, some } = draw;
  const prompts = kind !== "lstmSequenceToSequence" && draw.chance(0.15);
  const pairs = prompts || kind === "lstmSequenceToSequence";
  const model = models[kind](draw);
  const tokenizer = tokenizers[one(Object.keys(tokenizers) as (keyof typeof tokenizers)[])];
  const optimizer = one(Object.keys(optimizers) as (keyof typeof optimizers)[]);
  const chosen = Array.from({ length: one([0, 0, 1, 1, 2]) }, () => {
    const [penalty] = one(penalties);
    const onWeights = "targets" in penalty;
    return {
      ...penalty,
      ...some(
        0.2,
        () => onWeights ? { layers: [one(["output", "embedding", "gru0", "block0"])] } : {},
      ),
      ...some(
        0.3,
        () =>
          onWeights ? { targets: [one(["kernel", "bias", "recurrentKernel", "embedding"])] } : {},
      ),
    };
  });
  return {
    corpus: pairs
      ? inlinePairs(Array.from({ length: 12 }, (_, i): [string, string] => [`go ${i}`, `va ${i}.`]))
      : inlineText(text.repeat(one([2, 3, 6]))),
    tokenizer: prompts
      ? completionTokenizer({
        tokenizer: tokenizer(),
        ...some(0.7, () => ({
          maximumSourceLength: one([1, 4, 6]),
          maximumTargetLength: one([2, 6]),
        })),
      })
      : pairs
      ? pairTokenizer({ source: tokenizer(), target: tokenizer() })
      : tokenizer(),
    model,
    penalties: chosen,
    optimizer: optimizers[optimizer]({
      learningRate: 0.01,
      ...(optimizer === "adamW" ? { decay: 0.1 } : {}),
      ...schedule(draw),
    } as never),
    ...some(0.3, () => ({ clipping: one([{ norm: 1 }, { value: 0.1 }]) })),
    training: {
      steps: 1,
      batchSize: one([1, 2, 7]),
      ...some(0.2, () => ({ sampling: "epochs" })),
      ...some(0.2, () => ({ sharpnessRadius: 0.05 })),
      ...some(0.2, () => ({ microBatchSize: one([1, 2, 3]) })),
      ...some(0.3, () => ({ evaluationTokens: one([3, 9, 40]) })),
      ...some(0.2, () => ({ earlyStopping: { patience: 1 } })),
      ...some(0.3, () => ({
        averages: Array.from({ length: one([1, 2, 3]) }, () => one(averages)),
        ...some(0.5, () => ({ chosenAverage: one([0, 1, 2, "trained"]) })),
      })),
      ...some(0.2, () => ({
        weightDropout: {
          rate: draw.rate(),
          ...some(0.2, () => ({ targets: [one(["kernel", "bias", "recurrentKernel"])] })),
        },
      })),
      ...some(0.2, () => ({ maskedInputs: draw.rate() })),
      ...some(0.2, () => ({ dropoutSchedule: cosineSchedule({ steps: 2 }) })),
      ...(pairs
        ? { decodedPairs: one([0, 2, null]), ...some(0.3, () => ({ padding: "counted" })) }
        : {
          windowLength: one([1, 4, 8, 11]),
          samples: { count: one([0, 1]), length: one([1, 20]), promptLength: one([1, 400]) },
          ...some(0.3, () => ({ carriedState: true })),
          ...some(0.2, () => ({ trainingTokens: one([12, 30, 200]) })),
          ...some(0.2, () => ({ tokenAccuracy: true })),
        }),
    },
  };
}

function foldsOf({ one }: Draw, options: object): object {
  const finalShare = one([0, 0.1, 0.3]);
  if (isPairCorpus((options as { corpus?: unknown }).corpus)) {
    return groupedFolds({ count: one([2, 3, 20]), finalShare });
  }
  return one([
    blockedFolds({ count: 2, finalShare }),
    blockedFolds({ count: 3, finalShare }),
    fixedSplit({
      training: { start: 0, end: one([9, 20]) },
      heldOut: { start: 20, end: one([21, 30]) },
    }),
  ]);
}

async function errorOf(work: () => unknown): Promise<Error | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** One step on a fold. */
async function train(specification: object, fold: FoldRecord): Promise<string> {
  const { status } = await executeRun({
    id: "generated",
    point: {},
    specification,
    fold,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  } as never);
  return status;
}

Deno.test("what is accepted before training takes a step, and what is refused there cannot take one", async () => {
  const trained = new Map<string, number>();
  let refused = 0;
  const kinds = Object.keys(models) as (keyof typeof models)[];
  for (let index = 0; index < draws; index++) {
    const draw = drawer(randomStream(13, "generated specifications", index));
    const kind = kinds[index % kinds.length];
    let options: object = {};
    // Options that their own functions refuse are no specification.
    if (await errorOf(() => options = specificationOf(draw, kind)) !== null) continue;
    const folds = foldsOf(draw, options);
    const error = await errorOf(async () => {
      const prepared = await libraryTrainings.prepare([{ point: {}, options }], folds, "/none");
      const [specification] = prepared.specifications;
      const all = [...prepared.folds, ...(prepared.finalFold ? [prepared.finalFold] : [])];
      const fold = draw.one(all);
      const failure = await errorOf(async () => {
        const status = await train(specification, fold);
        assert.ok(status === "completed" || status === "diverged", status);
      });
      assert.equal(failure, null, `draw ${index}, ${JSON.stringify(options)}: ${failure?.stack}`);
      const { optimizer, tokenizer, training } = specification as unknown as Specification;
      const { kind: split } = tokenizer.kind === "pairs"
        ? tokenizer.source
        : tokenizer.kind === "completions"
        ? tokenizer.tokenizer
        : tokenizer;
      if (tokenizer.kind === "completions") {
        trained.set("prompts", (trained.get("prompts") ?? 0) + 1);
      }
      const averaged = training.averages?.length > 0 ? [`averages, ${optimizer.kind}`] : [];
      for (const each of [kind, optimizer.kind, split, ...averaged]) {
        trained.set(each, (trained.get(each) ?? 0) + 1);
      }
    });
    if (error instanceof assert.AssertionError) throw error;
    if (error === null) continue;
    // Refused by the specification itself, by the folds, or because no run of it can be trained.
    let laid: Awaited<ReturnType<typeof layFolds>>;
    let valid: Specification;
    const earlier = await errorOf(async () => {
      valid = validateSpecification(options);
      laid = await layFolds([valid], folds);
    });
    if (earlier !== null) continue;
    const all = [...laid!.folds, ...(laid!.finalFold ? [laid!.finalFold] : [])];
    const failures = await Promise.all(all.map((fold) => errorOf(() => train(valid!, fold))));
    assert.ok(
      failures.some((failure) => failure !== null),
      `draw ${index} was refused and can be trained: ${error.message}`,
    );
    refused++;
  }
  const counts = JSON.stringify([Object.fromEntries(trained), refused]);
  for (const kind of kinds) assert.ok(trained.get(kind)! >= 8, counts);
  for (const kind of [...Object.keys(optimizers), ...Object.keys(tokenizers)]) {
    assert.ok(trained.get(kind)! >= 8, counts);
  }
  for (const optimizer of Object.keys(optimizers)) {
    const count = trained.get(`averages, ${optimizer}`) ?? 0;
    assert.ok(optimizer === "asgd" ? count === 0 : count >= 2, counts);
  }
  assert.ok(kinds.reduce((sum, kind) => sum + trained.get(kind)!, 0) >= 60, counts);
  assert.ok(refused >= 10, counts);
  assert.ok(trained.get("prompts")! >= 5, counts);
});
