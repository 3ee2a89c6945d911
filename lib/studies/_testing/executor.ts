/** A training that trains nothing: numbers computed from the request, misbehaviour on demand. */
import { writeFileAtomically } from "../../core/files.ts";
import type { JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import { numericsVersion } from "../../core/version.ts";
import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import type { RunHooks, RunRequest } from "../../training/run_request.ts";

/** What a double's specification holds. */
export interface DoubleSpecification extends JsonObject {
  readonly lambda: number;
  readonly alpha: number;
  readonly steps: number;
  readonly millisecondsPerStep: number;
  /** What goes wrong, on which fold ("all" for every one). */
  readonly mischief: string | null;
  readonly mischiefFold: number | string;
  /** File whose absence makes the mischief happen; it is made then, so that it happens once. */
  readonly once: string | null;
}

export async function executeRun(request: RunRequest, hooks: RunHooks = {}): Promise<RunRecord> {
  const specification = request.specification as DoubleSpecification;
  const { steps, millisecondsPerStep, lambda } = specification;
  if (happens(specification, request)) await misbehave(specification.mischief!);
  const noise = randomStream(request.seed, `fold ${request.fold.index}`, "noise");
  const curve: CurvePoint[] = [];
  const last = Math.min(steps, request.stopAt ?? steps);
  for (let step = 0; step <= last; step++) {
    if (step > 0) await pass(millisecondsPerStep);
    if (hooks.isCancelled?.()) throw new Error("cancelled");
    // deno-lint-ignore no-console -- a test reads it
    if (specification.mischief === "tell") console.log(`${request.seed}: ${hooks.threads?.()}`);
    curve.push(evaluation(specification, step, noise.uniform()));
    hooks.onProgress?.(step, steps, curve.at(-1)!);
  }
  const diverged = specification.mischief === "diverge" && happens(specification, request);
  const pruned = last < steps;
  if (request.weightsPath !== null && !diverged && !pruned) {
    await writeFileAtomically(request.weightsPath, `weights of ${request.id}`);
  }
  return {
    schemaVersion: 1,
    id: request.id,
    point: request.point,
    fold: request.fold.index,
    seed: request.seed,
    ...(request.warmStart ? { warmStartedFrom: request.warmStart.id } : {}),
    ...(request.teachers ? { teachers: request.teachers.map(({ id }) => id) } : {}),
    status: diverged ? "diverged" : pruned ? "pruned" : "completed",
    engine: request.engine,
    numericsVersion,
    curve,
    final: curve.at(-1)!,
    best: curve.reduce((best, at) => at.heldOutLoss < best.heldOutLoss ? at : best),
    stoppedAtStep: null,
    tokens: { training: 80, heldOut: 20, vocabulary: 9, unknownShare: 0, unigramEntropy: 3 },
    parameters: [{ name: "w", kind: "kernel", shape: [2], penalties: [] }],
    samples: pruned ? [] : [{ prompt: "a\n", text: `λ = ${lambda} 🐋\u2028`, temperature: 1 }],
    weights: null,
    error: diverged ? "The loss became NaN." : null,
    attempts: 1,
    durationSeconds: 0.5,
    finishedAt: new Date().toISOString(),
    host: `host ${crypto.randomUUID()}`,
  };
}

function evaluation(
  { lambda, alpha, zeroFrom }: DoubleSpecification,
  step: number,
  noise: number,
) {
  const trainingLoss = 2.5 * Math.exp(-step / 3) + 0.5 + 20 * lambda + 0.1 * alpha;
  const heldOutLoss = trainingLoss + 0.1 * step / (1 + 100 * lambda + alpha) + 0.05 * noise;
  return {
    step,
    trainingLoss,
    heldOutLoss,
    generalizationGap: heldOutLoss - trainingLoss,
    penalty: lambda,
    weightNorm: 1 / (1 + alpha),
    exactZeros: lambda >= Number(zeroFrom ?? Infinity) ? 2 : lambda > 0 ? 1 : 0,
    nearZeros: lambda > 0 ? 2 : 0,
    countedWeights: 2,
    learningRate: 0.01,
    learningRateTimesDecay: 0.01 * alpha,
    gradientNorm: step === 0 ? null : 1,
  };
}

function happens(specification: DoubleSpecification, request: RunRequest): boolean {
  const { mischief, mischiefFold, once } = specification;
  if (mischief === null) return false;
  if (mischiefFold !== "all" && mischiefFold !== request.fold.index) return false;
  if (once === null) return true;
  try {
    Deno.writeTextFileSync(`${once}-${request.id.slice(0, 8)}`, "", { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

async function pass(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function misbehave(mischief: string): Promise<void> {
  // deno-lint-ignore no-console
  if (mischief === "talk") return console.log('{"type":"done"}\n\u001enot ours');
  if (mischief === "write") {
    Deno.stdout.writeSync(new TextEncoder().encode('{"type":"ready"} a line left open'));
    return;
  }
  if (mischief === "missing") Deno.readFileSync(`${Deno.cwd()}/is/missing`);
  // What a system says of a full disk.
  if (mischief === "full") throw Object.assign(new Error("No space left"), { code: "ENOSPC" });
  if (mischief === "throw") throw new RangeError("this fold cannot be used");
  if (mischief === "loop") { for (;;); }
  if (mischief === "wait") await new Promise(() => setInterval(() => {}, 1000));
  if (mischief === "heap") {
    const kept: number[][] = [];
    for (;;) kept.push(new Array(10_000).fill(Math.random()));
  }
  if (mischief === "unhandled") {
    Promise.reject(new Error("nobody catches this"));
    await pass(10_000);
  }
  if (mischief === "timer") {
    setTimeout(() => {
      throw new Error("thrown by a timer");
    }, 1);
    await pass(10_000);
  }
}
