import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { ModelKind } from "./kind.ts";
import { allModels } from "./kinds.ts";

type CountsFlops = Pick<ModelKind<never>, "furtherFlops">;

/** What of a specification the count reads. */
interface ReadSpecification {
  readonly model?: JsonObject;
  readonly training?: { readonly windowLength?: number };
}

/** What of a parameter the count reads. */
interface ReadParameter {
  readonly name: string;
  readonly kind: string;
  readonly shape: readonly number[];
}

/**
 * Floating-point operations of the forward pass a token: 2 (a multiplication and an addition) for each
 * weight of every kernel, recurrent kernel and the output layer (with tied weights, the table); and in each
 * block of a Transformer 4 · windowLength · embeddingSize for the scores of attention and what it reads by
 * them, over the whole window, as if nothing were masked. Of a Llama heads · headSize stands in place of
 * embeddingSize.
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
  parameters: readonly ReadParameter[],
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
