import type { JsonObject } from "../core/json.ts";
import { fragment, type Insertion } from "./html.ts";

const ownKinds = ["ownModel", "ownPenalty", "ownOptimizer"];

/** What a model, penalty or optimizer is called: its kind, or of the user's own its name, module and code. */
export function partName(part: JsonObject): Insertion {
  const { kind, name, module, export: exported, code } = part;
  if (!ownKinds.includes(String(kind))) return typeof kind === "string" ? kind : "unnamed";
  const { sha256 = "unknown" } = (code ?? {}) as JsonObject;
  return fragment`${String(name ?? kind)} (<code>${String(exported)}</code> of <code>${
    String(module)
  }</code>, code <code>${String(sha256)}</code>)`;
}

/** Options of a model or optimizer: of the user's own those that its module defines, and η. */
export function partOptions(part: JsonObject): JsonObject {
  const { kind, ...options } = part;
  if (!ownKinds.includes(String(kind))) return options;
  const { learningRate, schedule } = options;
  return {
    ...(learningRate !== undefined && { learningRate }),
    ...(schedule !== undefined && { schedule }),
    ...(part.options ?? {}) as JsonObject,
  };
}
