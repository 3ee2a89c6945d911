import type { StudyTrainings } from "./_trainings.ts";
import { runStudyWith } from "./_study_course.ts";
import { libraryTrainings } from "./_library_trainings.ts";
import type { StudyOptions } from "./options.ts";
import type { Study } from "./study.ts";

/**
 * Runs a study: every point of a space on every fold with every seed, in training processes; then
 * the selected points and the baseline once more on all but the final block.
 *
 * Runs that have a record in `results/<name>/runs.jsonl` are not trained again, so the same call
 * goes on where an interrupted one ended, and a complete study trains nothing. Each run counts as
 * soon as the disk has its record. Runs with the same id that another study of the project has trained
 * are copied before anything is trained; each copy names that study.
 *
 * Points and seeds may be added by a later call, and folds where those that are there keep their spans; a
 * point of zeros that is added becomes the baseline where none was named. Any other change of the
 * definition needs another name, unless no run has completed: then the study is defined anew.
 *
 * What the specifications and the folds alone show to be impossible is refused before anything is
 * written, so that it takes no name.
 *
 * A run whose loss becomes NaN is recorded as `diverged`; one whose process crashes, hangs, exhausts
 * its memory or throws is done once more in a fresh process, then recorded as `failed`; `retryFailed`
 * has it tried again. The study goes on in both cases. A run that misses what is outside of it, such as
 * its corpus or room on the disk, waits for that and is never recorded as failed: see `patienceSeconds`.
 *
 * With a `strategy` the points are searched instead of all being trained to their end: see
 * `successiveHalving`, `bayesianSearch`, `warmStartPath` and `empiricalMaximum`. It decides from the
 * records alone, so that it is resumed, repeated and grown as any study is.
 *
 * @param options See {@link StudyOptions}.
 * @returns The study with all its records.
 * @throws {TypeError | RangeError} If an option or a specification is refused; nothing was run.
 * @throws {Error} If a study of that name has another definition, another process is writing it, or
 * its files are damaged or cannot be written; what was recorded is safe.
 * @throws {OutsideTrouble} If something outside of the runs stayed missing for too long; the message
 * names it, and the same call goes on.
 * @throws {StudyInterrupted} If it was interrupted; the message says how to go on.
 *
 * @example
 * ```ts
 * import { blockedFolds, characters, corpus, gruLanguageModel, proximalL1 } from "../mod.ts";
 * import { adam, bayesianSearch, decoupledWeightDecay, logRange } from "../mod.ts";
 * import type { StudyOptions } from "../mod.ts";
 * import assert from "node:assert/strict";
 * const options: StudyOptions = {
 *   name: "searched",
 *   strategy: bayesianSearch({
 *     dimensions: {
 *       lambda: logRange(1e-6, 1e-3, { zeroShare: 0.1 }),
 *       alpha: logRange(0.01, 10, { zeroShare: 0.1 }),
 *     },
 *     count: 40,
 *     seed: 1,
 *   }),
 *   specify: ({ lambda, alpha }) => ({
 *     corpus: corpus("moby-dick", { excerpt: { start: 40_000, length: 12_000 } }),
 *     tokenizer: characters(),
 *     model: gruLanguageModel({ embeddingSize: 24, hiddenSize: 64 }),
 *     penalties: [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })],
 *     optimizer: adam({ learningRate: 0.01 }),
 *     training: { steps: 400, batchSize: 16, windowLength: 32, evaluateEvery: 40 },
 *   }),
 *   folds: blockedFolds({ count: 5 }),
 *   seeds: [1, 2, 3],
 * };
 * // const study = await runStudy(options);
 * assert.equal(options.strategy?.kind, "treeParzenEstimator");
 * ```
 */
export function runStudy(options: StudyOptions): Promise<Study> {
  return runStudyWith(libraryTrainings satisfies StudyTrainings, options);
}
