import { randomStream } from "../../core/random.ts";
import type { TextPair } from "../../data/pairs.ts";

/** Words of 2 to 4 letters and the same words backwards: a task with a right answer. */
export function reversals(count: number): TextPair[] {
  const stream = randomStream(1, "words");
  const words = new Set<string>();
  while (words.size < count) {
    const length = 2 + stream.integer(3);
    words.add(Array.from({ length }, () => "abcde"[stream.integer(5)]).join(""));
  }
  return [...words].map((word): TextPair => [word, [...word].reverse().join("")]);
}
