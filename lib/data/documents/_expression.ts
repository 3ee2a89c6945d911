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
