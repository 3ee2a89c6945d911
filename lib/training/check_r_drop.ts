import { type AnyModelSpecification, modelKindOf } from "../models/kinds.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";

/**
 * Refuses R-Drop where a model has no dropout: both passes of a step would be the same. Whether a model of
 * the user's own drops anything is seen when it is tried.
 *
 * @throws {RangeError} With the rates that the model could have.
 */
export function checkRDrop({ model, penalties }: {
  readonly model: AnyModelSpecification;
  readonly penalties: readonly PenaltySpecification[];
}): void {
  const acts = penalties.some((penalty) => penalty.kind === "rDrop" && penalty.strength > 0);
  if (!acts || model.kind === "ownModel") return;
  const { roles } = modelKindOf(model);
  const options = model as unknown as Readonly<Record<string, unknown>>;
  const rates = Object.entries(roles).filter(([name, role]) =>
    role === "strength" && typeof options[name] === "number"
  ).map(([name]) => name);
  if (rates.some((name) => (options[name] as number) > 0)) return;
  throw new RangeError(
    `Cannot combine ${model.kind} without dropout and rDrop: both passes of a step would be the same. ` +
      `Give it one of ${rates.join(", ")} above 0.`,
  );
}
