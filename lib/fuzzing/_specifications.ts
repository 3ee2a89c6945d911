import { canonicalJson, type JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import type { RandomStream } from "../core/random.ts";
import { numericsVersion } from "../core/version.ts";
import { fixedSplit } from "../data/fixed_split.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { parseJournal } from "../records/read_runs.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { arms } from "../studies/search/arms.ts";
import { StudyInterrupted } from "../studies/interrupt.ts";
import { silentReporter } from "../studies/reporter.ts";
import { checkJob, checkResult } from "../studies/pool/queue/job.ts";
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
import { type Kind, Nonsense } from "./kind.ts";
import { jsonText, mutatedJsonText, mutateJson, mutateText, oneOf } from "./mutate.ts";
import { validSpecifications } from "./_valid_specifications.ts";

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
