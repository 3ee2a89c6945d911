import { checkOneOf } from "../../core/check.ts";
import { checkOptions, text } from "../../core/options.ts";
import { dialogueRowsKind, type DialogueRowsSpecification } from "./dialogue_rows.ts";
import { instructionRowsKind, type InstructionRowsSpecification } from "./instruction_rows.ts";
import type { Prompted, Row, RowKind } from "./row.ts";

/** How rows are read as prompts with completions, as plain JSON. */
export type RowsSpecification = InstructionRowsSpecification | DialogueRowsSpecification;

/** Every way to read rows. */
export const rowKinds: {
  readonly [Kind in RowsSpecification["kind"]]: RowKind<
    Extract<RowsSpecification, { readonly kind: Kind }>
  >;
} = { instructions: instructionRowsKind, dialogues: dialogueRowsKind };

/** Checks that a value read from JSON says how rows are read. */
export function validateRows(name: string, value: unknown): RowsSpecification {
  const { kind } = Object(value) as Partial<RowsSpecification>;
  checkOneOf(`${name}.kind`, kind, Object.keys(rowKinds));
  checkOptions(name, value, { kind: text(), ...rowKinds[kind!].options }, ".");
  return value as RowsSpecification;
}

/** Prompts of a row, in their order. */
export function promptsOfRow(specification: RowsSpecification, row: Row): Prompted[] {
  return kindOf(specification).promptsOf(specification, row);
}

/** Names of the fields of a row that are read. */
export function fieldsOfRows(specification: RowsSpecification): readonly string[] {
  return kindOf(specification).fields(specification);
}

function kindOf({ kind }: RowsSpecification): RowKind<RowsSpecification> {
  return rowKinds[kind] as unknown as RowKind<RowsSpecification>;
}
