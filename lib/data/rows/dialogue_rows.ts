import { checkKeys, checkObject, show } from "../../core/check.ts";
import { checkOptions, type Given, oneOf, option, stated, text } from "../../core/options.ts";
import { fieldOf, type Prompted, type Row, type RowKind } from "./row.ts";
import { fillTemplate, readTemplate } from "./template.ts";

/** Rows that are a dialogue each, as a specification holds them. */
export interface DialogueRowsSpecification {
  /** Tells them from other rows. */
  readonly kind: "dialogues";
  /**
   * Field that is the list of turns, each an object with `role` and `content`, both texts.
   *
   * @default {"messages"}
   */
  readonly turns: string;
  /** How a turn stands in a prompt, by its role: a text with the place `{content}` once. */
  readonly templates: { readonly [role: string]: string };
  /**
   * Role whose turns are learned.
   *
   * @default {"assistant"}
   */
  readonly role: string;
  /**
   * Which turns of that role are learned: `all` but one that begins the dialogue, each as a completion of
   * all turns before it, or the `last` one.
   *
   * @default {"all"}
   */
  readonly learned: "all" | "last";
}

const options = {
  turns: text("messages"),
  templates: option(checkTemplates),
  role: text("assistant"),
  learned: oneOf(["all", "last"], "all"),
};

/**
 * Reads each row as a dialogue: a prompt is all turns before one that is learned, each by the template of
 * its role, and what stands before `{content}` in the template of the turn that is learned; the completion is
 * that turn's content. What its template has after `{content}` stands in later prompts only: a completion has
 * its end mark.
 *
 * With `learned: "all"` a dialogue gives a prompt for each turn that is learned, so that the history is read
 * once for each; no fold parts them. Turns after the last one that is learned are not read.
 *
 * @param given See {@link DialogueRowsSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option, templates without the role that is learned, or a
 * template without the place `{content}`.
 *
 * @example
 * ```ts
 * import { dialogueRows } from "./dialogue_rows.ts";
 * import assert from "node:assert/strict";
 * const rows = dialogueRows({ templates: { user: "U: {content}\n", assistant: "A: {content}\n" } });
 * assert.deepEqual([rows.turns, rows.role, rows.learned], ["messages", "assistant", "all"]);
 * ```
 */
export function dialogueRows(
  given: Given<DialogueRowsSpecification, "turns" | "role" | "learned">,
): DialogueRowsSpecification {
  return checkRole({ kind: "dialogues", ...checkOptions("dialogueRows", given, options) });
}

/** What is known of them. */
export const dialogueRowsKind: RowKind<DialogueRowsSpecification> = {
  create: dialogueRows,
  options: stated(options),
  fields: ({ turns }) => [turns],
  promptsOf: (specification, row) => {
    checkRole(specification);
    return promptsOf(specification, row);
  },
};

function checkTemplates(name: string, value: unknown): DialogueRowsSpecification["templates"] {
  checkObject(name, value);
  for (const [role, template] of Object.entries(value)) {
    const { fields } = readTemplate(`${name}.${role}`, template);
    if (fields.length === 1 && fields[0] === "content") continue;
    throw new RangeError(
      `${name}.${role} must have the place {content} once and no other, found ${show(template)}.`,
    );
  }
  return value as DialogueRowsSpecification["templates"];
}

function checkRole(specification: DialogueRowsSpecification): DialogueRowsSpecification {
  const { role, templates } = specification;
  if (Object.hasOwn(templates, role)) return specification;
  throw new RangeError(
    `dialogueRows: templates must have the role that is learned, ${show(role)}, found ${
      Object.keys(templates).map(show).join(", ") || "none"
    }.`,
  );
}

function promptsOf(
  { turns, templates, role, learned }: DialogueRowsSpecification,
  row: Row,
): Prompted[] {
  const prompts: Prompted[] = [];
  let history = "";
  for (const [index, turn] of turnsOf(row, turns, templates).entries()) {
    const template = readTemplate("template", templates[turn.role]);
    if (turn.role === role && index > 0) {
      prompts.push({ prompt: history + template.texts[0], completion: turn.content });
    }
    history += fillTemplate(template, () => turn.content);
  }
  if (prompts.length > 0) return learned === "all" ? prompts : prompts.slice(-1);
  throw new RangeError(
    `${row.where}: ${show(turns)} must have a turn of ${
      show(role)
    } after another turn, found none.`,
  );
}

interface Turn {
  readonly role: string;
  readonly content: string;
}

function turnsOf(
  row: Row,
  field: string,
  templates: DialogueRowsSpecification["templates"],
): Turn[] {
  const list = fieldOf(row, field);
  if (!Array.isArray(list) || list.length === 0) {
    throw new RangeError(
      `${row.where}: ${show(field)} must be a list of turns, found ${show(list)}.`,
    );
  }
  return list.map((turn: unknown, index): Turn => {
    const where = `${row.where}: turn ${index + 1} of ${show(field)}`;
    checkKeys(where, turn, ["role", "content"]);
    const { role, content } = turn as { role?: unknown; content?: unknown };
    if (typeof role !== "string" || !Object.hasOwn(templates, role)) {
      throw new RangeError(
        `${where} must have a role with a template, one of ${
          Object.keys(templates).map(show).join(", ")
        }, found ${show(role)}.`,
      );
    }
    if (typeof content === "string" && content.trim() !== "") return { role, content };
    throw new RangeError(`${where} must have a content that is a text, found ${show(content)}.`);
  });
}
