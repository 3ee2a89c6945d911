/**
 * How large a whole number of an option may be where its kind alone decides; what depends on memory is
 * computed from shapes (`training/check_memory.ts`).
 *
 * @module
 */

/** Characters, and so tokens, of a text: V8 has no longer string. */
export const longestText = 2 ** 29 - 24;

/** Units of a layer, entries of a vector. */
export const largestSize = 1 << 16;

/** Layers, or blocks, of a model. */
export const mostLayers = 1024;

/** Optimizer steps of a run: at a thousand a second eleven days. */
export const mostSteps = 1e9;

/** Points of a search space. */
export const mostPoints = 1e6;

/** Runs of a study: points × folds × seeds. */
export const mostRuns = 1e6;

/** Folds of a study. */
export const mostFolds = 10_000;

/** Spans that a fold trains on, or holds out; of a text there are three at most, of documents in groups many. */
export const mostSpans = 50_000;

/** Threads of a training, and processes of a study. */
export const mostThreads = 1024;
