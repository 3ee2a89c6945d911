import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { createHash } from "node:crypto";
import { canonicalJson } from "./json.ts";

/** What a random stream needs to go on from where it was: four 32-bit integers and a spare. */
export interface RandomState {
  /** State of xoroshiro128+, 32 bits each. */
  readonly generator: readonly number[];
  /** Second value of the last pair of normal deviates, not yet handed out. */
  readonly spareNormal: number | null;
}

/**
 * A seeded, serializable stream of random numbers (xoroshiro128+ of Blackman and Vigna, by the
 * package pure-rand).
 *
 * A stream belongs to one purpose: streams are derived from `(seed, fold, purpose)` and never from
 * the point of a search, so that two points share initial weights, batches and masks and their
 * differences are paired.
 *
 * @example
 * ```ts
 * import { randomStream, RandomStream } from "./random.ts";
 * import assert from "node:assert/strict";
 * const stream = randomStream(1, "fold 0", "batches");
 * stream.uniform();
 * const copy = RandomStream.from(stream.state());
 * assert.equal(copy.uniform(), stream.uniform());
 * ```
 */
export class RandomStream {
  #generator: ReturnType<typeof xoroshiro128plusFromState>;
  #spare: number | null;

  private constructor(
    generator: ReturnType<typeof xoroshiro128plusFromState>,
    spare: number | null,
  ) {
    this.#generator = generator;
    this.#spare = spare;
  }

  /** Continues a stream from a stored state. */
  static from(state: RandomState): RandomStream {
    return new RandomStream(xoroshiro128plusFromState([...state.generator]), state.spareNormal);
  }

  /** The state, as plain data that JSON can hold. */
  state(): RandomState {
    return { generator: [...this.#generator.getState()], spareNormal: this.#spare };
  }

  /** A 32-bit unsigned integer. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** A number of 53 random bits in [0, 1). */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * A whole number in [0, count), without modulo bias: of 32 random bits where they are enough for the count,
   * else of 53.
   */
  integer(count: number): number {
    if (!(Number.isSafeInteger(count) && count > 0)) {
      throw new RangeError(
        `RandomStream.integer: count must be from 1 to 2^53 - 1, found ${count}.`,
      );
    }
    const wide = count > 4294967296;
    const values = wide ? 9007199254740992 : 4294967296;
    const limit = values - (values % count);
    let value: number;
    do {
      value = wide ? (this.uint32() >>> 11) * 4294967296 + this.uint32() : this.uint32();
    } while (value >= limit);
    return value % count;
  }

  /** A standard normal deviate (Marsaglia's polar method; pairs are handed out one by one). */
  normal(): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt(-2 * Math.log(s) / s);
        this.#spare = v * factor;
        return u * factor;
      }
    }
  }

  /** A random order of 0 … count − 1 (Fisher and Yates), of at most 2³¹. */
  permutation(count: number): Int32Array {
    if (!(Number.isSafeInteger(count) && count >= 0 && count <= 2147483648)) {
      throw new RangeError(
        `RandomStream.permutation: count must be from 0 to 2^31, found ${count}.`,
      );
    }
    const order = Int32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const value = order[last];
      order[last] = order[other];
      order[other] = value;
    }
    return order;
  }
}

/**
 * Derives a random stream from a seed and the words that say what it is for, by SHA-256.
 *
 * @param seed Any whole number.
 * @param purpose Words such as the fold and what is drawn; never the point of a search.
 */
export function randomStream(seed: number, ...purpose: readonly (string | number)[]): RandomStream {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`randomStream: seed must be a whole number, found ${seed}.`);
  }
  const digest = createHash("sha256").update(canonicalJson([seed, ...purpose])).digest();
  const state = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  if (state.every((word) => word === 0)) return RandomStream.from({ ...zeroState });
  return RandomStream.from({ generator: state, spareNormal: null });
}

// xoroshiro128+ cannot leave the all-zero state; SHA-256 gives it with probability 2^-128.
const zeroState: RandomState = {
  generator: [...xoroshiro128plus(0).getState()],
  spareNormal: null,
};
