import { checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";
import { type EngineChoice, engineChoices } from "../core/engine_name.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { mostRuns, mostSteps } from "../core/limits.ts";
import {
  boolean,
  type Checked,
  checkOptions,
  integer,
  number,
  oneOf,
  option,
  orAbsent,
  orNotGiven,
  orNull,
  passed,
} from "../core/options.ts";
import { projectOption } from "../core/project.ts";
import type { DocumentFoldsSpecification } from "../data/documents/document_folds.ts";
import type { FixedSplitSpecification } from "../data/fixed_split.ts";
import type { FoldsSpecification } from "../data/folds.ts";
import type { PairFoldsSpecification } from "../data/pair_folds.ts";
import type { EquivalenceRecord } from "../records/equivalence_record.ts";
import type { StrategyRecord } from "../records/strategy_record.ts";
import type { AxisRole, SelectionRule, SpaceRecord } from "../records/study_record.ts";
import type { CheckpointInterval } from "../training/checkpoint.ts";
import type { SpecificationOptions } from "../training/specification.ts";
import { checkEquivalence } from "./_equivalence.ts";
import { studyFolder } from "./storage/folder.ts";
import type { StudyReporter } from "./reporter.ts";
import { redisAddress } from "./pool/queue/connection.ts";
import { checkEnsembles, type EnsembleOptions } from "./plan/ensembles.ts";
import { lowestMean } from "./plan/rule.ts";
import { checkShares, poolLimits } from "./pool/pool_options.ts";
import { joinSpaces } from "./search/random_search.ts";
import { checkSpace } from "./search/space.ts";
import { checkStrategy, strategyOf } from "./search/kinds.ts";

/** Which trained weights a study keeps on disk. */
export type KeepWeights = "none" | "selected" | "all";

/** What {@link runStudy} takes. */
export interface StudyOptions {
  /** Name, and folder below `results/`. */
  readonly name: string;
  /**
   * Points, as `grid`, `points` or `randomSearch` give them; may be left out where the strategy asks
   * for points of its own.
   */
  readonly space?: SpaceRecord;
  /**
   * How the points are searched, as `successiveHalving`, `bayesianSearch`, `warmStartPath` or
   * `empiricalMaximum` give it; by default each is trained to its end, from its own initial weights.
   */
  readonly strategy?: StrategyRecord;
  /** A pure function from a point to its specification, plain JSON. */
  readonly specify: (point: any) => SpecificationOptions;
  /**
   * As `blockedFolds` gives it for a text, `documentFolds` for documents, `groupedFolds` for pairs, `fixedSplit`
   * for texts and pairs.
   */
  readonly folds:
    | FoldsSpecification
    | DocumentFoldsSpecification
    | PairFoldsSpecification
    | FixedSplitSpecification;
  /** Whole numbers, none twice. */
  readonly seeds: readonly number[];
  /**
   * Rule by which the study selects. By default one standard error on the axes that say which model is
   * simpler, those of strengths and sizes; the lowest mean where there are none.
   */
  readonly select?: SelectionRule;
  /**
   * Point that others are compared against. By default the point whose every axis is 0, else the
   * only one whose penalties all have strength 0, else the only one without any remedy (without
   * those that differ, where all points have others). With several such points there is none.
   */
  readonly baseline?: JsonObject | null;
  /**
   * What axes are for, where it does not follow from where their values go in the specifications:
   * `strength` of a remedy, `training`, `size`, `data`, `choice` or `own`. The baseline's name,
   * selection, sentences and figures follow from it.
   */
  readonly roles?: { readonly [axis: string]: AxisRole };
  /**
   * Ensembles of its runs, measured on each fold once their members have completed: of every point, or of
   * one, and of all seeds or some. The weights of their members are kept. None by default; some may be
   * added later.
   */
  readonly ensembles?: readonly EnsembleOptions[];
  /**
   * Differences of the validation loss from −δ to +δ are too small to matter: with it comparisons have a fourth
   * verdict, *equivalent*. δ is `{ nats: 0.02 }` per token, `{ bits: 0.02 }` per byte or character where
   * losses are, or `{ shareOfEarlyStopping: 0.1 }` of what early stopping of the baseline gains. It is declared
   * before the runs: once one has completed it can be neither added nor changed. None by default.
   */
  readonly equivalence?: EquivalenceRecord;
  /** What computes: `wasm` by default, the same bits everywhere. */
  readonly engine?: EngineChoice;
  /** Threads that train at once; as many as cores by default. */
  readonly workers?: number;
  /**
   * Threads of each run, which count as so many workers; the bits do not depend on it. By default `auto` on
   * `wasm` and `relaxed`: more than one where fewer runs wait than cores are free. On `native` a run has one,
   * and where this is given the engine is `blocked`, whose numbers are others.
   */
  readonly threads?: number | "auto";
  /**
   * Address of a Redis server, such as `rediss://user:password@host:6379`: the runs are done by
   * workers that listen there (`deno task worker --redis URL`), on any machine with the project.
   */
  readonly queue?: string;
  /**
   * Whether workers of another engine or numerics version, started with `--allow-other`, may do runs:
   * their numbers are others, their records say so, and so does the digest. Not by default.
   */
  readonly allowOtherWorkers?: boolean;
  /** `selected` by default: of the refits only. */
  readonly keepWeights?: KeepWeights;
  /** Whether runs recorded as `failed` are done again; not by default. */
  readonly retryFailed?: boolean;
  /**
   * Whether runs that other studies of the project trained, with the same id, are copied in place of being
   * trained again; so by default.
   */
  readonly shareRuns?: boolean;
  /**
   * Studies in `results/` that were trained elsewhere and whose runs may be copied as well, each with the
   * SHA-256 of its `runs.jsonl`; none by default.
   */
  readonly trustedRuns?: { readonly [study: string]: string };
  /** A process without a step for so long (an evaluation between two counts in) is replaced; 300 by default. */
  readonly noProgressSeconds?: number;
  /**
   * How long a study waits for what is outside of its runs, such as a corpus or a module whose file is
   * away, once no other run trains; and for a disk that takes no records, at all. Then it ends with an
   * error, and the same call goes on; 60 by default.
   */
  readonly patienceSeconds?: number;
  /** How long a process may take to end when it is asked to; 5 by default. */
  readonly graceSeconds?: number;
  /** Largest JavaScript heap of a process, MB; V8's own limit by default. */
  readonly heapMegabytes?: number | null;
  /**
   * How often a run stores what it needs to go on after its process was killed, in seconds, in steps,
   * or whichever comes first; null never does. `{ seconds: 60 }` by default.
   */
  readonly checkpointEvery?: { readonly seconds?: number; readonly steps?: number } | null;
  /** Where progress is shown; in the cell of a notebook, else on stderr, by default. */
  readonly reporter?: StudyReporter;
  /** Ends the study early; finished runs stay. */
  readonly signal?: AbortSignal;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

const described = {
  name: passed<string>(),
  space: passed<SpaceRecord | undefined>(),
  strategy: orAbsent(option(checkStrategy)),
  specify: option(checkSpecify),
  folds: passed<StudyOptions["folds"]>(),
  seeds: option(checkSeeds),
  select: passed<SelectionRule | undefined>(),
  baseline: passed<JsonObject | null | undefined>(),
  roles: passed<StudyOptions["roles"]>(),
  ensembles: passed<StudyOptions["ensembles"]>(),
  equivalence: orAbsent(option(checkEquivalence)),
  engine: oneOf(engineChoices, "wasm"),
  workers: poolLimits.workers,
  threads: orAbsent(poolLimits.threads),
  queue: passed<string | undefined>(),
  allowOtherWorkers: boolean(false),
  keepWeights: oneOf(["none", "selected", "all"], "selected"),
  retryFailed: boolean(false),
  shareRuns: orNotGiven(boolean(true)),
  trustedRuns: passed<NonNullable<StudyOptions["trustedRuns"]>>({}),
  noProgressSeconds: poolLimits.noProgressSeconds,
  patienceSeconds: number({ from: 0 }, 60),
  graceSeconds: poolLimits.graceSeconds,
  heapMegabytes: poolLimits.heapMegabytes,
  checkpointEvery: option(checkInterval, { seconds: 60 }),
  reporter: passed<StudyReporter | undefined>(),
  signal: passed<AbortSignal | undefined>(),
  project: projectOption,
};

/**
 * Checks a study's options and fills their defaults.
 *
 * @throws {TypeError | RangeError} On an unknown option or a value that is not allowed.
 */
export function checkStudyOptions(options: StudyOptions): StudySettings {
  const checked = checkOptions("runStudy", options, described);
  const { strategy, folds, seeds, baseline, queue } = checked;
  const space = spaceOf(checked.space, strategy);
  if (strategyOf(strategy).beginsWith !== null && queue !== undefined) {
    throw new RangeError(
      `runStudy: ${strategy!.kind} hands weights from run to run, which a queue does not: leave ` +
        `strategy or queue out.`,
    );
  }
  checkRunCount(space.points.length, folds, seeds.length);
  const known = space.points.map(canonicalJson);
  if (baseline !== undefined && baseline !== null && !known.includes(canonicalJson(baseline))) {
    throw new RangeError(
      `runStudy: baseline must be a point of the space, found ${show(baseline)}.`,
    );
  }
  if (checked.roles !== undefined) checkRoles(checked.roles, space, strategy);
  const ensembles = checkEnsembles("runStudy: ensembles", checked.ensembles, { ...space, seeds });
  if (space.arms !== undefined) checkArmsStudy(checked);
  if (queue !== undefined) redisAddress(queue);
  checkThreads(checked);
  checkTrustedRuns(checked);
  const byDefault = space.arms === undefined ? undefined : lowestMean("validationLoss");
  return { ...checked, space, ensembles, select: checked.select ?? byDefault };
}

/** Refuses threads that no run of the study could have. */
function checkThreads(checked: Checked<typeof described>): void {
  const { threads, engine, queue } = checked;
  if (threads === undefined) return;
  checkShares("runStudy", { ...checked, threads });
  const found = queue !== undefined
    ? "queue, whose workers have their own (--threads)"
    : engine === "cpu"
    ? 'engine "cpu", which has one thread'
    : null;
  if (found === null) return;
  throw new RangeError(`runStudy: threads must be left out with ${found}, found ${show(threads)}.`);
}

function checkSpecify(name: string, specify: unknown): StudyOptions["specify"] {
  if (typeof specify === "function") return specify as StudyOptions["specify"];
  throw new TypeError(
    `${name} must be a function from a point to a specification, found ${show(specify)}.`,
  );
}

function checkSeeds(name: string, seeds: unknown): readonly number[] {
  if (!Array.isArray(seeds) || seeds.length === 0) {
    throw new TypeError(`${name} must be a list of whole numbers, found ${show(seeds)}.`);
  }
  for (const seed of seeds) checkInteger("runStudy: a seed", seed);
  if (new Set(seeds).size === seeds.length) return seeds;
  throw new RangeError(`${name} must differ, found ${show(seeds)}.`);
}

/** Refuses more runs than a journal can hold and a plan can be made of. */
function checkRunCount(points: number, folds: unknown, seeds: number): void {
  const { count: given } = (folds ?? {}) as { readonly count?: unknown };
  // What is no number is refused with the folds.
  const count = typeof given === "number" ? given : 1;
  const runs = points * count * seeds;
  if (!(runs > mostRuns)) return;
  throw new RangeError(
    `runStudy: there must be at most ${mostRuns} runs, found ${points} points × ${count} folds × ` +
      `${seeds} seeds = ${runs}: with as many folds and seeds at most ${
        Math.floor(mostRuns / count / seeds)
      } points.`,
  );
}

function checkTrustedRuns(
  { name, trustedRuns, project, shareRuns }: Checked<typeof described>,
): void {
  const subject = "runStudy: trustedRuns";
  if (trustedRuns === null || typeof trustedRuns !== "object" || Array.isArray(trustedRuns)) {
    throw new TypeError(
      `${subject} must be an object of names of studies, each with the SHA-256 of its runs.jsonl, ` +
        `found ${show(trustedRuns)}.`,
    );
  }
  for (const [study, hash] of Object.entries(trustedRuns)) {
    studyFolder(study, project); // refuses what is no name
    if (study === name) {
      throw new RangeError(`${subject} must name other studies, found ${show(study)}, this one.`);
    }
    if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) {
      throw new TypeError(
        `${subject}: of ${show(study)} must be 64 hexadecimal digits, the SHA-256 of its ` +
          `runs.jsonl, found ${show(hash)}.`,
      );
    }
  }
  if (!shareRuns && Object.keys(trustedRuns).length > 0) {
    throw new RangeError(
      `${subject} must be left out where shareRuns is false, found ${show(trustedRuns)}.`,
    );
  }
}

const roleNames: readonly AxisRole[] = ["strength", "training", "size", "data", "choice", "own"];

function checkRoles(
  roles: { readonly [axis: string]: AxisRole },
  { points }: SpaceRecord,
  strategy: StrategyRecord | undefined,
): void {
  const axes = [...points, strategyOf(strategy).dimensions].flatMap((point) => Object.keys(point));
  checkKeys("runStudy: roles", roles, [...new Set(axes)]);
  for (const [axis, role] of Object.entries(roles)) {
    checkOneOf(`runStudy: roles.${axis}`, role, roleNames);
    const text = points.find((point) => axis in point && typeof point[axis] !== "number");
    if (role === "strength" && text !== undefined) {
      throw new TypeError(
        `runStudy: roles.${axis} can be strength only of an axis of numbers, found ` +
          `${show(text[axis])}.`,
      );
    }
  }
}

/** Refuses what would tune one arm otherwise than another. */
function checkArmsStudy({ strategy, select, baseline }: Checked<typeof described>): void {
  const found = strategy !== undefined
    ? `strategy ${show(strategy.kind)}`
    : select !== undefined && select.kind !== "mean"
    ? `select ${show(select.kind)}`
    : baseline !== undefined && baseline !== null
    ? `baseline ${show(baseline)}`
    : null;
  if (found === null) return;
  throw new RangeError(
    `runStudy: of a space of arms every point is trained to its end, each arm's is the one with the ` +
      `lowest mean, and arms are judged against their parents: leave strategy, select and baseline ` +
      `out, found ${found}.`,
  );
}

/** The points to begin with: those given, and those that the strategy begins with. */
function spaceOf(space: SpaceRecord | undefined, strategy: StrategyRecord | undefined) {
  const first = strategyOf(strategy).firstPoints();
  if (first.length === 0) return checkSpace("runStudy: space", space);
  const own = { kind: "points", points: first };
  return space === undefined ? checkSpace("runStudy: strategy", own) : joinSpaces(space, own);
}

function checkInterval(name: string, every: unknown): CheckpointInterval | null {
  if (every === null) return null;
  const { seconds, steps } = checkOptions(name, every, interval, ".");
  if (seconds !== null || steps !== null) return { seconds, steps };
  throw new TypeError(
    `${name} must hold seconds or steps, or be null for no checkpoints, found {}.`,
  );
}

const interval = {
  seconds: orNull(number({ from: 0 })),
  steps: orNull(integer({ from: 1, to: mostSteps })),
};

/** Options with their defaults. */
export type StudySettings = Checked<typeof described> & { readonly space: SpaceRecord };
