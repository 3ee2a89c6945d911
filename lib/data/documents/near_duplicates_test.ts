import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../../core/random.ts";
import { documentCorpus } from "./document_corpus.ts";
import { documentFolds, makeDocumentFolds } from "./document_folds.ts";
import { type DocumentSource, documentText } from "./document_source.ts";
import { inlineDocuments } from "./inline_documents.ts";
import { findNearDuplicates, nearDuplicatesAcross } from "./near_duplicates.ts";
import { openDocuments } from "./open_documents.ts";
import { documentsIn } from "./_spans.ts";

/** The definition as it stands: sets of the shingles themselves, of every two documents. */
function exhaustive(source: DocumentSource, similarity: number) {
  const sets = Array.from(source.documentEnds, (_, document) => {
    const text = documentText(source, document).toLowerCase().replace(/\s+/g, " ").trim();
    return new Set(
      Array.from({ length: Math.max(1, text.length - 8) }, (_, at) => text.slice(at, at + 9)),
    );
  });
  const pairs = new Map<string, number>();
  for (const [second, set] of sets.entries()) {
    for (const [first, other] of sets.slice(0, second).entries()) {
      // Sets whose sizes differ so much cannot be that similar.
      const [small, large] = [set.size, other.size].sort((a, b) => a - b);
      if (small < similarity * large) continue;
      const shared = set.intersection(other).size;
      const found = shared / (set.size + other.size - shared);
      if (found >= similarity) pairs.set(`${first} ${second}`, found);
    }
  }
  return pairs;
}

/** A text with a share of its words changed. */
function changed(text: string, share: number, stream: RandomStream): string {
  return text.split(" ").map((word) =>
    stream.uniform() < share ? `${word}${stream.integer(100)}` : word
  )
    .join(" ");
}

/** Passages of Moby-Dick, and copies of some of them with ever more words changed. */
async function planted(): Promise<DocumentSource> {
  const stream = randomStream(1, "planted");
  const book = await openDocuments(documentCorpus("moby-dick-chapters"));
  const passages = Array.from({ length: 420 }, (_, at) => {
    const start = book.boundary(at * 2700, "forward");
    return book.read(start, book.boundary(start + 300 + stream.integer(1200), "forward"));
  });
  const copies = Array.from(
    { length: 300 },
    (_, at) => changed(passages[stream.integer(passages.length)], at * 0.0006, stream),
  );
  const documents = [...passages, ...copies].map((text) => ({
    text,
    group: `${stream.integer(40)}`,
  }));
  return await openDocuments(inlineDocuments(documents, { order: "shuffled" }));
}

const source = await planted();

Deno.test("planted near-duplicates are found as an exhaustive comparison finds them", () => {
  const all = exhaustive(source, 0.8);
  for (const similarity of [0.8, 0.9]) {
    const expected = new Map([...all].filter(([, found]) => found >= similarity));
    let [hits, found] = [0, 0];
    for (const seed of [0, 1, 2]) {
      const pairs = findNearDuplicates(source, { similarity, seed });
      for (const { first, second, similarity: own } of pairs) {
        assert.ok(first < second);
        const exact = expected.get(`${first} ${second}`);
        if (exact !== undefined) {
          hits++;
          assert.equal(own, exact);
        }
      }
      found += pairs.length;
    }
    const precision = hits / found;
    const recall = hits / (3 * expected.size);
    // deno-lint-ignore no-console -- what is measured
    console.log(
      `similarity ${similarity}: ${expected.size} planted pairs, precision ${precision}, recall ${recall}`,
    );
    assert.ok(expected.size > 50);
    assert.equal(precision, 1);
    assert.ok(recall > 0.995);
  }
});

Deno.test("what is on both sides of a fold agrees with the pairs of the whole corpus", () => {
  const pairs = findNearDuplicates(source);
  const { folds, finalFold } = makeDocumentFolds(documentFolds({ by: "group", count: 4 }), source);
  const all = [...folds, finalFold!];
  for (const [index, across] of nearDuplicatesAcross(source, all).entries()) {
    const training = new Set(documentsIn(source, all[index].training));
    const heldOut = new Set(documentsIn(source, all[index].heldOut));
    const apart = pairs.flatMap(({ first, second }) => [[first, second], [second, first]])
      .filter(([a, b]) => heldOut.has(a) && training.has(b));
    assert.ok(apart.length > 0);
    assert.deepEqual(new Set(across.heldOut.keys()), new Set(apart.map(([a]) => a)));
    assert.deepEqual(across.training, new Set(apart.map(([, b]) => b)));
  }
});

Deno.test("equal documents are near-duplicates, whatever their case and white space, and short ones too", async () => {
  const texts = ["Ahoy", "ahoy ", "a", "b", "The  White\nWhale", "the white whale", "鯨", "鯨"];
  const corpus = inlineDocuments(texts.map((text) => ({ text })));
  const pairs = findNearDuplicates(await openDocuments(corpus), { similarity: 1 });
  assert.deepEqual(pairs.map(({ first, second }) => [first, second]), [[0, 1], [4, 5], [6, 7]]);
  assert.ok(pairs.every(({ similarity }) => similarity === 1));
});
