import { show } from "./check.ts";
import { canonicalJson, type JsonObject } from "./json.ts";

/**
 * Options of a part of the user's own, with every default filled in.
 *
 * @param subject What they belong to, for messages.
 * @param defaults Every option with its default, as the part defines them.
 * @param given What the study gives.
 * @throws {TypeError} If an option is unknown or of another type than its default.
 */
export function ownOptions(
  subject: string,
  defaults: JsonObject,
  given: JsonObject,
): JsonObject {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new TypeError(
        `${subject}: unknown option ${show(name)}; allowed are ` +
          `${Object.keys(defaults).join(", ") || "none"}.`,
      );
    }
    if (typeof value !== typeof defaults[name]) {
      throw new TypeError(
        `${subject}: ${name} must be a ${typeof defaults[name]}, as its default ` +
          `${show(defaults[name])}, found ${show(value)}.`,
      );
    }
  }
  return JSON.parse(canonicalJson({ ...defaults, ...given }));
}
