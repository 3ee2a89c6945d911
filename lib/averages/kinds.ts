import { checkOneOf, show } from "../core/check.ts";
import type { AverageKind } from "./average.ts";
import { emaAverage, type EmaSpecification } from "./ema.ts";
import { lastEvaluationsAverage, type LastEvaluationsSpecification } from "./last_evaluations.ts";
import { swaAverage, type SwaSpecification } from "./swa.ts";

/** An average of the weights as plain JSON. */
export type AverageSpecification =
  | EmaSpecification
  | SwaSpecification
  | LastEvaluationsSpecification;

/** Every kind of average. */
export const averageKinds: {
  readonly [Kind in AverageSpecification["kind"]]: AverageKind<
    Extract<AverageSpecification, { kind: Kind }>
  >;
} = { ema: emaAverage, swa: swaAverage, lastEvaluations: lastEvaluationsAverage };

/** The kind of an average. */
export function kindOf({ kind }: AverageSpecification): AverageKind<AverageSpecification> {
  return averageKinds[kind] as AverageKind<AverageSpecification>;
}

/** An average in words, as records name its losses; no two averages have the same. */
export function averageName(average: AverageSpecification): string {
  return kindOf(average).name(average);
}

/**
 * Runs the constructors of averages again on their JSON.
 *
 * @param subject Option that holds them, for messages.
 * @throws {TypeError | RangeError} If it is no list of averages, an option is refused, or two are the same.
 */
export function validateAverages(subject: string, json: unknown): readonly AverageSpecification[] {
  if (!Array.isArray(json)) throw new TypeError(`${subject} must be a list, found ${show(json)}.`);
  const averages = json.map((each): AverageSpecification => {
    const { kind, ...options } = Object(each) as AverageSpecification;
    checkOneOf(`${subject}: kind`, kind, Object.keys(averageKinds));
    return averageKinds[kind].create(options as never);
  });
  const names = averages.map(averageName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return averages;
  throw new RangeError(`${subject} must be different averages, found twice: ${twice}.`);
}
