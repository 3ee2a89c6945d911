import { checkOptions, number, orAbsent } from "../core/options.ts";

/**
 * How gradients are clipped: all by one factor so that their global norm is at most `norm`, or each
 * component to at most `value` away from 0. Loss-term penalties are clipped with them, decays are not.
 */
export type Clipping =
  | {
    /** Largest global norm, above 0. */
    readonly norm: number;
  }
  | {
    /** Largest absolute value of a component, above 0. */
    readonly value: number;
  };

/**
 * Returns how gradients are clipped, or throws.
 *
 * @param subject Whose option it is, for the message.
 * @throws {TypeError | RangeError} If it is neither by norm nor by value, or both, or not above 0.
 *
 * @example
 * ```ts
 * import { validateClipping } from "./clipping.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(validateClipping("specification", { norm: 5 }), { norm: 5 });
 * assert.throws(() => validateClipping("specification", { value: 0 }), /clipping.value must be/);
 * ```
 */
export function validateClipping(subject: string, clipping: unknown): Clipping {
  const name = `${subject}.clipping`;
  const { norm, value } = Object(clipping) as { norm?: unknown; value?: unknown };
  if (norm !== undefined && value !== undefined) {
    throw new RangeError(`${name} must be by norm or by value, found both: ${norm} and ${value}.`);
  }
  const size = number({ above: 0 });
  const described = { norm: value === undefined ? size : orAbsent(size), value: orAbsent(size) };
  return checkOptions(name, clipping, described, ".") as Clipping;
}
