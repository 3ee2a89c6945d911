import { addedTokens } from "../data/infilled_batches.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import type { TrainingSpecification } from "./training_options.ts";

/**
 * Refuses what rearranged windows cannot be combined with, and windows without room for their marks.
 *
 * @throws {RangeError} With what to leave out.
 */
export function checkInfilling(
  { penalties, training: { fillInTheMiddle, carriedState, windowLength } }: {
    readonly penalties: readonly PenaltySpecification[];
    readonly training: Pick<
      TrainingSpecification,
      "fillInTheMiddle" | "carriedState" | "windowLength"
    >;
  },
): void {
  if (fillInTheMiddle === null) return;
  if (carriedState) {
    throw new RangeError(
      `Cannot combine training.carriedState and training.fillInTheMiddle: the state would be carried from a ` +
        `window whose parts changed places to text that does not follow. Leave one of them out.`,
    );
  }
  if (penalties.some(({ kind }) => kind === "tokensAhead")) {
    throw new RangeError(
      `Cannot combine tokensAhead and training.fillInTheMiddle: tokens ahead of a position could be those of ` +
        `another part of the text, or a mark. Leave one of them out.`,
    );
  }
  if (windowLength >= addedTokens) return;
  throw new RangeError(
    `training.windowLength must be at least ${addedTokens} with training.fillInTheMiddle, for three marks, ` +
      `the end and a token of text, found ${windowLength}.`,
  );
}
