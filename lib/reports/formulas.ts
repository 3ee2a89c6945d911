import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";

/** The optimizer's step in one line. */
export function optimizerFormula(optimizer: JsonObject): string {
  return entryOf(optimizerKinds, optimizer.kind)?.formula(optimizer) ?? "see its definition";
}
