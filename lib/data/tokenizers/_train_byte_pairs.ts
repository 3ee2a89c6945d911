/** Two ids, the left one in the upper bits, so that pairs are ordered as (left, right). */
const pairOf = (left: number, right: number) => left * 2 ** 24 + right;
const leftOf = (pair: number) => Math.floor(pair / 2 ** 24);
const rightOf = (pair: number) => pair % 2 ** 24;

/** A pair that waits to be merged: how often it stood when it was queued, and in which words. */
interface Waiting {
  readonly pair: number;
  count: number;
  readonly words: readonly number[];
}

/** Words as ids of symbols, all in one array; a word becomes shorter where it lies. */
interface Words {
  readonly symbols: Int32Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly counts: Float64Array;
}

/** What training gives. */
export interface TrainedMerges {
  /** The pairs in the order in which they were merged, as `[left, right]` of token texts. */
  readonly merges: readonly (readonly [string, string])[];
  /** Tokens that are no single byte, in the order in which they came up. */
  readonly merged: readonly string[];
}

/**
 * Merges of byte-level byte pair encoding: again and again the pair of symbols that stands most often
 * side by side inside of words becomes one symbol, of equally frequent ones the smaller (left, right) by
 * id; ids are `alphabet`'s places, then the order of the merges. Counts are kept up to date, so that a
 * merge touches only the words that hold its pair.
 *
 * Every merge makes a text that no other one makes: where the same text stands twice, merges inside of it
 * are the same, from the left, unless one went over its ends, and then it never is a symbol there.
 *
 * @param words How often each word stands in the training text; a word is a text of `alphabet`'s
 * characters.
 * @param options.alphabet The single symbols by id.
 * @param options.size Symbols at which it stops, the alphabet counted.
 * @param options.minimumFrequency Least count of a pair that is merged.
 */
export function trainBytePairs(
  words: ReadonlyMap<string, number>,
  options: {
    readonly alphabet: readonly string[];
    readonly size: number;
    readonly minimumFrequency: number;
  },
): TrainedMerges {
  const { alphabet, size, minimumFrequency } = options;
  const tokens = [...alphabet];
  const merges: [string, string][] = [];
  const laid = layWords(words, new Map(alphabet.map((token, id) => [token, id])));
  const counts = new Map<number, number>();
  const queue = new Queue();
  enqueue(queue, counts, countPairs(laid, counts));
  while (tokens.length < size) {
    const top = queue.pop();
    if (top === undefined) break;
    const count = counts.get(top.pair)!;
    if (count !== top.count) {
      queue.push({ ...top, count });
      continue;
    }
    if (count < Math.max(1, minimumFrequency)) break;
    const left = leftOf(top.pair);
    const right = rightOf(top.pair);
    const id = tokens.push(tokens[left] + tokens[right]) - 1;
    merges.push([tokens[left], tokens[right]]);
    const found = new Map<number, number[]>();
    for (const word of top.words) mergeInWord(laid, word, { left, right, id }, counts, found);
    enqueue(queue, counts, found);
  }
  return { merges, merged: tokens.slice(alphabet.length) };
}

function layWords(words: ReadonlyMap<string, number>, ids: ReadonlyMap<string, number>): Words {
  const starts = new Int32Array(words.size);
  const lengths = new Int32Array(words.size);
  const counts = new Float64Array(words.size);
  let total = 0;
  for (const word of words.keys()) total += word.length;
  const symbols = new Int32Array(total);
  let index = 0;
  let at = 0;
  for (const [word, count] of words) {
    starts[index] = at;
    lengths[index] = word.length;
    counts[index++] = count;
    for (const character of word) symbols[at++] = ids.get(character)!;
  }
  return { symbols, starts, lengths, counts };
}

/** Counts every pair; gives the words in which each stands. */
function countPairs(
  { symbols, starts, lengths, counts: ofWords }: Words,
  counts: Map<number, number>,
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (let word = 0; word < starts.length; word++) {
    const last = starts[word] + lengths[word] - 1;
    for (let at = starts[word]; at < last; at++) {
      const pair = pairOf(symbols[at], symbols[at + 1]);
      counts.set(pair, (counts.get(pair) ?? 0) + ofWords[word]);
      note(found, pair, word);
    }
  }
  return found;
}

/** Merges a pair wherever it stands in a word, and notes what it now stands beside. */
function mergeInWord(
  { symbols, starts, lengths, counts: ofWords }: Words,
  word: number,
  { left, right, id }: { readonly left: number; readonly right: number; readonly id: number },
  counts: Map<number, number>,
  found: Map<number, number[]>,
): void {
  const start = starts[word];
  const end = start + lengths[word];
  const count = ofWords[word];
  const change = (pair: number, by: number) => counts.set(pair, (counts.get(pair) ?? 0) + by);
  let to = start;
  for (let from = start; from < end; from++) {
    if (symbols[from] !== left || from + 1 >= end || symbols[from + 1] !== right) {
      symbols[to++] = symbols[from];
      continue;
    }
    if (to > start) {
      const before = symbols[to - 1];
      change(pairOf(before, left), -count);
      const pair = pairOf(before, id);
      change(pair, count);
      note(found, pair, word);
    }
    from++;
    if (from + 1 < end) {
      const after = symbols[from + 1];
      change(pairOf(right, after), -count);
      const pair = pairOf(id, after);
      change(pair, count);
      note(found, pair, word);
    }
    symbols[to++] = id;
  }
  lengths[word] = to - start;
}

/** Notes that a pair stands in a word, once. */
function note(found: Map<number, number[]>, pair: number, word: number): void {
  const words = found.get(pair);
  if (words === undefined) found.set(pair, [word]);
  else if (words[words.length - 1] !== word) words.push(word);
}

function enqueue(
  queue: Queue,
  counts: ReadonlyMap<number, number>,
  found: ReadonlyMap<number, readonly number[]>,
): void {
  for (const [pair, words] of found) {
    const count = counts.get(pair)!;
    if (count > 0) queue.push({ pair, count, words });
  }
}

/** A heap: the most frequent pair first, of equally frequent ones the smaller. */
class Queue {
  readonly #heap: Waiting[] = [];

  push(item: Waiting): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = item;
  }

  pop(): Waiting | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], item)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = item;
    return top;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.count !== b.count ? a.count > b.count : a.pair < b.pair;
}
