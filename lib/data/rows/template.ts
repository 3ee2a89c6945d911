import { checkText, show } from "../../core/check.ts";

/** A text with places for fields. */
export interface Template {
  /** Texts before, between and after the places: one more than there are places. */
  readonly texts: readonly string[];
  /** Name of the field of each place. */
  readonly fields: readonly string[];
}

/**
 * Reads a template: `{name}` is the place of a field; `{{` and `}}` are braces.
 *
 * @param name What messages call it.
 * @param text The template.
 * @throws {TypeError | RangeError} If it is no text, or a brace is neither part of a place nor doubled.
 *
 * @example
 * ```ts
 * import { fillTemplate, readTemplate } from "./template.ts";
 * import assert from "node:assert/strict";
 * const template = readTemplate("prompt", "{question} {{A}}:");
 * assert.deepEqual(template, { texts: ["", " {A}:"], fields: ["question"] });
 * assert.equal(fillTemplate(template, () => "Why?"), "Why? {A}:");
 * ```
 */
export function readTemplate(name: string, text: unknown): Template {
  const texts = [""];
  const fields: string[] = [];
  for (
    const [part, field] of checkText(name, text).matchAll(/\{\{|\}\}|\{([^{}]+)\}|[{}]|[^{}]+/g)
  ) {
    if (field !== undefined) {
      fields.push(field);
      texts.push("");
    } else if (part === "{" || part === "}") {
      throw new RangeError(
        `${name}: the name of a field must stand between { and }, such as {instruction}, and a brace of the ` +
          `text twice, such as {{; found ${part} without ${
            part === "{" ? "a name and }" : "{ and a name"
          } in ${show(text)}.`,
      );
    } else {
      texts[texts.length - 1] += part === "{{" || part === "}}" ? part[0] : part;
    }
  }
  return { texts, fields };
}

/** The text of a template with its fields. */
export function fillTemplate(
  { texts, fields }: Template,
  valueOf: (field: string) => string,
): string {
  return texts[0] + fields.map((field, at) => valueOf(field) + texts[at + 1]).join("");
}
