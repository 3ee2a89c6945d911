/**
 * Refuses values of which no statistic can be made.
 *
 * @param name Name of the values with their function, as in `holm: p-values`.
 * @throws {RangeError} If one is NaN or infinite.
 */
export function checkFinite(name: string, values: readonly number[]): void {
  const strange = values.find((value) => !Number.isFinite(value));
  if (strange !== undefined) throw new RangeError(`${name} must be finite, found ${strange}.`);
}
