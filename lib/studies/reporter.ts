import { visibleText } from "../core/html.ts";
import { formatPoint } from "../statistics/format.ts";
import type { LossUnit } from "../statistics/study_loss.ts";
import { bar, standardError, statusLine, type TextSink } from "../core/terminal.ts";
import type { JsonObject } from "../core/json.ts";

/** How far a study is. */
export interface StudyProgress {
  /** Name of the study. */
  readonly study: string;
  /** Runs that have a record. */
  readonly done: number;
  /** Runs that the study asks for; refits are added when the folds have selected them. */
  readonly total: number;
  /** Whether there will be refits that `total` does not count yet. */
  readonly refitsToCome?: boolean;
  /** `done` and the finished shares of the runs that go on. */
  readonly fractional: number;
  /** Of `done`, those whose loss became NaN. */
  readonly diverged: number;
  /** Of `done`, those whose process could not do them twice. */
  readonly failed: number;
  /** Of `done`, those that a strategy has paused at a rung; those that stay so are pruned. */
  readonly pruned: number;
  /** Since the start of this call; null while nothing is known. */
  readonly runsPerMinute: number | null;
  /** Estimated time to the end; null while nothing is known. */
  readonly secondsLeft: number | null;
  /**
   * Lowest mean validation loss so far, of the points with most runs that are on the same folds and seeds;
   * null before the first, and where no two are.
   */
  readonly best: { readonly point: JsonObject; readonly validationLoss: number } | null;
  /** That of its losses; nats per token when left out. */
  readonly unit?: LossUnit;
  /** Means over the finished runs of each point that has one, in order of their first run. */
  readonly points: readonly PointProgress[];
}

/** What the finished runs of a point say so far. */
export interface PointProgress {
  /** The point of the search space. */
  readonly point: JsonObject;
  /** Completed runs on the folds. */
  readonly runs: number;
  /** Mean validation loss at the last step. */
  readonly validationLoss: number;
  /** Mean gap between validation and training loss at the last step. */
  readonly generalizationGap: number;
}

/** Shows a study's progress somewhere. */
export interface StudyReporter {
  /** Called a few times a second. */
  progress(progress: StudyProgress): void;
  /** Something the user should know, such as a torn line that was dropped. */
  warn(message: string): void;
  /**
   * What is true of this call only, such as that runs were copied from another study: a notebook shows it
   * in passing, so that running it again does not change its outputs.
   */
  note?(message: string): void;
  /** Called once, with a sentence that is the same whenever the study is complete. */
  finish(progress: StudyProgress, sentence: string): void;
}

/** Shows nothing. */
export const silentReporter: StudyReporter = { progress() {}, warn() {}, finish() {} };

/** A duration in words, such as `4 min 05 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

/** What a progress line says after its bar. */
export function progressText(progress: StudyProgress): string {
  const { done, total, refitsToCome, diverged, failed } = progress;
  const { runsPerMinute, secondsLeft, best } = progress;
  const parts = [`${done}/${total} runs${refitsToCome ? ", then refits" : ""}`];
  if (diverged > 0) parts.push(`${diverged} diverged`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (runsPerMinute !== null) parts.push(`${runsPerMinute.toFixed(1)} runs/min`);
  if (secondsLeft !== null && done < total) parts.push(`${formatDuration(secondsLeft)} left`);
  if (best !== null) {
    parts.push(`best ${best.validationLoss.toFixed(3)} at ${visibleText(formatPoint(best.point))}`);
  }
  return parts.join(" · ");
}

/** Draws a bar on stderr; where that is no terminal, writes a line now and then. */
export function terminalReporter(sink: TextSink = standardError): StudyReporter {
  const line = statusLine(sink);
  return {
    progress(progress) {
      const { study, fractional, total } = progress;
      line.draw(`${study} ${bar(total === 0 ? 1 : fractional / total)} ${progressText(progress)}`);
    },
    warn: (message) => line.print(message),
    note: (message) => line.print(message),
    finish: (_, sentence) => line.print(sentence),
  };
}
