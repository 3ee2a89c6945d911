import { checkText, show } from "../../core/check.ts";
import { checkOptions, option } from "../../core/options.ts";
import { type RowKind, textOf } from "./row.ts";
import { fillTemplate, readTemplate } from "./template.ts";

/** Rows that are an instruction and its answer each, as a specification holds them. */
export interface InstructionRowsSpecification {
  /** Tells them from other rows. */
  readonly kind: "instructions";
  /** Prompt of a row: a text with the places of fields, such as `{instruction}\n{input}\n`. */
  readonly prompt: string;
  /** Field that is the completion. */
  readonly completion: string;
}

const options = {
  prompt: option((name, value) => {
    readTemplate(name, value);
    return value as string;
  }),
  completion: option((name, value) => {
    const [, field] = /^\{([^{}]+)\}$/.exec(checkText(name, value)) ?? [];
    if (field === undefined) return value as string;
    throw new RangeError(
      `${name} must be the name of a field, without braces, ${show(field)}, found ${show(value)}.`,
    );
  }),
};

/**
 * Reads each row as one prompt, by a template, with one completion.
 *
 * @param given `prompt`: a text with places for fields, each the name of a field in braces; `{{` and `}}`
 * are braces. `completion`: name of the field that is learned, as it is, without braces.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, or a template with a brace that is no place's.
 *
 * @example
 * ```ts
 * import { instructionRows } from "./instruction_rows.ts";
 * import assert from "node:assert/strict";
 * const rows = instructionRows({ prompt: "{instruction}\n{input}\n", completion: "output" });
 * assert.equal(rows.kind, "instructions");
 * ```
 */
export function instructionRows(
  given: Omit<InstructionRowsSpecification, "kind">,
): InstructionRowsSpecification {
  return { kind: "instructions", ...checkOptions("instructionRows", given, options) };
}

/** What is known of them. */
export const instructionRowsKind: RowKind<InstructionRowsSpecification> = {
  create: instructionRows,
  options,
  fields: ({ prompt, completion }) => [...readTemplate("prompt", prompt).fields, completion],
  promptsOf: ({ prompt, completion }, row) => [{
    prompt: fillTemplate(readTemplate("prompt", prompt), (field) => textOf(row, field)),
    completion: textOf(row, completion),
  }],
};
