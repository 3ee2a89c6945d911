/**
 * Statistics of measurements that take turns.
 *
 * @module
 */

/** Median and quartiles. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/**
 * Quantile of numbers by linear interpolation between order statistics, as NumPy's default.
 *
 * @throws {RangeError} If there are no numbers, or one is NaN or infinite.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`quantile needs finite numbers, found [${values}].`);
  }
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Median and quartiles of numbers. */
export function spread(values: readonly number[]): Spread {
  const [lower, median, upper] = [0.25, 0.5, 0.75].map((share) => quantile(values, share));
  return { lower, median, upper };
}

/** Spread of the ratio of two measurements of the same turn. */
export function ratioSpread(ours: readonly number[], peers: readonly number[]): Spread {
  if (ours.length !== peers.length) {
    throw new RangeError(`Turns must be paired, found ${ours.length} and ${peers.length}.`);
  }
  return spread(ours.map((value, turn) => value / peers[turn]));
}

/** Order of `count` participants in a turn: each begins equally often. */
export function orderOfTurn(turn: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => (place + turn) % count);
}

/**
 * Lets participants take turns, so that what else the machine does meets all of them alike.
 *
 * @param participants What to measure; each call gives one measurement.
 * @param turns How many measurements of each.
 * @returns Measurements by participant, in the order of the turns.
 */
export async function alternate(
  participants: readonly (() => Promise<number>)[],
  turns: number,
): Promise<number[][]> {
  const measured: number[][] = participants.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const index of orderOfTurn(turn, participants.length)) {
      measured[index].push(await participants[index]());
    }
  }
  return measured;
}

/** Place of the participant with the lowest median. */
export function fastest(measured: readonly (readonly number[])[]): number {
  const medians = measured.map((values) => quantile(values, 0.5));
  return medians.indexOf(Math.min(...medians));
}

/** Steps that take at least so many milliseconds, and at least two unless one takes half a second. */
export function stepsFor(milliseconds: number, millisecondsPerStep: number): number {
  const least = millisecondsPerStep > 500 ? 1 : 2;
  return Math.max(least, Math.ceil(milliseconds / millisecondsPerStep));
}
