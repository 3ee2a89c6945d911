/**
 * What was read so far, a list of rows a step, of the texts that are gone on with.
 *
 * @param from Row of each; all as they are if not given.
 */
export function continuedRows(
  read: readonly Int32Array[],
  from: Int32Array | undefined,
): Int32Array[] {
  return read.map((step) => from === undefined ? step : from.map((row) => step[row]));
}
