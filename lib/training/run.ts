import { checkInteger } from "../core/check.ts";
import { checkWritable, writeFileAtomically } from "../core/files.ts";
import { hashedWhenRead, sha256 } from "../core/hash.ts";
import { needed } from "../core/outside_trouble.ts";
import { RandomStream, randomStream } from "../core/random.ts";
import { hostName } from "../core/runtime/machine.ts";
import { numericsVersion } from "../core/version.ts";
import type { EngineInfo } from "../engine/engine.ts";
import { learningRateOf } from "../optimizers/optimizer.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { CurvePoint, RunRecord, TrainingCost } from "../records/run_record.ts";
import { trainingCost, withTeachers } from "./cost.ts";
import { changingParts } from "./changing_parts.ts";
import { type CountedBatches, countedBatches } from "./counted_batches.ts";
import { openCheckpoints } from "./checkpoint.ts";
import { keepBest } from "./early_stopping.ts";
import { evaluator } from "./evaluator.ts";
import { withInitialWeights } from "./initial_weights.ts";
import { loadOwnParts } from "./own_parts.ts";
import { type Specification, validateSpecification } from "./specification.ts";
import { prepareTask } from "./prepare_task.ts";
import { changingThreads, engineOf } from "./run_engine.ts";
import { RunCancelled, type RunHooks, type RunRequest } from "./run_request.ts";
import { purposeOf, type Task, type TaskContext } from "./task.ts";
import { withTeacher } from "./teacher.ts";
import { withAdapters } from "./tuning.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import { train } from "./train.ts";
import { weightsPieces } from "./trained_model.ts";
import { useWeightsOf } from "./model_weights.ts";
import { dropoutsOf } from "./weight_dropout.ts";

/** How long training goes on before messages are read, milliseconds. */
const breath = 100;

/**
 * Trains one model as its specification says, on one fold with one seed, and records it.
 *
 * The same request on the same engine gives the same record to the bit, but for its duration, date
 * and host.
 *
 * @throws {RunCancelled} If it was cancelled.
 * @throws {OutsideTrouble} If its corpus, its own modules or weights are not there or not as they must
 * be, or its weights cannot be written.
 * @throws {TypeError | RangeError} If the specification or the data cannot be used.
 */
export async function executeRun(request: RunRequest, hooks: RunHooks = {}): Promise<RunRecord> {
  const started = performance.now();
  const specification = validateSpecification(request.specification);
  const { fold, seed } = request;
  const engine = await engineOf(request);
  const { steps, evaluateEvery, sharpnessRadius, microBatchSize } = specification.training;
  const lastStep = lastStepOf(request, steps, evaluateEvery);
  const purpose = purposeOf(fold);
  const stream = (use: string) => randomStream(seed, purpose, use);
  const { weightsPath, warmStart } = request;
  if (weightsPath !== null) await checkWritable(weightsPath);
  const parts = await loadOwnParts(specification, undefined, request.trusted);
  const task = await taskOf(request, specification, {
    purpose,
    own: parts.model,
    breathe: breathingBefore(request, steps, hooks),
  });
  const { model } = task;
  const changing = changingParts(specification, model, parts, { seed, purpose });
  const { tuning, trained, penalties, optimizer } = changing;
  try {
    if (warmStart) await needed(() => useWeightsOf(withAdapters(model, tuning), warmStart));
    const curve: CurvePoint[] = [];
    const best = keepBest(trained, specification);
    const evaluate = evaluator(task, specification, changing);
    const checkpoints = openCheckpoints(
      request.checkpoint ?? null,
      request,
      engine.id,
      { model: trained, optimizer },
    );
    const stored = checkpoints.restore();
    if (stored !== null) {
      curve.push(...stored.curve);
      best.resume(stored.best);
    }
    tuning.merge();
    const resumedStream = (use: string) =>
      stored === null ? stream(use) : RandomStream.from(stored.streams[use]);
    const dropout = resumedStream("dropout");
    const batches = countedBatches(task.batches(resumedStream("batches"), stored), stored);
    const stateAt = (step: number) => ({
      step,
      curve,
      best: best.state(),
      streams: { batches: batches.state(), dropout: dropout.state() },
      ...batches.position(),
    });
    const breathe = breathing(hooks, changingThreads(request, hooks));
    let cancelled = false;
    const { ended, step } = await train({
      ...{ model: trained, optimizer, batches, evaluateEvery, sharpnessRadius, microBatchSize },
      differentiated: tuning.differentiated,
      steps: lastStep,
      stepsDone: stored?.step,
      learningRate: (step) => learningRateOf(specification.optimizer, step),
      terms: (step) => lossTermsOf(penalties, step),
      ...dropoutsOf(specification.training, model.parameters, dropout, tuning),
      evaluate: (report) =>
        evaluate(report, (point) => {
          if (point === null) return "stop";
          curve.push(point);
          batches.evaluated();
          return best.see(point);
        }),
      async onStep({ step }) {
        hooks.onProgress?.(step, steps, curve.at(-1) ?? null);
        cancelled = await breathe();
      },
      async onStepEnd(step) {
        if (!cancelled) return await checkpoints.saveWhenDue(step, () => stateAt(step));
        await checkpoints.save(stateAt(step));
        throw new RunCancelled(`Run ${request.id} was cancelled at step ${step} of ${steps}.`);
      },
    });
    const pruned = ended === "completed" && step < steps;
    if (pruned) await checkpoints.save(stateAt(step));
    const diverged = ended === "diverged" || (ended === "stopped" && !best.stopped);
    const finished = !diverged && !pruned;
    if (finished) {
      optimizer.keepEvaluationWeights();
      best.restore();
      tuning.merge();
    }
    const results = finished ? await resultsOf(task, request, stream, changing.tensors) : null;
    return recordOf(request, {
      engine,
      status: diverged ? "diverged" : pruned ? "pruned" : "completed",
      ...{ specification, curve, best, step, batches, task, results, started },
      summaries: changing.summaries(results !== null),
    });
  } finally {
    optimizer.dispose();
    tuning.dispose();
    model.dispose();
  }
}

/** Data and model of a run, with its teacher. */
async function taskOf(
  { fold, seed, teachers }: RunRequest,
  specification: Specification,
  context: Pick<TaskContext, "purpose" | "own" | "breathe">,
): Promise<Task> {
  const drawn = await prepareTask(specification, { fold, seed, ...context });
  const task = await withInitialWeights(drawn, specification, fold.index);
  return await withTeacher(task, specification.training.teacher, teachers);
}

/** What is done now and then before the first step. */
function breathingBefore({ id }: RunRequest, steps: number, hooks: RunHooks): () => void {
  return () => {
    if (hooks.isCancelled?.()) {
      throw new RunCancelled(`Run ${id} was cancelled before its first step.`);
    }
    hooks.onProgress?.(0, steps, null);
  };
}

/** Lets messages and other numbers of threads in about ten times a second, and says whether the run was cancelled. */
function breathing(
  { isCancelled }: RunHooks,
  changeThreads: () => Promise<void>,
): () => Promise<boolean> {
  let last = performance.now();
  let cancelled = false;
  return async () => {
    if (performance.now() - last < breath) return cancelled;
    await new Promise((resolve) => setTimeout(resolve, 0));
    await changeThreads();
    last = performance.now();
    return cancelled = isCancelled?.() ?? false;
  };
}

/** What a run is asked for besides its losses, and its weights file; kept where that is wanted. */
async function resultsOf(
  task: Task,
  request: RunRequest,
  stream: (use: string) => RandomStream,
  others: () => readonly [string, StoredTensor][],
) {
  const samples = task.samples(stream("samples"));
  const pairs = task.pairs?.();
  const tokenAccuracy = task.tokenAccuracy?.();
  const infilling = task.infilling?.();
  const { weightsPath } = request;
  const pieces = () => weightsPieces(task.model, task.vocabularies, request, others());
  let weightsSha256: string | null = null;
  if (weightsPath !== null) {
    const written = hashedWhenRead(pieces());
    await writeFileAtomically(weightsPath, written.pieces);
    weightsSha256 = written.digest();
  } else if (request.hashWeights) weightsSha256 = sha256(pieces());
  return {
    samples,
    ...(pairs === undefined ? {} : { pairs }),
    ...(tokenAccuracy === undefined ? {} : { tokenAccuracy }),
    ...(infilling === undefined ? {} : { infilling }),
    weightsSha256,
  };
}

/** How a run ended. */
interface RunEnd {
  readonly specification: Specification;
  readonly engine: EngineInfo;
  readonly status: "completed" | "diverged" | "pruned";
  readonly curve: readonly CurvePoint[];
  readonly best: ReturnType<typeof keepBest>;
  readonly step: number;
  readonly batches: CountedBatches;
  readonly task: Task;
  readonly summaries: Pick<RunRecord, "parameters" | "adapters">;
  /** Null of a run that did not complete. */
  readonly results: Awaited<ReturnType<typeof resultsOf>> | null;
  /** When it began, by this process's clock. */
  readonly started: number;
}

function recordOf(request: RunRequest, end: RunEnd): RunRecord {
  const { engine, status, curve, best, step, task, results } = end;
  const { samples = [], weightsSha256 = null, ...measured } = results ?? {};
  const descriptions = task.model.parameters.map(({ description }) => description);
  return {
    schemaVersion: 1,
    id: request.id,
    point: request.point,
    fold: request.fold.index,
    seed: request.seed,
    ...(request.warmStart ? { warmStartedFrom: request.warmStart.id } : {}),
    ...(request.teachers?.length ? { teachers: request.teachers.map(({ id }) => id) } : {}),
    status,
    engine: engine.id,
    ...(engine.arenaMaximumBytes === null ? {} : { arenaMaximumBytes: engine.arenaMaximumBytes }),
    numericsVersion,
    curve,
    final: curve.at(-1) ?? null,
    best: best.point,
    stoppedAtStep: best.stopped ? step : null,
    tokens: task.tokens,
    ...(task.initialRows && { initialRows: task.initialRows }),
    ...measured,
    ...end.summaries,
    samples,
    weights: null,
    ...(weightsSha256 === null ? {} : { weightsSha256 }),
    error: status === "diverged"
      ? `A loss or gradient became NaN or infinite by step ${step}.`
      : null,
    attempts: 1,
    cost: costOf(end, descriptions),
    durationSeconds: (performance.now() - end.started) / 1000,
    finishedAt: new Date().toISOString(),
    host: hostName(),
  };
}

function costOf(
  { specification, curve, batches, task }: RunEnd,
  descriptions: readonly ParameterDescription[],
): TrainingCost {
  const steps = curve.at(-1)?.step ?? 0;
  const tokens = batches.tokensEvaluated;
  const own = trainingCost(specification, descriptions, { steps, tokens });
  return withTeachers(own, specification, task.teachers);
}

/** The step at which this part of the run ends. */
function lastStepOf({ stopAt }: RunRequest, steps: number, evaluateEvery: number): number {
  if (stopAt === undefined || stopAt === null || stopAt >= steps) return steps;
  checkInteger("run: stopAt", stopAt, { from: 1 });
  if (stopAt % evaluateEvery !== 0) {
    throw new RangeError(
      `run: stopAt must be a multiple of training.evaluateEvery, ${evaluateEvery}, so that a run ` +
        `that pauses is evaluated where an uninterrupted one is; found ${stopAt}.`,
    );
  }
  return stopAt;
}
