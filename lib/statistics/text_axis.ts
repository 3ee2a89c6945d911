import { show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { axesOfStudy, type Axis, isOfRemedies } from "./axis_roles.ts";
import { listInWords } from "./format.ts";
import type { StudyAxes } from "./axis_paths.ts";

/** An axis of amounts of training text. */
export interface TextAxis {
  /** Its name. */
  readonly axis: string;
  /** In what amounts are counted. */
  readonly unit: "tokens" | "bytes";
}

/** The axes of a study that set how much text is trained on, with the held-out text the same. */
export function textAxes(study: StudyAxes): TextAxis[] {
  return axesOfStudy(study).flatMap(({ name, paths }): TextAxis[] => {
    const place = paths.find((path) => /^training\.training(Tokens|Bytes)$/.test(path));
    return place === undefined
      ? []
      : [{ axis: name, unit: place.endsWith("Tokens") ? "tokens" : "bytes" }];
  });
}

/**
 * The axis of a study that sets `trainingTokens` or `trainingBytes`.
 *
 * @param study The study's record.
 * @param asked Name of the axis, where there are several.
 * @returns Null where there is none, and none was asked for.
 * @throws {RangeError} If there are several, or the one asked for sets something else.
 */
export function textAxisOf(study: StudyAxes, asked?: string): TextAxis | null {
  const found = textAxes(study);
  if (asked !== undefined) {
    const own = found.find(({ axis }) => axis === asked);
    if (own !== undefined) return own;
    throw new RangeError(
      `worthInText: axis must set trainingTokens or trainingBytes, found ${show(asked)}; ${
        found.length === 0 ? "no axis of this study does" : `${named(found)} does`
      }.`,
    );
  }
  if (found.length > 1) {
    throw new RangeError(
      `worthInText: axis must say which of several amounts of text is meant, found ${
        named(found)
      }.`,
    );
  }
  return found[0] ?? null;
}

function named(axes: readonly TextAxis[]): string {
  return listInWords(axes.map(({ axis }) => show(axis)));
}

/** How much text a specification trains on; null for all that a fold has. */
export function amountOfText({ training }: JsonObject): number | null {
  const { trainingTokens = null, trainingBytes = null } = Object(training) as {
    trainingTokens?: number | null;
    trainingBytes?: number | null;
  };
  return trainingTokens ?? trainingBytes;
}

/**
 * What of a point is held fixed where a curve is drawn along an axis: neither that axis, nor remedies, nor
 * how it is trained, which is tuned.
 */
export function heldFixed(study: StudyAxes, axis: string): (point: JsonObject) => JsonObject {
  const free = new Set([axis, ...axesOfStudy(study).filter(isTuned).map(({ name }) => name)]);
  return (point) => Object.fromEntries(Object.entries(point).filter(([name]) => !free.has(name)));
}

function isTuned(axis: Axis): boolean {
  return axis.role === "training" || isOfRemedies(axis);
}
