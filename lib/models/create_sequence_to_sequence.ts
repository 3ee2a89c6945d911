import { checkOneOf } from "../core/check.ts";
import {
  createLstmSequenceToSequence,
  lstmSequenceToSequence,
  type LstmSequenceToSequenceSpecification,
  type SequenceToSequenceContext,
} from "./lstm_sequence_to_sequence.ts";
import type { SequenceToSequenceModel } from "./model.ts";

/** Any model of pairs that can be specified. */
export type SequenceToSequenceSpecification = LstmSequenceToSequenceSpecification;

/** Checks the specification of a model of pairs that came as JSON and fills its defaults. */
export function validateSequenceToSequence(json: unknown): SequenceToSequenceSpecification {
  const { kind, ...options } = (json ?? {}) as { kind?: unknown };
  checkOneOf("model.kind, for pairs,", kind, ["lstmSequenceToSequence"]);
  return lstmSequenceToSequence(options as Parameters<typeof lstmSequenceToSequence>[0]);
}

/** Builds the model that a specification describes; see the model's own file. */
export function createSequenceToSequence(
  specification: SequenceToSequenceSpecification,
  context: SequenceToSequenceContext,
): SequenceToSequenceModel {
  return createLstmSequenceToSequence(specification, context);
}
