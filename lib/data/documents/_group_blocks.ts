import type { DocumentSource } from "./document_source.ts";
import { startOf } from "./_spans.ts";

/** Block of each document by its group: K blocks, and block K for the final one. */
export function blocksByGroup(
  { count, finalShare }: { readonly count: number; readonly finalShare: number },
  source: DocumentSource,
): Int32Array {
  const { groups, groupNames } = source;
  if (groups === null) {
    throw new RangeError(
      `documentFolds: folds by group need documents with a group, found none; ${
        source.origin(0)
      } has ` +
        `none. Name its field when the corpus is made, or fold by document.`,
    );
  }
  const sizes = new Float64Array(groupNames.length);
  const documents = new Int32Array(groupNames.length);
  for (const [document, group] of groups.entries()) {
    sizes[group] += source.documentEnds[document] - startOf(source, document);
    documents[group]++;
  }
  if (groupNames.length > 1 && documents.every((many) => many === 1)) {
    throw new RangeError(
      `documentFolds: folds by group need a group of several documents, found ${groupNames.length} groups ` +
        `of one document each, such as ${
          source.origin(0)
        }. Name another field, or fold by document.`,
    );
  }
  // Largest first; of the same size, the one that comes first.
  const largest = Int32Array.from(sizes.keys()).sort((a, b) => sizes[b] - sizes[a] || a - b);
  const final = finalGroups(largest, sizes, finalShare);
  const folded = largest.filter((group) => !final.has(group));
  const found = `found ${groupNames.length} in ${groups.length} documents, the first of ${
    source.origin(0)
  }`;
  if (folded.length < count) {
    throw new RangeError(
      `documentFolds: there must be a group for each of ${count} folds${
        finalShare === 0 ? "" : " and for the final block"
      }, ${found}. Use fewer folds${finalShare === 0 ? "" : ", or finalShare 0"}.`,
    );
  }
  if (finalShare > 0 && final.size === 0) {
    throw new RangeError(
      `documentFolds: finalShare ${finalShare} of the bytes must be at least half of a group, ${found}. Use ` +
        `a larger share, or 0 for no final block.`,
    );
  }
  const blockOf = dealt(folded, sizes, count);
  for (const group of final) blockOf[group] = count;
  return Int32Array.from(groups, (group) => blockOf[group]);
}

/**
 * Groups with a share of the bytes: from the largest on, each is taken that brings the share of
 * those taken nearer to it.
 */
function finalGroups(
  largest: Int32Array,
  sizes: Float64Array,
  share: number,
): Set<number> {
  const taken = new Set<number>();
  let [seen, bytes] = [0, 0];
  for (const group of share === 0 ? [] : largest) {
    seen += sizes[group];
    if (bytes + sizes[group] / 2 > share * seen) continue;
    bytes += sizes[group];
    taken.add(group);
  }
  return taken;
}

/** Block of each group: rows of K groups, the largest of a row to the block with the fewest bytes. */
function dealt(largest: Int32Array, sizes: Float64Array, count: number): Int32Array {
  const blockOf = new Int32Array(sizes.length);
  const bytes = new Float64Array(count);
  for (let row = 0; row < largest.length; row += count) {
    const lightest = Array.from(bytes.keys()).sort((a, b) => bytes[a] - bytes[b] || a - b);
    for (const [place, group] of largest.subarray(row, row + count).entries()) {
      blockOf[group] = lightest[place];
      bytes[lightest[place]] += sizes[group];
    }
  }
  return blockOf;
}
