import { checkInteger, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { nested, number, oneOf, option, orNotGiven, orNull } from "../core/options.ts";

/** Whose predictions a run learns besides its text: runs of the same study, on the same fold. */
export interface TeacherSpecification {
  /** The point whose runs teach, as the study has it. */
  readonly point: JsonObject;
  /**
   * Seeds of the runs that teach, each one of the study's: several are an ensemble. `own`: one run, that of
   * the student's own seed.
   *
   * @default {"own"}
   */
  readonly seeds: "own" | readonly number[];
  /** Share a of the training loss that the divergence from the teacher makes, above 0, to 1. */
  readonly share: number;
  /**
   * T: both sides' logits are divided by it, above 0.
   *
   * @default {1}
   */
  readonly temperature: number;
  /**
   * What is averaged over several teachers: their probabilities at the temperature, or their logits.
   *
   * @default {"probabilities"}
   */
  readonly mean: "probabilities" | "logits";
}

/** A teacher whose defaults may be left out. */
export type TeacherOptions =
  & Pick<TeacherSpecification, "point" | "share">
  & Partial<TeacherSpecification>;

/** What {@link TeacherSpecification} holds. */
export const teacherOptions = {
  point: option((name, value): JsonObject => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return value as JsonObject;
    }
    throw new TypeError(
      `${name} must be a point of the study, such as { lambda: 0 }, found ${show(value)}.`,
    );
  }),
  seeds: orNotGiven(option(checkSeeds, "own" as const)),
  share: number({ above: 0, to: 1 }),
  temperature: orNotGiven(number({ above: 0 }, 1)),
  mean: orNotGiven(oneOf(["probabilities", "logits"], "probabilities")),
};

/** A teacher, or null for none. */
export const teacherOption = orNull(nested(teacherOptions));

function checkSeeds(name: string, value: unknown): TeacherSpecification["seeds"] {
  if (value === "own") return value;
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(
      `${name} must be "own" or a list of at least one seed, found ${show(value)}.`,
    );
  }
  const seeds = value.map((seed, index) => checkInteger(`${name}[${index}]`, seed));
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (twice === undefined) return seeds;
  throw new RangeError(`${name} must be different, found ${twice} twice.`);
}
