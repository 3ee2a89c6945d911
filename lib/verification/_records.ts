import { isDocuments } from "../data/documents/kinds.ts";
import { showLong } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { spanTokens, withFirstTokens } from "../data/first_tokens.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import { uniqueRuns } from "../records/read_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import { rungsOf } from "../records/strategy_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { digestRuns } from "../studies/digest.ts";
import { teacherOf } from "../records/teacher_record.ts";
import { allRuns, crossValidationRuns, identityOf } from "../studies/plan/run_id.ts";
import { neededIds, type PlannedRun } from "../studies/search/planned_run.ts";
import { costAt, sizeOf } from "../training/cost.ts";
import { validateSpecification } from "../training/specification.ts";
import { bitsOfText } from "../core/perplexity.ts";

/** All runs that a study can ask for, by id; what its refits are the runs on its folds say. */
export function plannedRuns(
  study: StudyRecord,
  runs: readonly RunRecord[],
): Map<string, PlannedRun> {
  return new Map(allRuns(study, runs).map((run) => [run.id, run]));
}

/**
 * What is wrong with the lines of `runs.jsonl`: ids that their specification, fold and seed do not
 * give, numbers that contradict each other, two lines that disagree about one run.
 */
export function recordProblems(
  study: StudyRecord,
  lines: readonly RunRecord[],
): { problems: string[]; stale: number } {
  const planned = plannedRuns(study, uniqueRuns(lines));
  const problems: string[] = [];
  const digests = new Map<string, string>();
  let stale = 0;
  for (const [index, run] of lines.entries()) {
    const line = `line ${index + 1}`;
    const plan = planned.get(run.id);
    if (plan === undefined) {
      const other = run.engine !== study.engine ||
        run.numericsVersion !== study.provenance.numericsVersion ||
        // Another step was chosen before the study grew.
        (run.fold === "final" && study.refits !== undefined);
      if (other) stale++;
      else problems.push(`${line}: no specification, fold and seed of the study give its id`);
      continue;
    }
    const found = [
      ...identityProblems(study, plan, run),
      ...contradictions(plan, run),
      ...costProblems(study, plan, run),
    ];
    for (const each of found) problems.push(`${line}: ${each}`);
    if (run.status === "pruned" && rungsOf(study.strategy).length === 0) {
      problems.push(`${line}: it was pruned, which nothing in the study does`);
    }
    if (run.status !== "completed" && run.status !== "diverged") continue;
    const digest = digestRuns([run]);
    if ((digests.get(run.id) ?? digest) !== digest) {
      problems.push(`${line}: it disagrees with an earlier line of the same run`);
    }
    digests.set(run.id, digest);
  }
  const recorded = new Set(lines.map(({ id }) => id));
  const completed = new Set(
    lines.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
  // What needs a run that did not complete is not trained.
  const missing = crossValidationRuns(study).filter((run) =>
    !recorded.has(run.id) && neededIds(run).every((id) => completed.has(id))
  );
  if (missing.length > 0) problems.push(`${missing.length} runs of cross-validation are missing`);
  return { problems, stale };
}

function identityProblems(study: StudyRecord, plan: PlannedRun, run: RunRecord): string[] {
  const needed = identityOf(plan);
  const said = {
    point: run.point,
    fold: run.fold,
    seed: run.seed,
    engine: run.engine,
    numericsVersion: run.numericsVersion,
    warmStartedFrom: run.status === "failed" ? null : run.warmStartedFrom ?? null,
    teachers: run.status === "failed" ? [] : run.teachers ?? [],
  };
  const due = {
    point: plan.point,
    fold: plan.fold.index,
    seed: plan.seed,
    engine: study.engine,
    numericsVersion: study.provenance.numericsVersion,
    warmStartedFrom: run.status === "failed" ? null : needed.warmStartedFrom ?? null,
    teachers: run.status === "failed" ? [] : needed.teachers ?? [],
  };
  return (Object.keys(due) as (keyof typeof due)[])
    .filter((key) => run.status !== "failed" || key !== "engine")
    .filter((key) => canonicalJson(said[key]) !== canonicalJson(due[key]))
    .map((key) => `${key} is ${showLong(said[key])}, its id is of ${showLong(due[key])}`);
}

/** A cost that is not what specification, fold and the last evaluation give. */
function costProblems(
  study: StudyRecord,
  { specification, fold }: PlannedRun,
  run: RunRecord,
): string[] {
  const { cost, final, status } = run;
  if (cost === undefined) return [];
  if (status === "failed") return ["it failed, and has a cost"];
  const named = teacherOf(specification);
  const teacher = named === null ? undefined : study.specifications[
    study.space.points.findIndex((point) => canonicalJson(point) === canonicalJson(named.point))
  ];
  const due = costAt(
    validateSpecification(specification),
    fold,
    run,
    final?.step ?? 0,
    teacher === undefined ? null : validateSpecification(teacher),
    // Of epochs over folds in bytes only the training knows them.
    cost.tokens,
  );
  // Of pairs only the training knows the tokens.
  const said = due ?? { ...cost, flops: null, ...sizeOf(run.parameters) };
  if (canonicalJson(said) === canonicalJson(cost)) return [];
  return [`its cost is ${canonicalJson(cost)}, its training takes ${canonicalJson(said)}`];
}

/** Numbers of one record that follow from others of it, and do not. */
function contradictions(plan: PlannedRun, run: RunRecord): string[] {
  const found: string[] = [];
  const { curve, final, best, tokens } = run;
  for (const [index, at] of curve.entries()) {
    if (at.generalizationGap !== at.heldOutLoss - at.trainingLoss) {
      found.push(`at step ${at.step} the gap is not held-out minus training loss`);
    }
    if (index > 0 && at.step <= curve[index - 1].step) found.push(`steps do not ascend`);
    if (at.nearZeros < at.exactZeros || at.countedWeights < at.nearZeros) {
      found.push(`at step ${at.step} there are more zeros than weights that were counted`);
    }
  }
  if (canonicalJson(final) !== canonicalJson(curve.at(-1) ?? null)) {
    found.push("final is not the last evaluation of the curve");
  }
  const lowest = curve.reduce<RunRecord["best"]>(
    (low, at) => low === null || choosingLossOf(at) < choosingLossOf(low) ? at : low,
    null,
  );
  if (canonicalJson(best) !== canonicalJson(lowest)) {
    const loss = plan.fold.choosing === undefined ? "held-out loss" : "choosing loss";
    found.push(`best is not the evaluation with the lowest ${loss}`);
  }
  const steps = (plan.specification.training as { steps?: number } | undefined)?.steps;
  if (run.status === "completed" && run.stoppedAtStep === null && final?.step !== steps) {
    found.push(`it completed at step ${final?.step}, its specification asks for ${steps}`);
  }
  if (run.status === "completed" && plan.fold.unit === "bytes") {
    found.push(...bytesContradictions(plan, run));
  } else if (run.status === "completed" && plan.fold.unit === "pairs") {
    found.push(...pairsContradictions(plan, run));
  } else if (run.status === "completed" && run.pairs === undefined) {
    const { trainingTokens } = (plan.specification.training ?? {}) as { trainingTokens?: number };
    const fold = withFirstTokens(plan.fold, trainingTokens);
    for (const part of ["training", "heldOut"] as const) {
      const length = spanTokens(fold[part]);
      if (tokens[part] !== length) {
        found.push(`it counts ${tokens[part]} ${part} tokens, its fold has ${length}`);
      }
    }
  }
  return found;
}

/** Of a run on a fold of pairs before they have tokens: what its counts and its bits per byte contradict. */
function pairsContradictions({ fold, specification }: PlannedRun, run: RunRecord): string[] {
  const { tokens: { text, ...tokens }, pairs } = run;
  const { evaluationPairs = null, padding } = (specification.training ?? {}) as {
    evaluationPairs?: number | null;
    padding?: string;
  };
  const found: string[] = [];
  for (const part of ["training", "heldOut"] as const) {
    const count = spanTokens(fold[part]);
    if (pairs?.[part] !== count) {
      found.push(`it counts ${pairs?.[part]} ${part} pairs, its fold has ${count}`);
    }
    const isPart = evaluationPairs !== null && evaluationPairs < count;
    const read = text?.[part].tokens;
    if (text !== undefined && (isPart ? read! > tokens[part] : read !== tokens[part])) {
      found.push(`it evaluates ${read} of its ${tokens[part]} ${part} tokens`);
    }
  }
  if (text === undefined && padding === undefined) {
    found.push("it does not say how much text its evaluations read");
  }
  return [...found, ...bitsProblems(run)];
}

/** Of a run on a fold in bytes: what its counts of text and its bits per byte contradict. */
function bytesContradictions({ fold, specification }: PlannedRun, run: RunRecord): string[] {
  const { tokens: { text, ...tokens } } = run;
  if (text === undefined) return ["it does not say how much text its evaluations read"];
  const { trainingBytes, evaluationBytes = null } = (specification.training ?? {}) as {
    trainingBytes?: number;
    evaluationBytes?: number | null;
  };
  // The end of a document is a token too, and no document is shorter than a byte.
  const most = (bytes: number) => isDocuments(specification.corpus) ? 2 * bytes : bytes;
  const found: string[] = [];
  for (const part of ["training", "heldOut"] as const) {
    const all = spanTokens(fold[part]);
    const { bytes } = text[part];
    const isPart = evaluationBytes !== null || part === "training" && trainingBytes !== undefined;
    if (isPart ? bytes > all : bytes !== all) {
      found.push(`it evaluates ${bytes} ${part} bytes, its fold has ${all}`);
    }
    if (!isPart && text[part].tokens !== tokens[part]) {
      found.push(
        `it evaluates ${text[part].tokens} of its ${
          tokens[part]
        } ${part} tokens, and all their text`,
      );
    }
    if (tokens[part] > most(all)) {
      found.push(`it counts more ${part} tokens than its fold has bytes`);
    }
  }
  const choosing = fold.choosing === undefined ? 0 : spanTokens(fold.choosing);
  const read = text.choosing?.bytes ?? 0;
  if (evaluationBytes !== null && choosing > 0 ? read < 1 || read > choosing : read !== choosing) {
    found.push(`it evaluates ${read} choosing bytes, its fold has ${choosing}`);
  }
  return [...found, ...bitsProblems(run)];
}

/** Bits per byte and per character that are not those of the losses, where the record says of which text. */
export function bitsProblems({ tokens: { text, textLost }, curve }: RunRecord): string[] {
  if (text === undefined) return [];
  return curve.flatMap(({ step, heldOutLoss, bitsPerByte, bitsPerCharacter }) => {
    const due = textLost === undefined ? bitsOfText(heldOutLoss, text.heldOut) : null;
    return bitsPerByte === due?.bitsPerByte && bitsPerCharacter === due?.bitsPerCharacter
      ? []
      : [`at step ${step} the bits per byte or character are not those of its loss`];
  });
}
