/** A queue, first in, first out: each item in constant time, however many wait. */
export interface Fifo<Item> {
  length(): number;
  push(item: Item): void;
  /** The first one, taken out; undefined if there is none. */
  take(): Item | undefined;
  takeAll(): Item[];
}

/** An empty queue. */
export function fifo<Item>(): Fifo<Item> {
  let waiting: Item[] = [];
  let first = 0;
  return {
    length: () => waiting.length - first,
    push: (item) => void waiting.push(item),
    take() {
      if (first === waiting.length) return undefined;
      const item = waiting[first];
      if (++first > waiting.length / 2) [waiting, first] = [waiting.slice(first), 0];
      return item;
    },
    takeAll() {
      const all = waiting.slice(first);
      [waiting, first] = [[], 0];
      return all;
    },
  };
}
