/**
 * What the benches measure, as their `--json` files hold it.
 *
 * @module
 */
import type { ScaleMeasurement } from "../lib/studies/_testing/scale_process.ts";
import { writeFileAtomically } from "../lib/core/files.ts";
import type { ConfigurationName } from "./configurations.ts";
import type { MemorySample } from "./growth.ts";
import type { Machine } from "./machine.ts";
import type { OurFirst, PeerFirst } from "./participants.ts";
import type { TimedShape } from "../lib/engine/product_shapes.ts";
import type { BenchRow } from "./rows.ts";
import type { DiscardRow } from "./search/halving.ts";
import type { Spread } from "./statistics.ts";
import type { ProfileRow } from "./step_profile.ts";

/** GFLOP/s of a product of 1024 × 1024 matrices. */
interface ProductSpeed {
  readonly gigaflopsPerSecond: number;
}

/** Most memory that a process took while it trained and evaluated. */
export interface PeakMemory {
  readonly configuration: ConfigurationName;
  readonly engine: string;
  readonly peakMebibytes: number;
  readonly peerPeakMebibytes: number;
}

/** Versions and speeds of both sides. */
export interface Sides {
  readonly engines: readonly (OurFirst["engine"] & ProductSpeed)[];
  readonly peer: PeerFirst & ProductSpeed;
}

/** Of `bench training`. */
export interface TrainingResult extends Sides {
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  readonly memory: readonly PeakMemory[];
  /** Modes of the peer that could not run. */
  readonly notes: readonly string[];
}

/** Of one engine in `bench threads`; times are of a step, processes' that in which all do one together. */
export interface ThreadsRow {
  readonly configuration: ConfigurationName;
  /** Id of the engine with several threads. */
  readonly engine: string;
  readonly alternations: number;
  readonly milliseconds: Spread;
  readonly threadsMilliseconds: Spread;
  /** Of as many processes at once; null where there was one alone. */
  readonly processesMilliseconds: Spread | null;
  /** Times as fast as one thread, of the same turn. */
  readonly gain: Spread;
  readonly processesGain: Spread | null;
  /** The first of these through the second. */
  readonly share: Spread | null;
  readonly peerMilliseconds: Spread;
  /** Our time through the peer's, both with several threads. */
  readonly ratio: Spread;
  readonly peakMebibytes: number;
  readonly threadsPeakMebibytes: number;
}

/** Of `bench threads`. */
export interface ThreadsResult {
  readonly machine: Machine;
  readonly torch: string;
  readonly threads: number;
  readonly rows: readonly ThreadsRow[];
}

/** Medians of the sweeps of one side. */
export interface SweepRow {
  /** Engine, or the peer's version. */
  readonly engine: string;
  readonly runs: number;
  readonly runsPerMinute: number;
  /** Command to the first optimizer step, at most a quarter of a second late. */
  readonly secondsToTraining: number;
  /** Command to the first run that is recorded. */
  readonly secondsToFirstRun: number;
  /** Command to the last. */
  readonly seconds: number;
  /** Lowest held-out loss of all runs, nats per character: both sides are to find about the same. */
  readonly bestLoss: number;
}

/** Of `bench sweep`; the peer is the last row. */
export interface SweepResult {
  readonly machine: Machine;
  readonly steps: number;
  readonly workers: number;
  readonly rounds: number;
  readonly rows: readonly SweepRow[];
}

/** Of `bench memory`. */
export interface MemoryResult {
  readonly machine: Machine;
  readonly rows: readonly {
    readonly configuration: ConfigurationName;
    readonly engine: string;
    readonly flat: boolean;
    readonly problems: readonly string[];
    readonly samples: readonly MemorySample[];
  }[];
}

/** Of `bench profile`. */
export interface ProfileResult {
  readonly machine: Machine;
  readonly profiles: readonly {
    readonly configuration: ConfigurationName;
    readonly task: "training" | "evaluation";
    readonly engine: string;
    readonly gigaflopsPerSecond: number;
    readonly gigaflop: number;
    /** Of a step without the profiler; results of before have neither this nor what is of shapes. */
    readonly milliseconds?: number;
    readonly shapesFloorMilliseconds?: number;
    /** Those that take the most, as many as functions. */
    readonly shapes?: readonly TimedShape[];
    /** The largest functions, as many as were asked for. */
    readonly rows: readonly ProfileRow[];
    /** All functions, by kind. */
    readonly kinds: readonly ProfileRow[];
  }[];
}

/** How near a search came on an objective. */
export interface SearchRow {
  readonly objective: string;
  readonly search: string;
  readonly evaluations: number;
  /** Value without noise at the point that looked best, above the minimum; over seeds. */
  readonly regret: Spread;
}

/** Of `bench search`. */
export interface SearchResult {
  readonly machine: Machine;
  readonly peer: { readonly optuna: string; readonly python: string };
  readonly seeds: number;
  readonly rows: readonly SearchRow[];
  /** Searches with rungs on the stored surface. */
  readonly halving: {
    readonly rungs: readonly number[];
    readonly reductionFactor: number;
    /** Steps that each may train. */
    readonly steps: number;
    readonly rows: readonly {
      readonly search: string;
      readonly points: Spread;
      readonly regret: Spread;
    }[];
  };
  readonly discards: readonly DiscardRow[];
}

/** Of `bench scale`. */
export interface ScaleResult {
  readonly machine: Machine;
  readonly rows: readonly (ScaleMeasurement & {
    readonly where: string;
    /** Training processes of this machine, or worker processes on the queue. */
    readonly workers: number;
  })[];
}

/** One opening of a report; seconds since the browser was told to. */
export interface OpenedReport {
  readonly chromium: string;
  /** Text and figures as images were painted. */
  readonly paintedSeconds: number;
  /** The page was read whole. */
  readonly readSeconds: number;
  /** The first figure answered to a pointer. */
  readonly drawnSeconds: number;
  /** Time on a processor of the page's own thread until then. */
  readonly processorSeconds: number;
}

/** Of `bench report`. */
export interface ReportResult
  extends Readonly<Record<Exclude<keyof OpenedReport, "chromium">, Spread>> {
  readonly machine: Machine;
  readonly chromium: string;
  readonly runs: number;
  readonly bytes: number;
  readonly scriptBytes: number;
  readonly writeSeconds: number;
  readonly rounds: number;
}

/** Writes a result as `--json` does. */
export function writeJson(path: string, result: object): Promise<void> {
  return writeFileAtomically(path, `${JSON.stringify(result, null, 2)}\n`);
}
