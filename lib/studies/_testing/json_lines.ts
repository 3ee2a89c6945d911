import { randomStream } from "../../core/random.ts";

/** Bytes that are written at once. */
const chunkBytes = 1 << 20;

/**
 * Writes JSON lines of documents, the same bytes whenever they are as many: sentences of made-up words, the
 * n-th most frequent of them about 1 + n/50 times rarer than the first: two documents have little in common.
 *
 * @param bytes How long the file is, at least.
 * @returns How many documents it holds.
 */
export function writeJsonLines(path: string, bytes: number): number {
  const stream = randomStream(1, "json lines");
  const words = madeUpWords(10_000);
  const random = randomWords(words.length, stream.uint32());
  const encoder = new TextEncoder();
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  let [documents, written, chunk] = [0, 0, ""];
  while (written < bytes) {
    const parts: string[] = [];
    for (let sentence = 8 + stream.integer(24); sentence > 0; sentence--) {
      for (let word = 4 + stream.integer(16); word > 0; word--) parts.push(words[random()]);
      parts[parts.length - 1] += ".";
    }
    documents++;
    chunk += `{"number":${documents},"text":${JSON.stringify(parts.join(" "))}}\n`;
    if (chunk.length < chunkBytes && written + chunk.length < bytes) continue;
    const encoded = encoder.encode(chunk);
    for (let start = 0; start < encoded.length;) start += file.writeSync(encoded.subarray(start));
    written += encoded.length;
    chunk = "";
  }
  return documents;
}

/** Words of one to four syllables, some with letters beyond ASCII. */
function madeUpWords(count: number): string[] {
  const stream = randomStream(2, "words");
  const [first, last] = ["bcdfghklmnprstvwz", "aeiouyéøaeiou"].map((letters) => [...letters]);
  const syllables = first.flatMap((one) => last.flatMap((two) => [one + two, one + two + "n"]));
  const words = new Set<string>();
  while (words.size < count) {
    let word = "";
    for (let left = 1 + stream.integer(4); left > 0; left--) {
      word += syllables[stream.integer(syllables.length)];
    }
    words.add(word);
  }
  return [...words];
}

/** Draws places in a list, place n about 1 + n/50 times rarer than the first: by a table, for speed. */
function randomWords(count: number, seed: number): () => number {
  const table = new Uint16Array(1 << 16);
  const total = Array.from({ length: count }, (_, place) => 1 / (place + 50))
    .reduce((sum, share) => sum + share, 0);
  let [end, filled] = [0, 0];
  for (let place = 0; place < count; place++) {
    end += table.length / (place + 50) / total;
    while (filled < Math.min(end, table.length)) table[filled++] = place;
  }
  let state = seed | 1;
  return () => {
    // Xorshift of 32 bits (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return table[(state >>> 8) & 0xffff];
  };
}
