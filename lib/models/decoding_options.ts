import { show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import {
  type Checked,
  checkOptions,
  integer,
  number,
  oneOf,
  type Option,
  option,
  type Options,
  orNull,
} from "../core/options.ts";

/** Beams of a search at most. */
const mostBeams = 1000;

/** When beam search ends before its longest text; see `DecodingOptions`. */
export type BeamStopping = true | false | "never";

/** How the next token is chosen, and when a text ends. */
export interface DecodingOptions {
  /**
   * Logits are divided by it; 0 takes the most likely token (greedy), 1 samples the model as it is.
   * With `beams` it is 0, for nothing is drawn; the default may be stated there, and means as much.
   *
   * @default {1}
   */
  readonly temperature?: number;
  /**
   * Keep only this many most likely tokens, from 1, or null for all.
   *
   * @default {null}
   */
  readonly topK?: number | null;
  /**
   * Keep the fewest most likely tokens whose probabilities reach this sum, in (0, 1]; 1 keeps all.
   *
   * @default {1}
   */
  readonly topP?: number;
  /**
   * Keep the tokens that are at least this share as probable as the most likely one, in [0, 1]; 0 keeps
   * all (min-p, Nguyen et al. 2024).
   *
   * @default {0}
   */
  readonly minP?: number;
  /**
   * Logits of tokens that were read or written are divided by it where they are positive, and multiplied
   * by it where they are negative (Keskar et al. 2019, CTRL); above 0, 1 changes nothing, 1.2 is CTRL's.
   * Of pairs the tokens of the target count, not those of the source.
   *
   * @default {1}
   */
  readonly repetitionPenalty?: number;
  /**
   * Texts that beam search goes on with side by side, from 1; at 1 there is no such search.
   *
   * @default {1}
   */
  readonly beams?: number;
  /**
   * α: beam search takes the text with the largest Σ log p / length^α, length in tokens with the end.
   * Above 0 longer texts are favoured, below 0 shorter ones, as log p is negative.
   *
   * @default {1}
   */
  readonly lengthPenalty?: number;
  /**
   * When beam search ends. `true`: as soon as `beams` texts have ended. `false`: when the best text that
   * goes on would not be better than the worst of the `beams` that have ended if it ended now. `"never"`:
   * when it could not be better at any length (with α > 0 the longest is the best that there can be).
   *
   * @default {false}
   */
  readonly earlyStopping?: BeamStopping;
  /**
   * Texts at which the model stops to write; what stands before the first one is the text. They may go
   * over the ends of tokens. Of two that end at the same place the longer one counts.
   *
   * @default {[]}
   */
  readonly stopStrings?: readonly string[];
}

/** Options of {@link DecodingOptions}. */
export const decoding = {
  temperature: number({ from: 0 }, 1),
  topK: orNull(integer({ from: 1, to: longestText })),
  topP: number({ above: 0, to: 1 }, 1),
  minP: number({ from: 0, to: 1 }, 0),
  repetitionPenalty: number({ above: 0 }, 1),
  beams: integer({ from: 1, to: mostBeams }, 1),
  lengthPenalty: number({}, 1),
  earlyStopping: oneOf<BeamStopping>([false, true, "never"], false),
  stopStrings: option(checkStopStrings, []),
};

/** What {@link DecodingOptions} are once they are checked. */
export type CheckedDecoding = Required<DecodingOptions>;

function checkStopStrings(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${name} must be a list of texts, found ${show(value)}.`);
  }
  for (const text of value) {
    if (typeof text === "string" && text !== "") continue;
    throw new TypeError(`${name} must hold texts that are not empty, found ${show(text)}.`);
  }
  return value;
}

/**
 * Checks how a model writes and fills the defaults.
 *
 * @param subject What takes the options, for messages.
 * @param given The options, and those of `others`.
 * @param others Further options of the same object.
 * @param described The decoding options, where their defaults are others.
 * @param join What stands between subject and option in messages.
 * @throws {TypeError | RangeError} If an option is unknown, out of its range, or contradicts another.
 */
export function checkDecoding<Others extends Options>(
  subject: string,
  given: unknown,
  others: Others,
  described: { readonly [Name in keyof typeof decoding]: Option<CheckedDecoding[Name]> } = decoding,
  join: ": " | "." = ": ",
): Checked<Others> & CheckedDecoding {
  const byDefault = described.temperature.byDefault?.();
  const { beams, temperature = byDefault } = (given ?? {}) as DecodingOptions;
  // Nothing is drawn, whatever the temperature is by default, also where that is stated.
  const greedy = Number(beams) > 1 && (temperature ?? byDefault) === byDefault;
  const complete = greedy ? { ...given as object, temperature: 0 } : given;
  const checked = checkOptions(subject, complete, { ...others, ...described }, join);
  refuseContradictions(subject, checked as CheckedDecoding);
  return checked as Checked<Others> & CheckedDecoding;
}

/** Refuses what would have no effect: draws with beams, and a search's options without one. */
function refuseContradictions(subject: string, decoding: CheckedDecoding): void {
  const { temperature, topK, topP, minP, beams, lengthPenalty, earlyStopping } = decoding;
  const searches = beams > 1;
  const allowed = searches
    ? [["temperature", temperature, 0], ["topK", topK, null], ["topP", topP, 1], ["minP", minP, 0]]
    : [["lengthPenalty", lengthPenalty, 1], ["earlyStopping", earlyStopping, false]];
  const other = allowed.find(([, value, only]) => value !== only);
  if (other === undefined) return;
  const [name, value, only] = other;
  throw new RangeError(
    `${subject}: ${name} must be ${only} ` +
      (searches
        ? `with beams ${beams}, for beam search draws nothing, found ${show(value)}.`
        : `without beam search, found ${show(value)}; beams from 2 search.`),
  );
}
