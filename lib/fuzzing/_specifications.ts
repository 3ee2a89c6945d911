import { canonicalJson, type JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import type { RandomStream } from "../core/random.ts";
import { cosineSchedule } from "../core/schedule.ts";
import { numericsVersion } from "../core/version.ts";
import { corpus, inlineText, textFile } from "../data/corpora.ts";
import { fixedSplit } from "../data/fixed_split.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { spacedWords } from "../data/tokenizers/spaced_words.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { normal } from "../models/initializers.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { asgd } from "../optimizers/asgd.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { activationRegularization } from "../penalties/activation_regularization.ts";
import { confidencePenalty } from "../penalties/confidence_penalty.ts";
import { proximalL1TowardsStart } from "../penalties/proximal_l1_towards_start.ts";
import { groupLasso } from "../penalties/group_lasso.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import { labelSmoothing } from "../penalties/label_smoothing.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { tokensAhead } from "../penalties/tokens_ahead.ts";
import { parseJournal } from "../records/read_runs.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { arms } from "../studies/search/arms.ts";
import { StudyInterrupted } from "../studies/interrupt.ts";
import { silentReporter } from "../studies/reporter.ts";
import { checkJob, checkResult } from "../studies/pool/queue/job.ts";
import { ema } from "../averages/ema.ts";
import { lastEvaluations } from "../averages/last_evaluations.ts";
import { swa } from "../averages/swa.ts";
import { lowestMean, oneStandardError } from "../studies/plan/rule.ts";
import { crossValidationRuns, runId } from "../studies/plan/run_id.ts";
import { runStudy } from "../studies/run_study.ts";
import { linearRange, logRange } from "../studies/search/dimensions.ts";
import { randomSearch } from "../studies/search/random_search.ts";
import { grid, points } from "../studies/search/space.ts";
import { bayesianSearch } from "../studies/search/bayesian_search.ts";
import { successiveHalving } from "../studies/search/successive_halving.ts";
import { warmStartPath } from "../studies/search/warm_start_path.ts";
import { checkRunnable } from "../training/check_runnable.ts";
import { validateSpecification } from "../training/specification.ts";
import { baseText } from "./_base.ts";
import { type Kind, Nonsense } from "./kind.ts";
import { pairSpecifications } from "./_pair_specifications.ts";
import { jsonText, mutatedJsonText, mutateJson, mutateText, oneOf } from "./mutate.ts";

const training = { steps: 4, batchSize: 2, windowLength: 8, evaluateEvery: 2 };

const small = { embeddingSize: 2, hiddenSize: 3 };
const onPredictions = [
  activationRegularization({ strength: 1 }),
  labelSmoothing({ strength: 0.1 }),
  rDrop({ strength: 0.5 }),
  tokensAhead({ strength: 1, weights: [0.5, 0.25] }),
];

/** Options of a training at other values than their defaults. */
const remedies = {
  sampling: "epochs",
  sharpnessRadius: 0.05,
  microBatchSize: 2,
  weightDropout: { rate: 0.2, targets: ["kernel", "recurrentKernel"] },
  dropoutSchedule: cosineSchedule({ steps: 4, finalShare: 0.5 }),
  maskedInputs: 0.1,
  averages: [
    ema({ horizon: 9, every: 2 }),
    swa({ start: 2, every: 1 }),
    lastEvaluations({ count: 2 }),
  ],
  chosenAverage: 2,
  snapshots: { start: 1, every: 2 },
  frozen: [{ kinds: ["bias"], layers: ["rnn*"] }],
  adapters: { rank: 1, kinds: ["embedding"], others: "trained" },
  learningRateFactors: { perBlock: 0.5, layers: { output: 2 } },
};
const teacher = {
  point: { lambda: 0, optimizer: { schedule: null } },
  seeds: [1, 2],
  share: 0.5,
  temperature: 2,
  mean: "logits",
} as const;

const llama = llamaLanguageModel(
  { embeddingSize: 4, layers: 1, heads: 2, keyValueHeads: 1, blockSize: 8 } as never,
);

/** Specifications that the library accepts; inside of the project of `makeBase`. */
function validSpecifications(): readonly JsonObject[] {
  const text = { corpus: inlineText(baseText), tokenizer: characters(), training };
  const subwords = (tokenizer: TokenizerSpecification) => ({
    ...{ ...text, tokenizer, optimizer: adam({ learningRate: 0.01 }) },
    model: gruLanguageModel(small as never),
    training: { ...training, fillInTheMiddle: { rate: 0.5, suffixFirst: 0.2, heldOutPieces: 2 } },
  });
  const all: readonly unknown[] = [
    {
      ...text,
      corpus: corpus("whales", { excerpt: { start: 3, length: 500 } }),
      model: gruLanguageModel(
        {
          ...small,
          tiedWeights: false,
          biasInitializer: normal({ standardDeviation: 0.1 }),
        } as never,
      ),
      penalties: [l1({ strength: 1e-3 }), l2({ strength: 1e-3, targets: ["kernel"] })],
      optimizer: adam({ learningRate: 0.01, schedule: cosineSchedule({ steps: 4 }) }),
    },
    {
      ...text,
      corpus: textFile("whales.txt", { name: "own", licence: "CC0" }),
      tokenizer: words({ maximumVocabulary: 12, lowercase: true }),
      model: lstmLanguageModel({ ...small, layers: 2, outputDropout: 0.5, lockedDropout: true }),
      penalties: onPredictions,
      optimizer: asgd({ learningRate: 1 }),
      clipping: { norm: 0.25 },
      training: {
        ...training,
        carriedState: true,
        tokenAccuracy: true,
        earlyStopping: { patience: 2 },
        samples: { count: 1, length: 20, topK: 3, minP: 0.1, nGramLength: 2 },
      },
    },
    subwords(bytePairs({ vocabularySize: 300, preTokenizer: "gpt4", specialTokens: ["<|a|>"] })),
    {
      ...text,
      tokenizer: spacedWords(),
      model: rnnLanguageModel({ ...small, initialization: "pytorch" }),
      penalties: [groupLasso({ strength: 1e-3, groups: "row" })],
      optimizer: rmsprop({ learningRate: 0.01 }),
      training: {
        ...training,
        samples: {
          ...{ count: 2, beams: 3, lengthPenalty: 0.5, earlyStopping: "never" },
          ...{ repetitionPenalty: 1.2, stopStrings: ["\n", ". "] },
        },
        trainingTokens: 30,
        teacher,
        ...remedies,
      },
    },
    {
      ...text,
      tokenizer: bytes(),
      model: transformerLanguageModel({
        embeddingSize: 4,
        layers: 1,
        heads: 2,
        blockSize: 8,
        biasInitializer: normal({ standardDeviation: 0.1 }),
      } as never),
      penalties: [confidencePenalty({ strength: 0.1 }), proximalL1TowardsStart({ strength: 1e-3 })],
      optimizer: adamW({ learningRate: 0.01, decay: 0.1 }),
      clipping: { value: 1 },
    },
    { ...text, model: llama, optimizer: adam({ learningRate: 0.01 }) },
    ...pairSpecifications(),
    { ...text, ...ownParts() },
    // Its 50,000 tokens take a second a fold, so it is not among the first, which studies are made of.
    subwords(publishedTokenizer("r50k_base")),
  ];
  return all.flatMap((options) => {
    try {
      return [JSON.parse(canonicalJson(stored(validateSpecification(options)))) as JsonObject];
    } catch (error) {
      throw new Error(`A valid specification is none: ${(error as Error).message}`);
    }
  });
}

/** A model, a penalty and an optimizer of the user's own. */
function ownParts() {
  return {
    model: ownModel({ module: "parts/model.ts", options: { size: 3 } } as never),
    penalties: [ownPenalty({ module: "parts/penalty.ts", strength: 1 } as never)],
    optimizer: ownOptimizer({
      module: "parts/optimizer.ts",
      learningRate: 0.01,
      schedule: cosineSchedule({ steps: 4 }),
      slots: ["velocity"],
      options: { momentum: 0.9 },
    } as never),
  };
}

const folds = [{
  index: 0,
  training: [{ start: 100, end: 600 }],
  heldOut: [{ start: 0, end: 100 }],
}];

/** Options of a study, all but `specify`. */
function validOptions(): readonly object[] {
  const lambda = logRange(1e-4, 1, { zeroShare: 0.2 });
  const common = { name: "new", folds: blockedFolds({ count: 2, finalShare: 0.1 }), seeds: [1, 2] };
  return [
    {
      ...common,
      space: grid({ lambda: [0, 1e-3], alpha: [0, 1] }),
      select: oneStandardError("validationLoss", { axes: ["lambda"] }),
      baseline: { lambda: 0, alpha: 0 },
      roles: { lambda: "strength" },
      workers: 1,
      keepWeights: "none",
      checkpointEvery: { seconds: 60, steps: 100 },
    },
    {
      ...common,
      space: points([{ lambda: 0 }, { lambda: 0.1 }, { lambda: 1 }]),
      select: lowestMean("validationLoss"),
      strategy: warmStartPath({ axis: "lambda" }),
      folds: fixedSplit({ training: { start: 0, end: 600 }, heldOut: { start: 600, end: 700 } }),
    },
    {
      ...common,
      space: randomSearch({ dimensions: { lambda, alpha: linearRange(0, 1) }, count: 4, seed: 1 }),
      strategy: successiveHalving({ rungs: [2], reductionFactor: 2 }),
      retryFailed: true,
      heapMegabytes: 500,
      graceSeconds: 1,
      noProgressSeconds: 30,
    },
    {
      ...common,
      strategy: bayesianSearch({ dimensions: { lambda }, count: 12, seed: 1 }),
      allowOtherWorkers: true,
      folds: blockedFolds({ count: 2, unit: "bytes", gap: 40 }),
      select: lowestMean("bitsPerByte"),
    },
    {
      ...common,
      space: arms(
        {
          none: { dimensions: { alpha: linearRange(0.5, 1) } },
          decay: { parent: "none", dimensions: { alpha: linearRange(0.5, 1), lambda } },
        },
        { count: 3, seed: 1 },
      ),
      folds: blockedFolds({ count: 3 }),
    },
    { ...common, space: grid({ lambda: [0, 1] }), folds: groupedFolds({ count: 2 }) },
  ];
}

/** What accepted options end with: their runs are to be trained, which the signal forbids. */
async function accepted(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof StudyInterrupted)) throw error;
  }
}

/** Specifications, options of studies, jobs and results of a queue. */
export const specificationKinds: readonly Kind[] = [
  {
    name: "specification",
    share: 16,
    open() {
      const all = validSpecifications();
      return (stream) => {
        const changed = mutateJson(oneOf(all, stream), stream);
        return {
          input: jsonText(changed),
          run() {
            const valid = validateSpecification(changed);
            const text = canonicalJson(valid);
            if (canonicalJson(validateSpecification(JSON.parse(text))) !== text) {
              throw new Nonsense(
                "what was accepted is another specification when it is read again",
              );
            }
            checkRunnable(valid, folds);
          },
        };
      };
    },
  },
  {
    name: "options",
    share: 12,
    open() {
      const all = validOptions();
      const specifications = validSpecifications().slice(0, 5);
      return (stream) => {
        const options = mutateJson(oneOf(all, stream), stream, stream.integer(4) === 0 ? 0 : 1);
        const specification = mutateJson(
          oneOf(specifications, stream),
          stream,
          stream.integer(3) === 0 ? 1 : 0,
        ) as { [key: string]: unknown };
        const specify = (point: { lambda?: unknown; alpha?: unknown }) => ({
          ...specification,
          penalties: [{ kind: "l2", strength: point.lambda ?? 0 }],
          optimizer: { kind: "sgd", learningRate: point.alpha ?? 0.1 },
        });
        const given = options !== null && typeof options === "object"
          ? { specify, reporter: silentReporter, signal: AbortSignal.abort(), ...options }
          : options;
        return {
          input: `${jsonText(options)} ${jsonText(specification)}`,
          run: () => accepted(() => runStudy(given as never)),
        };
      };
    },
  },
  {
    name: "job",
    share: 8,
    open({ definition }) {
      const study = JSON.parse(definition) as StudyRecord;
      const jobs = crossValidationRuns(study).map(({ id, specification, point, fold, seed }) => ({
        ...{ schemaVersion: 1, study: study.name, engine: study.engine, numericsVersion, id },
        ...{ specification, point, fold, seed, keepWeights: true },
        ...{ checkpointEvery: { seconds: 60, steps: null }, stopAt: 2, allowOther: true },
      }));
      const check = (json: JsonObject) =>
        JSON.parse(canonicalJson(stored(validateSpecification(json))));
      return (stream) => {
        const job = mutateJson(oneOf(jobs, stream), stream) as { id: string };
        if (stream.integer(2) === 0) nameAgain(job);
        return {
          input: jsonText(job),
          run: () => checkJob(job, study.engine, check, stream.integer(2) === 0),
        };
      };
    },
  },
  {
    name: "result",
    share: 5,
    open({ journal, definition, weights }) {
      const study = JSON.parse(definition) as StudyRecord;
      const planned = new Map(crossValidationRuns(study).map((run) => [run.id, run]));
      const runs = parseJournal(new TextEncoder().encode(journal)).lines
        .filter(({ id }) => planned.has(id));
      return (stream: RandomStream) => {
        const record = oneOf(runs, stream);
        const result = { record, weights: oneOf([null, weights.toBase64()], stream) };
        const text = stream.integer(8) === 0
          ? mutateText(JSON.stringify(result), stream)
          : mutatedJsonText(result, stream);
        const request = { ...planned.get(record.id)!, engine: "wasm" as const, weightsPath: null };
        return { input: text, run: () => checkResult(text, request, study.engine) };
      };
    },
  },
];

/** Gives a job the id that it then has, so that what lies behind that check is reached. */
function nameAgain(job: { id: string } | null): void {
  if (job === null || typeof job !== "object") return;
  try {
    job.id = runId(job as never);
  } catch { /* it keeps the one that it has */ }
}
