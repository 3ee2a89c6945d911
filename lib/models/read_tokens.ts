import type { Decoder } from "./model.ts";

/**
 * Reads tokens of a prompt of which no score is asked, one of each text at a time: a decoder that scores by
 * reading everything anew only remembers them.
 */
export function readTokens(decoder: Decoder, steps: Iterable<Int32Array>): void {
  for (const tokens of steps) {
    if (decoder.read === undefined) decoder.next(tokens);
    else decoder.read(tokens);
  }
}
