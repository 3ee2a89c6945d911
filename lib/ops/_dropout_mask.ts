import { checkNumber } from "../core/check.ts";
import type { DropoutStream } from "./dropout_stream.ts";

/** Where a mask of dropout comes from. */
export interface MaskOptions {
  /** Probability that a value is set to 0, in [0, 1). */
  readonly rate: number;
  /** Where the mask comes from: two draws a call, whatever the size. */
  readonly stream: DropoutStream;
}

/** A mask of dropout, as a function of the position. */
export interface Mask {
  readonly key0: number;
  readonly key1: number;
  /** A value is kept where 24 random bits are at least this. */
  readonly threshold: number;
  readonly factor: number;
}

/** Draws a mask; with rate 0 too, so that runs that differ in the rate stay paired. */
export function drawMask(name: string, { rate: given, stream }: MaskOptions): Mask {
  const rate = given * (stream.rateFactor ?? 1);
  checkNumber(`${name}: rate`, rate, { from: 0, below: 1 });
  const threshold = Math.min(Math.round(rate * 2 ** 24), 2 ** 24 - 1);
  const factor = Math.fround(1 / (1 - rate));
  return { key0: stream.uint32(), key1: stream.uint32(), threshold, factor };
}

/** 0 or the factor for each of `count` positions, as the kernel computes it. */
export function factorsOf({ key0, key1, threshold, factor }: Mask, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const random = mix((mix((index + key0) | 0) + key1) | 0) >>> 8;
    return random >= threshold ? factor : 0;
  });
}

/** Mixing function "triple32" of C. Wellons (github.com/skeeto/hash-prospector). */
function mix(x: number): number {
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return x ^ (x >>> 14);
}
