import { longestText } from "../core/limits.ts";
import { checkOptions, integer, number, type Option, option } from "../core/options.ts";

/** How much of the training text is rearranged, so that a model learns to fill in the middle. */
export interface FillInTheMiddleSpecification {
  /**
   * Share of the pieces of training windows that are rearranged, from 0 to 1; with 0 the whole option is
   * null, since none is.
   */
  readonly rate: number;
  /**
   * Share of these whose suffix comes first (SPM), from 0 to 1; the others begin with their prefix (PSM).
   *
   * @default {0.5}
   */
  readonly suffixFirst: number;
  /**
   * Held-out pieces at most, evenly spaced, whose middles the trained model predicts and writes at the end;
   * 0 measures nothing.
   *
   * @default {0}
   */
  readonly heldOutPieces: number;
}

/** What `training.fillInTheMiddle` takes: all but the rate may be left out. */
export type FillInTheMiddleOptions =
  & Pick<FillInTheMiddleSpecification, "rate">
  & Partial<FillInTheMiddleSpecification>;

/** Whether a model that was trained so is asked in the order that begins with the suffix: at a half and above. */
export function readsSuffixFirst(
  { suffixFirst }: Pick<FillInTheMiddleSpecification, "suffixFirst">,
): boolean {
  return suffixFirst >= 0.5;
}

const share = { from: 0, to: 1 };

/** What {@link FillInTheMiddleSpecification} holds. */
export const fillInTheMiddleOptions = {
  rate: number(share),
  suffixFirst: number(share, 0.5),
  heldOutPieces: integer({ from: 0, to: longestText }, 0),
};

/** The option `training.fillInTheMiddle`. */
export const fillInTheMiddleOption: Option<FillInTheMiddleSpecification | null> = option(
  (name, value) => {
    if (value === null) return null;
    const checked = checkOptions(name, value, fillInTheMiddleOptions, ".");
    // What trains alike has the same run id.
    return checked.rate === 0 ? null : checked;
  },
  null,
);
