import { checkText, show } from "../../core/check.ts";

/** Returns the source of a regular expression, or throws. */
export function checkExpression(name: string, value: unknown): string {
  const source = checkText(name, value);
  try {
    expressionOf(source);
  } catch (error) {
    // What goes before it is the expression again.
    const reason = (error as Error).message.split(": ").at(-1);
    throw new RangeError(
      `${name} must be a regular expression, found ${show(source)} (${reason}).`,
    );
  }
  return source;
}

/** Returns the source of an expression whose named groups give group and time, and nothing else, or throws. */
export function checkNaming(name: string, value: unknown): string {
  const source = checkExpression(name, value);
  // Of an expression that may match nothing, the match has all of its names.
  const found = Object.keys(expressionOf(`${source}|`).exec("")?.groups ?? {});
  if (found.length > 0 && found.every((each) => each === "group" || each === "time")) return source;
  throw new RangeError(
    `${name} must name a group "group" or "time", or both, and no other, as in "(?<group>.+)\\.txt$", found ${
      found.length === 0 ? "none" : found.map(show).join(", ")
    } in ${show(source)}.`,
  );
}

/** A regular expression, by characters and not by halves of surrogate pairs. */
export function expressionOf(source: string): RegExp {
  return new RegExp(source, "u");
}

/** Group and time that an expression names. */
export function namedIn(
  { groups }: RegExpExecArray,
): { group: string | null; time: string | null } {
  return { group: groups?.group ?? null, time: groups?.time ?? null };
}
