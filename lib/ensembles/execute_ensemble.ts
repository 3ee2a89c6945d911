import { needed } from "../core/outside_trouble.ts";
import { randomStream } from "../core/random.ts";
import { hostName } from "../core/runtime/machine.ts";
import { numericsVersion } from "../core/version.ts";
import { engineOf } from "../training/run_engine.ts";
import type { Model } from "../models/model.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { penaltiesWith } from "../optimizers/optimizer.ts";
import { sumOfSquares } from "../penalties/penalty.ts";
import { penaltiesOf } from "../penalties/targets.ts";
import { countZeros } from "../penalties/zeros.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { heldOutLosses, meanCrossEntropy, someUnknown } from "../training/evaluation.ts";
import { readKeptWeights } from "../training/kept_weights.ts";
import { setWeights, type Tensors } from "../training/model_weights.ts";
import { loadOwnModel } from "../training/own_parts.ts";
import { prepareTask } from "../training/prepare_task.ts";
import {
  type EnsembleRequest,
  RunCancelled,
  type RunHooks,
  type RunRequest,
} from "../training/run_request.ts";
import { type Specification, validateSpecification } from "../training/specification.ts";
import { snapshotsIn } from "../training/snapshots.ts";
import type { Task } from "../training/task.ts";
import { meanModel, type MemberModel } from "./mean_model.ts";

/** Parts of the work that are told of: training loss, held-out losses, samples. */
const parts = 3;

/**
 * Measures the mean of trained models on a fold, as a run measures its model: the same tokens in the same
 * batches, the same samples, and token accuracy or scores of pairs where the specification has them.
 *
 * The same request on the same engine gives the same record to the bit, but for its duration, date and host.
 *
 * @param request As of a run, with `ensemble`: the kept weights of its members, all of one specification
 * and fold.
 * @throws {RunCancelled} If it was cancelled.
 * @throws {OutsideTrouble} If weights are not there, or are not what their run kept.
 * @throws {RangeError} If a member has another vocabulary than the fold, or a loss is NaN or infinite.
 */
export async function executeEnsemble(
  request: RunRequest & { readonly ensemble: EnsembleRequest },
  hooks: RunHooks = {},
): Promise<RunRecord> {
  const started = performance.now();
  let told = 0;
  const breathe = () => {
    if (hooks.isCancelled?.()) throw new RunCancelled(`Ensemble ${request.id} was cancelled.`);
    hooks.onProgress?.(told, parts, null);
  };
  const tell = () => {
    told++;
    breathe();
  };
  const specification = validateSpecification(request.specification);
  const { fold, seed, ensemble: { mean } } = request;
  const engine = await engineOf(request);
  const purpose = `fold ${fold.index}`;
  const own = await loadOwnModel(specification.model, undefined, request.trusted);
  const files = await needed(() => filesOf(request.ensemble));
  let members: readonly Model[] = [];
  const task = await prepareTask(specification, {
    fold,
    seed,
    purpose,
    own,
    breathe,
    network(create) {
      members = weightsOf(files, request.ensemble).map((tensors) => withWeights(create(), tensors));
      return meanModel(members as readonly MemberModel<never, never>[], mean) as never;
    },
  });
  try {
    checkVocabularies(task, files);
    const point = evaluationOf(task, members, specification, tell);
    const pairs = task.pairs?.();
    const tokenAccuracy = task.tokenAccuracy?.();
    const infilling = task.infilling?.();
    const samples = task.samples(randomStream(seed, purpose, "samples"));
    tell();
    return {
      schemaVersion: 1,
      id: request.id,
      point: request.point,
      fold: fold.index,
      seed,
      ensemble: {
        mean,
        members: request.ensemble.members.map(({ id }) => id),
        seeds: request.ensemble.members.map(({ seed }) => seed),
        ...(request.ensemble.snapshots && { snapshots: members.length }),
      },
      status: "completed",
      engine: engine.id,
      ...(engine.arenaMaximumBytes === null ? {} : { arenaMaximumBytes: engine.arenaMaximumBytes }),
      numericsVersion,
      curve: [point],
      final: point,
      best: point,
      stoppedAtStep: null,
      tokens: task.tokens,
      ...(pairs && { pairs }),
      ...(tokenAccuracy && { tokenAccuracy }),
      ...(infilling && { infilling }),
      parameters: members.flatMap((model) =>
        penaltiesOf(
          penaltiesWith(specification.optimizer, specification.penalties),
          model.parameters.map(({ description }) => description),
        )
      ),
      samples,
      weights: null,
      error: null,
      attempts: 1,
      durationSeconds: (performance.now() - started) / 1000,
      finishedAt: new Date().toISOString(),
      host: hostName(),
    };
  } finally {
    task.model.dispose();
  }
}

/** The files of all members, in their order. */
function filesOf({ members }: EnsembleRequest) {
  return Promise.all(
    members.map(async (member) => {
      try {
        return { id: member.id, ...readSafetensors(await readKeptWeights(member.path, member)) };
      } catch (error) {
        throw new Error(
          `Cannot make an ensemble with the weights of run ${member.id} in ${member.path}: ` +
            (error as Error).message,
          { cause: error },
        );
      }
    }),
  );
}

/** The weights of all members: those that each run ended with, or its snapshots. */
function weightsOf(
  files: readonly { readonly id: string; readonly tensors: Tensors }[],
  { snapshots }: EnsembleRequest,
): readonly Tensors[] {
  if (!snapshots) return files.map(({ tensors }) => tensors);
  return files.flatMap(({ id, tensors }) => {
    const found = snapshotsIn(tensors);
    if (found.length > 0) return found;
    throw new RangeError(
      `Cannot make an ensemble of snapshots: run ${id} has taken none, see training.snapshots.`,
    );
  });
}

function withWeights<Initial extends Model>(model: Initial, tensors: Tensors): Initial {
  setWeights(model, tensors);
  return model;
}

function checkVocabularies(
  { vocabularies }: Task,
  files: readonly { readonly id: string; readonly metadata: { readonly [name: string]: string } }[],
): void {
  for (const [name, tokens] of Object.entries(vocabularies)) {
    const other = files.find(({ metadata }) => metadata[name] !== JSON.stringify(tokens));
    if (other === undefined) continue;
    throw new RangeError(
      `Cannot make an ensemble: run ${other.id} has another ${name} than the fold.`,
    );
  }
}

/** One evaluation: what is of a training is 0, what is of weights is of those of all members. */
function evaluationOf(
  { model, evaluation }: Task,
  members: readonly Model[],
  { optimizer, penalties }: Specification,
  tell: () => void,
): CurvePoint {
  const { heldOut, unknownId } = evaluation;
  const trainingLoss = meanCrossEntropy(model, evaluation.training);
  tell();
  const losses = heldOutLosses(
    model,
    evaluation,
    someUnknown(heldOut, unknownId) ? unknownId : null,
  );
  tell();
  const zeros = members.map(({ parameters }) =>
    countZeros(
      penaltiesWith(optimizer, penalties),
      parameters.map(({ description }) => description),
      parameters.map(({ variable }) => variable.dataSync() as Float32Array),
    )
  );
  const squares = members.flatMap(({ parameters }) =>
    parameters.map(({ variable }) => sumOfSquares(variable.dataSync() as Float32Array))
  );
  const total = (key: keyof typeof zeros[number]) => zeros.reduce((sum, one) => sum + one[key], 0);
  const bad = [trainingLoss, ...Object.values(losses)].find((loss) => !Number.isFinite(loss));
  if (bad !== undefined) {
    throw new RangeError(`The losses of an ensemble must be finite numbers, found ${bad}.`);
  }
  return {
    step: 0,
    trainingLoss,
    ...losses,
    generalizationGap: losses.heldOutLoss - trainingLoss,
    penalty: 0,
    weightNorm: Math.sqrt(squares.reduce((sum, one) => sum + one, 0)),
    exactZeros: total("exactZeros"),
    nearZeros: total("nearZeros"),
    countedWeights: total("countedWeights"),
    learningRate: 0,
    learningRateTimesDecay: 0,
    gradientNorm: null,
  };
}
