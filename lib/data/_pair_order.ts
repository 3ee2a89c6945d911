import { randomStream } from "../core/random.ts";

/** A pair of a list over which folds are laid: its sides are texts, or their tokens without begin and end. */
export interface LaidPair<Side extends string | readonly string[] = string | readonly string[]> {
  readonly source: Side;
  readonly target: Side;
  /** What keeps it together with others, where that is not its source alone. */
  readonly group?: number;
}

/**
 * Pairs in the order in which folds number them: by the corpus's order, but all pairs of one source together,
 * at the place of the first of them, and those of one row or group too.
 *
 * @param pairs The pairs, each with the group of its row.
 */
export function orderedPairs<Side extends string | readonly string[]>(
  pairs: readonly (LaidPair<Side> & { readonly ofRow: string | null })[],
  order: "given" | "shuffled",
): LaidPair<Side>[] {
  const ordered = order === "given"
    ? pairs
    : Array.from(shuffledOrder(pairs.length), (index) => pairs[index]);
  const grouped = ordered.some(({ ofRow }) => ofRow !== null);
  return keptTogether(ordered).flatMap((kept, group) =>
    kept.map(({ source, target }) => ({ source, target, ...(grouped && { group }) }))
  );
}

/** Pairs in groups whose sources and rows are in no other group, each at the place of its first pair. */
function keptTogether<Each extends LaidPair & { readonly ofRow: string | null }>(
  pairs: readonly Each[],
): Each[][] {
  const groups: Each[][] = [];
  /** Where a group went that was put into another one. */
  const into: number[] = [];
  const ofKey = new Map<string, number>();
  const last = (group: number): number => {
    while (into[group] !== group) group = into[group];
    return group;
  };
  for (const pair of pairs) {
    const keys = [`source ${sideKey(pair.source)}`, ...pair.ofRow === null ? [] : [pair.ofRow]];
    const found = keys.flatMap((key) => ofKey.has(key) ? [last(ofKey.get(key)!)] : []);
    const first = found.length === 0 ? groups.length : Math.min(...found);
    if (found.length === 0) {
      groups.push([]);
      into.push(first);
    }
    for (const other of new Set(found)) {
      if (other === first) continue;
      for (const moved of groups[other]) groups[first].push(moved);
      groups[other] = [];
      into[other] = first;
    }
    groups[first].push(pair);
    for (const key of keys) ofKey.set(key, first);
  }
  return groups.filter(({ length }) => length > 0);
}

/** The same for pairs that no fold may part: of one source, and of one group where they have some. */
export function groupKey({ source, group }: LaidPair): string {
  return group === undefined ? sideKey(source) : String(group);
}

/**
 * The same for sides with the same tokens; of texts the same for all that a tokenizer could give the same
 * tokens: they differ in case and white space at most.
 */
export function sideKey(side: string | readonly string[]): string {
  return typeof side === "string"
    // A sigma is written by what stands after it, white space too.
    ? side.toLowerCase().replace(/\s+/gu, "").replaceAll("ς", "σ")
    : JSON.stringify(side);
}

/** One fixed order for each length: folds must not depend on a run's seed. */
function shuffledOrder(length: number): Int32Array {
  return randomStream(0, "order of pairs").permutation(length);
}
