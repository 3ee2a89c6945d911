import type { JsonObject } from "../core/json.ts";
import { forwardFlopsPerToken } from "../models/forward_flops.ts";
import type { RunRecord } from "../records/run_record.ts";

/** What of a specification the count reads. */
interface ReadSpecification {
  readonly training?: {
    readonly batchSize?: number;
    readonly windowLength?: number;
  };
}

/**
 * Floating-point operations of a run's training, counted from the shapes of its parameters: 3 times
 * those of the forward pass (the gradient of a product is two products of its size) over the tokens of all
 * steps that the run did, and the products of matrices that an optimizer such as Muon does in each.
 *
 * For comparing the cost of ways of training. What is not counted: evaluations and samples, element by
 * element operations, among them the optimizer's, penalties; and dropout saves nothing.
 *
 * They are the `cost` of the record. Where an older one has none, a step is taken to read
 * batchSize · windowLength tokens (with carried state, where the last window of a span is shorter, an upper
 * bound), and the optimizer to do no products. A run that stopped early or was pruned counts the steps that
 * it did, one that diverged those up to its last evaluation.
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
  if (run.cost !== undefined) return run.cost.flops;
  if (run.final === null || batchSize === undefined || windowLength === undefined) return null;
  const forward = forwardFlopsPerToken(specification, run.parameters);
  return forward === null ? null : 3 * forward * run.final.step * batchSize * windowLength;
}
