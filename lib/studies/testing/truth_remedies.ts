import type { Json, JsonObject } from "../../core/json.ts";

/** A point with its remedies. */
export interface Remedied {
  readonly specification: JsonObject;
  /** Strengths by the place they stand at, such as `decoupledWeightDecay strength`. */
  readonly remedies: ReadonlyMap<string, number>;
}

/** Strengths of all remedies against over-fitting in a specification, by what they are. */
export function remediesIn(specification: JsonObject): Map<string, number> {
  const { penalties = [], optimizer = {}, model = {} } = specification as {
    penalties?: JsonObject[];
    optimizer?: JsonObject;
    model?: JsonObject;
  };
  const found = new Map<string, number>();
  const add = (name: string, value: Json) => {
    if (typeof value === "number") found.set(name, (found.get(name) ?? 0) + value);
  };
  for (const penalty of penalties) {
    for (const [option, value] of Object.entries(penalty)) {
      if (/strength$/i.test(option)) {
        add(`${penalty.kind} ${penalty.name ?? ""} ${option} ${penalty.targets}`, value);
      }
    }
  }
  for (const name of ["decay", "weightDecay"]) {
    if (name in optimizer) add(`${optimizer.kind} ${name}`, optimizer[name]);
  }
  for (const [option, value] of Object.entries(model)) {
    if (/dropout$/i.test(option)) add(option, value);
  }
  return found;
}

/** Whether one has at least every remedy of the other, and more of one. */
export function hasMore(one: Remedied, other: Remedied): boolean {
  const names = [...new Set([...one.remedies.keys(), ...other.remedies.keys()])];
  const more = names.map((name) => (one.remedies.get(name) ?? 0) - (other.remedies.get(name) ?? 0));
  return more.every((each) => each >= 0) && more.some((each) => each > 0);
}

/** Whether a point has no remedy of a strength above 0. */
export function hasNone({ remedies }: Remedied): boolean {
  return [...remedies.values()].every((strength) => strength === 0);
}

/** Whether all that is no remedy is the same in both. */
export function sameElse(one: Remedied, other: Remedied): boolean {
  const strip = ({ specification }: Remedied) => {
    const { penalties: _, ...rest } = specification;
    return JSON.stringify(
      rest,
      (key, value) => /dropout$|^decay$/i.test(key) ? undefined : value,
    );
  };
  return strip(one) === strip(other);
}
