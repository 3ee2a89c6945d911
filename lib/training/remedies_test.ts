/** Every pair of remedies in four models: trained and resumed to the bit, or refused with its reason. */
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { KeptRun } from "./kept_weights.ts";
import { executeRun } from "./run.ts";
import type { RunRequest } from "./run_request.ts";
import { validateSpecification } from "./specification.ts";
import type { TrainingOptions } from "./training_options.ts";
import { remedies, type Remedy } from "./testing/remedies.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(3);
const pairs = Array.from({ length: 15 }, (_, i): [string, string] => [`go ${i}`, `va ${i}!`]);
const windowLength = 5;
const [steps, evaluateEvery] = [4, 2];
const common = { steps, evaluateEvery, batchSize: 3 };

const ofTexts = {
  options: { corpus: inlineText(text), tokenizer: characters() },
  training: { windowLength, samples: { count: 1, length: 3, promptLength: 2 } },
  // In bytes, as rearranged windows need them; of ASCII each is a character.
  fold: {
    ...makeFolds(blockedFolds({ count: 3 }), text.length, windowLength).folds[0],
    unit: "bytes" as const,
  },
};
const corpus = inlinePairs(pairs);
const tokenizer = pairTokenizer({ source: characters(), target: characters() });
const ofPairs = {
  options: { corpus, tokenizer },
  training: { decodedPairs: 2, evaluationTokens: 20, samples: { count: 1 } },
  fold: makePairFolds(groupedFolds({ count: 3 }), await loadTokenPairs(corpus, tokenizer)).folds[0],
};

const sizes = { embeddingSize: 3, hiddenSize: 4 };
const models: Readonly<Record<string, { data: typeof ofTexts | typeof ofPairs; model: object }>> = {
  GRU: { data: ofTexts, model: gruLanguageModel({ ...sizes, outputDropout: 0.2 }) },
  LSTM: { data: ofTexts, model: lstmLanguageModel({ ...sizes, inputDropout: 0.2 }) },
  Transformer: {
    data: ofTexts,
    model: transformerLanguageModel({
      ...{ embeddingSize: 4, heads: 2, layers: 2, blockSize: windowLength, residualDropout: 0.2 },
    }),
  },
  "encoder-decoder": {
    data: ofPairs,
    model: lstmSequenceToSequence({ ...sizes, attention: "dot", outputDropout: 0.2 }),
  },
};
const recurrent = ["GRU", "LSTM", "encoder-decoder"];

interface Refusal {
  /** What is refused where all of it comes together. */
  readonly remedies: readonly string[];
  readonly models: readonly string[];
  readonly reason: RegExp;
}

/** No other combination is refused. */
const refusals: readonly Refusal[] = [
  {
    ...{ remedies: ["stochastic depth"], models: recurrent },
    reason: /unknown option "stochasticDepth"/,
  },
  {
    ...{ remedies: ["attention dropout"], models: recurrent },
    reason: /unknown option "attentionDropout"/,
  },
  {
    ...{ remedies: ["fill in the middle"], models: ["encoder-decoder"] },
    reason: /unknown option "fillInTheMiddle"/,
  },
  {
    ...{ remedies: ["carried state"], models: ["Transformer"] },
    reason: /training\.carriedState needs a model with a state that goes over windows/,
  },
  {
    ...{ remedies: ["carried state"], models: ["encoder-decoder"] },
    reason: /unknown option "carriedState"/,
  },
  {
    ...{ remedies: ["carried state", "epochs"], models: ["GRU", "LSTM"] },
    reason: /Cannot combine training\.carriedState and sampling "epochs": .* in its own order/,
  },
  {
    ...{ remedies: ["carried state", "micro-batches"], models: ["GRU", "LSTM"] },
    reason: /Cannot combine training\.carriedState and training\.microBatchSize: .* all windows/,
  },
  {
    ...{ remedies: ["carried state", "distillation"], models: ["GRU", "LSTM"] },
    reason: /Cannot combine training\.carriedState and training\.teacher: .* from a zero state/,
  },
  {
    ...{ remedies: ["fill in the middle", "carried state"], models: ["GRU", "LSTM"] },
    reason: /Cannot combine training\.carriedState and training\.fillInTheMiddle: the state/,
  },
  {
    ...{ remedies: ["fill in the middle", "tokens ahead"], models: ["GRU", "LSTM", "Transformer"] },
    reason: /Cannot combine tokensAhead and training\.fillInTheMiddle: tokens ahead of a position/,
  },
];

type Model = (typeof models)[string];

function specificationOf({ data, model }: Model, changes: readonly Remedy[]): object {
  const training = changes.map(({ training = {} }) => training);
  const averages = training.flatMap(({ averages = [] }) => averages);
  return {
    ...data.options,
    model: Object.assign({}, model, ...changes.map(({ model }) => model)),
    optimizer: changes.findLast(({ optimizer }) => optimizer)?.optimizer ??
      adam({ learningRate: 0.02 }),
    penalties: changes.flatMap(({ penalties = [] }) => penalties),
    training: { ...common, ...data.training, ...Object.assign({}, ...training), averages },
  };
}

function requestOf(
  { data: { fold } }: Model,
  specification: object,
  teachers: { readonly plain: KeptRun; readonly infilling: KeptRun },
): RunRequest {
  const { training } = specification as {
    training: Pick<TrainingOptions, "teacher" | "fillInTheMiddle">;
  };
  const teacher = training.fillInTheMiddle ? teachers.infilling : teachers.plain;
  return {
    ...{ id: "remedies", point: {}, fold, seed: 1, engine: "wasm", weightsPath: null },
    specification: specification as JsonObject,
    hashWeights: true,
    ...(training.teacher && { teachers: [teacher] }),
  };
}

/** What the same training gives however it is done. */
function results({ durationSeconds: _, finishedAt: __, ...record }: RunRecord) {
  return record;
}

/** The record of a run, which one that is stopped after two steps and goes on is asserted to have too. */
async function trained(request: RunRequest, path: string): Promise<RunRecord> {
  const whole = await executeRun(request);
  assert.equal(whole.status, "completed");
  const checkpoint = { path, seconds: null, steps: null };
  const half = await executeRun({ ...request, checkpoint, stopAt: evaluateEvery });
  assert.equal(half.status, "pruned");
  let steps = 0;
  const resumed = await executeRun({ ...request, checkpoint }, {
    onProgress: (step) => steps += Math.sign(step),
  });
  assert.equal(steps, evaluateEvery, "the rest of the steps");
  assert.deepEqual(results(resumed), results(whole));
  return whole;
}

/** Why a combination is expected to be refused; null where it is not. */
function refusal(model: string, names: readonly string[]): RegExp | null {
  const found = refusals.find(({ remedies, models }) =>
    models.includes(model) && remedies.every((remedy) => names.includes(remedy))
  );
  return found?.reason ?? null;
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`every pair of remedies in a small ${name} trains and resumes to the bit, or is refused with its reason`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "remedies" });
    try {
      const [plain, infilling] = ["plain", "infilling"].map((name): KeptRun => ({
        ...{ id: "remedies", path: `${folder}/${name}.safetensors` },
      }));
      const teachers = { plain, infilling };
      const teach = (changes: readonly Remedy[], weightsPath: string) =>
        executeRun({
          ...requestOf(model, specificationOf(model, changes), teachers),
          weightsPath,
        });
      const { weightsSha256 } = await teach([], plain.path);
      const weights = new Set([weightsSha256]);
      // A teacher has the marks that its student has.
      if (model.data === ofTexts) await teach([remedies["fill in the middle"]], infilling.path);
      const names = Object.keys(remedies);
      for (const [index, first] of names.entries()) {
        for (const second of names.slice(index)) {
          const both = first === second ? [first] : [first, second];
          const what = `${name}, ${both.join(" and ")}`;
          const specification = specificationOf(model, both.map((each) => remedies[each]));
          const reason = refusal(name, both);
          if (reason !== null) {
            assert.throws(() => validateSpecification(specification), reason, what);
            continue;
          }
          try {
            const request = requestOf(model, specification, teachers);
            const record = await trained(request, `${folder}/${index}-${second}`);
            // What a remedy does to the bits of the trained weights, it does alone.
            if (both.length === 1) assert.ok(!weights.has(record.weightsSha256), "no effect");
            weights.add(record.weightsSha256);
          } catch (error) {
            throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
          }
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
