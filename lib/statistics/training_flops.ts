import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import type { ModelKind } from "../models/kind.ts";
import { allModels } from "../models/kinds.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { ParameterSummary, RunRecord } from "../records/run_record.ts";

type CountsFlops = Pick<ModelKind<never>, "furtherFlops">;

/** What of a specification the count reads. */
interface ReadSpecification {
  readonly model?: JsonObject;
  readonly training?: {
    readonly batchSize?: number;
    readonly windowLength?: number;
  };
}

/**
 * Floating-point operations of a run's training, counted from the shapes of its parameters: 3 times
 * those of the forward pass (the gradient of a product is two products of its size) over the tokens of all
 * steps that the run did.
 *
 * For comparing the cost of ways of training. What is not counted: evaluations and samples, element by
 * element operations, the optimizer, penalties; and dropout saves nothing.
 *
 * A step reads batchSize · windowLength tokens; with carried state, where the last window of a span is
 * shorter, that is an upper bound. A run that stopped early or was pruned counts the steps that it did, one
 * that diverged those up to its last evaluation.
 *
 * Kaplan et al., Scaling Laws for Neural Language Models (2020), appendix B, counts the same way, without
 * embeddings and with attention.
 *
 * @param specification The specification of the run's point.
 * @param run Its record.
 * @returns Operations; null where shapes do not tell: models of the user's own, pairs (the record does not
 * say how long sources are), and runs that failed before an evaluation.
 *
 * @example
 * ```ts
 * import { trainingFlops } from "./training_flops.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: { specifications }, runs: [run] } = syntheticStudy();
 * assert.ok(trainingFlops(specifications[0], run)! > 0);
 * assert.equal(trainingFlops({ model: { kind: "ownModel" } }, run), null);
 * ```
 */
export function trainingFlops(specification: JsonObject, run: RunRecord): number | null {
  const { training: { batchSize, windowLength } = {} } = specification as ReadSpecification;
  if (run.final === null || batchSize === undefined || windowLength === undefined) return null;
  const forward = forwardFlopsPerToken(specification, run.parameters);
  return forward === null ? null : 3 * forward * run.final.step * batchSize * windowLength;
}

/**
 * Floating-point operations of the forward pass a token: 2 (a multiplication and an addition) for each
 * weight of every kernel, recurrent kernel and the output layer (with tied weights, the table); and in each
 * block of a Transformer 4 · windowLength · embeddingSize for the scores of attention and what it reads by
 * them, over the whole window, as if nothing were masked.
 *
 * Looking up a token's vector is no operation. An input kernel counts for each token, also where an engine
 * multiplies it with the table once.
 *
 * @param specification The specification of a point.
 * @param parameters All parameters of its model, with their shapes.
 * @returns Operations a token; null where shapes do not tell them.
 */
export function forwardFlopsPerToken(
  specification: JsonObject,
  parameters: readonly ParameterSummary[],
): number | null {
  const { model, training } = specification as ReadSpecification;
  const { furtherFlops } = entryOf<CountsFlops>(allModels, model?.kind) ?? {};
  if (model === undefined || furtherFlops === undefined || parameters.length === 0) return null;
  const weights = parameterCount(
    parameters.filter(({ kind, name }) =>
      kind === "kernel" || kind === "recurrentKernel" ||
      (model.tiedWeights === true && name === "embedding/table")
    ),
  );
  return 2 * weights + furtherFlops(model, training!.windowLength!);
}
