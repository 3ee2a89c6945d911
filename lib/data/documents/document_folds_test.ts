import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../../core/random.ts";
import type { FoldRecord, TokenSpan } from "../../records/study_record.ts";
import {
  documentFolds,
  type DocumentFoldsSpecification,
  makeDocumentFolds,
  validateDocumentFolds,
} from "./document_folds.ts";
import type { DocumentOptions } from "./document.ts";
import type { DocumentSource } from "./document_source.ts";
import { inlineDocuments } from "./inline_documents.ts";
import { openDocuments } from "./open_documents.ts";
import { documentsIn } from "./_spans.ts";
import reference from "./_reference/folds.json" with { type: "json" };

/** A corpus of 40 to 120 documents of all lengths, in 8 to 30 groups, at times some of which are equal. */
async function randomCorpus(
  stream: RandomStream,
  order: DocumentOptions["order"],
): Promise<DocumentSource> {
  const groups = 8 + stream.integer(23);
  const documents = Array.from({ length: 40 + stream.integer(81) }, () => ({
    text: `${stream.uint32()}🐋é`.repeat(1 + Math.floor(20 * stream.uniform() ** 3)),
    // Some groups are much larger than others.
    group: `author ${Math.floor(groups * stream.uniform() ** 2)}`,
    time: stream.integer(60),
  }));
  return await openDocuments(inlineDocuments(documents, { order }));
}

const sidesOf = ({ training, heldOut, choosing = [] }: FoldRecord) => [training, heldOut, choosing];

const known = new Map<string, ReturnType<typeof lay>>();

/** Folds of a random corpus, and each fold's documents by their side. */
function laid(seed: number, by: DocumentFoldsSpecification["by"]) {
  const key = `${seed} ${by}`;
  if (!known.has(key)) known.set(key, lay(seed, by));
  return known.get(key)!;
}

async function lay(seed: number, by: DocumentFoldsSpecification["by"]) {
  const stream = randomStream(seed, "folds of documents", by);
  const order = by === "time"
    ? "time"
    : (["given", "grouped", "shuffled"] as const)[stream.integer(3)];
  const source = await randomCorpus(stream, order);
  const options = {
    by,
    count: 3 + stream.integer(2),
    finalShare: [0, 0.1, 0.3][stream.integer(3)],
    choosing: stream.integer(2) === 1,
    ...(by === "time" && { gap: stream.integer(3), timeGap: [0, 0.5, 2][stream.integer(3)] }),
  };
  const { folds, finalFold } = makeDocumentFolds(documentFolds(options), source);
  const all = finalFold === null ? folds : [...folds, finalFold];
  const sides = all.map((fold) => sidesOf(fold).map((spans) => [...documentsIn(source, spans)]));
  return { source, options, folds, finalFold, all, sides };
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

Deno.test("no document and no byte is on two sides of a fold, and spans end where documents do", async () => {
  for (const seed of seeds) {
    for (const by of ["document", "group", "time"] as const) {
      const { source, all, sides } = await laid(seed, by);
      const places = new Set([0, ...source.documentEnds]);
      for (const [index, fold] of all.entries()) {
        assert.equal(fold.unit, "bytes");
        const documents = sides[index].flat();
        assert.equal(new Set(documents).size, documents.length, `${by} ${seed}`);
        const spans = sidesOf(fold).flat().toSorted((a, b) => a.start - b.start);
        assert.ok(spans.every(({ start, end }) => places.has(start) && places.has(end)));
        assert.ok(spans.every(({ start, end }) => start < end));
        assert.ok(spans.every(({ start }, at) => at === 0 || start >= spans[at - 1].end));
        // Documents of one side that adjoin are one span.
        for (const side of sidesOf(fold)) {
          assert.ok(side.every(({ start }, at) => at === 0 || start > side[at - 1].end));
        }
      }
    }
  }
});

Deno.test("no group is on two sides of a fold by group, and the final block has groups of its own", async () => {
  for (const seed of seeds) {
    const { source, sides } = await laid(seed, "group");
    for (const fold of sides) {
      const groups = fold.map((documents) =>
        new Set(documents.map((each) => source.groups![each]))
      );
      for (const [at, side] of groups.entries()) {
        for (const other of groups.slice(at + 1)) assert.equal(side.intersection(other).size, 0);
      }
    }
  }
});

Deno.test("folds by time train on what is earlier than all that is held out, less the gaps", async () => {
  for (const seed of seeds) {
    const { source, options, sides } = await laid(seed, "time");
    const times = source.times!;
    const scored = sides.flatMap(([, heldOut]) => heldOut);
    assert.deepEqual(scored, Array.from(scored, (_, at) => scored[0] + at));
    assert.equal(scored.at(-1), times.length - 1);
    for (const [training, heldOut, choosing] of sides) {
      const latest = Math.max(...training.map((each) => times[each]));
      const unseen = Math.min(...[...heldOut, ...choosing].map((each) => times[each]));
      assert.ok(latest < unseen && latest <= unseen - options.timeGap!);
      const lastTrained = Math.max(...training);
      const firstUnseen = Math.min(...heldOut, ...choosing);
      assert.ok(firstUnseen - lastTrained > options.gap!);
      assert.equal(training[0], 0);
      if (choosing.length === 0) continue;
      assert.ok(Math.max(...choosing.map((each) => times[each])) < times[heldOut[0]]);
    }
  }
});

Deno.test("by document and by group every document is held out once, and trains in all other folds", async () => {
  for (const seed of seeds) {
    for (const by of ["document", "group"] as const) {
      const { source, options, folds, sides } = await laid(seed, by);
      const scored = sides.flatMap(([, heldOut]) => heldOut).sort((a, b) => a - b);
      assert.deepEqual(scored, Array.from(source.documentEnds.keys()));
      const final = options.finalShare === 0 ? [] : sides.at(-1)![1];
      for (const fold of sides.slice(0, folds.length)) {
        assert.equal(fold.flat().length + final.length, source.documentEnds.length);
      }
      if (final.length > 0) {
        assert.equal(sides.at(-1)![0].length + final.length, source.documentEnds.length);
      }
    }
  }
});

Deno.test("blocks by group have as many groups, and as many bytes but for the largest group's", async () => {
  for (const seed of seeds) {
    const { source, folds, sides } = await laid(seed, "group");
    const bytesOf = (spans: readonly TokenSpan[]) =>
      spans.reduce((sum, { start, end }) => sum + end - start, 0);
    const groups = sides.slice(0, folds.length)
      .map(([, heldOut]) => new Set(heldOut.map((each) => source.groups![each])).size);
    assert.ok(Math.max(...groups) - Math.min(...groups) <= 1);
    const bytes = folds.map(({ heldOut }) => bytesOf(heldOut));
    const sizes = source.groupNames.map((_, group) =>
      source.documentEnds.reduce(
        (sum, end, at) =>
          source.groups![at] === group
            ? sum + end - (at === 0 ? 0 : source.documentEnds[at - 1])
            : sum,
        0,
      )
    );
    assert.ok(Math.max(...bytes) - Math.min(...bytes) <= Math.max(...sizes));
  }
});

Deno.test("folds are the same each time", async () => {
  for (const by of ["document", "group", "time"] as const) {
    const [first, second] = [await laid(7, by), await lay(7, by)];
    assert.deepEqual(first.all, second.all);
  }
});

Deno.test("groups worked by hand: the largest are dealt first, to the block with the fewest bytes", async () => {
  const sizes = { A: 90, B: 50, C: 40, D: 30, E: 20, F: 10 };
  const documents = Object.entries(sizes).flatMap(([group, size]) =>
    [size - 1, 1].map((length) => ({ text: "x".repeat(length), group }))
  );
  const source = await openDocuments(inlineDocuments(documents));
  const held = (finalShare: number, count: number) => {
    const { folds, finalFold } = makeDocumentFolds(
      documentFolds({ by: "group", count, finalShare }),
      source,
    );
    return [...folds, ...(finalFold ? [finalFold] : [])].map(({ heldOut }) =>
      [
        ...new Set(
          [...documentsIn(source, heldOut)].map((each) => source.groupNames[source.groups![each]]),
        ),
      ]
        .join("")
    );
  };
  // A | B; then C to the lighter one, D to the other: 120, 90; then E to the lighter one.
  assert.deepEqual(held(0, 2), ["ADF", "BCE"]);
  // The final block: half of A is 45 > 0.2 · 90, half of B 25 ≤ 0.2 · 140, and with B the others are too much.
  // Then A | C; D to the lighter one, E to the other: 110, 70; then F to the lighter one.
  assert.deepEqual(held(0.2, 2), ["AE", "CDF", "B"]);
});

Deno.test("folds by group and by time agree with scikit-learn where both mean the same", async () => {
  for (const { sizes, count, blocks } of reference.groups) {
    const documents = sizes.flatMap((size, group) =>
      Array.from({ length: size }, () => ({ text: "x", group: `${group}` }))
    );
    const source = await openDocuments(inlineDocuments(documents));
    const { folds } = makeDocumentFolds(
      documentFolds({ by: "group", count, finalShare: 0 }),
      source,
    );
    const bytes = folds.map(({ heldOut }) => documentsIn(source, heldOut).length);
    assert.deepEqual(bytes.toSorted((a, b) => a - b), blocks);
  }
  for (const { documents, count, gap, folds: expected } of reference.times) {
    const source = await openDocuments(inlineDocuments(
      Array.from({ length: documents }, (_, time) => ({ text: "x", time })),
    ));
    const { folds } = makeDocumentFolds(
      documentFolds({ by: "time", count, finalShare: 0, gap }),
      source,
    );
    const found = folds.map(({ training, heldOut }) => ({ training, heldOut }));
    assert.deepEqual(found, expected);
  }
});

Deno.test("folds that a corpus does not have are refused before anything trains, with file and line", async () => {
  const letters = (groups: string[]) =>
    inlineDocuments(groups.map((group) => ({ text: "x", group })));
  const by = async (
    options: Parameters<typeof documentFolds>[0],
    corpus: ReturnType<typeof inlineDocuments>,
  ) => makeDocumentFolds(documentFolds(options), await openDocuments(corpus));
  const plain = inlineDocuments([{ text: "x" }, { text: "y" }, { text: "z" }]);
  const timed = (times: (number | string)[]) =>
    inlineDocuments(times.map((time) => ({ text: "x", time })));
  const cases: [Promise<unknown>, RegExp][] = [
    [
      by({ by: "group", count: 2 }, plain),
      /need documents with a group, found none; "inline documents", document 1/,
    ],
    [by({ by: "time", count: 2 }, plain), /need documents with a time, found none/],
    [
      by({ by: "group", count: 2 }, letters(["a", "b", "c"])),
      /need a group of several documents, found 3 groups of one document each/,
    ],
    [
      by({ by: "group", count: 3, finalShare: 0 }, letters(["a", "a", "b"])),
      /a group for each of 3 folds, found 2 in 3 documents/,
    ],
    [
      by({ by: "group", count: 2 }, letters(["a", "a", "b"])),
      /finalShare 0\.1 of the bytes must be at least half of a group, found 2 in 3/,
    ],
    [
      by({ by: "document", count: 3 }, plain),
      /each of 3 folds and the final block must hold out a document, found 3 documents/,
    ],
    [
      by({ by: "time", count: 2 }, timed([1, 3, 2])),
      /found an earlier one after a later one: "inline documents", document 3\. Give the corpus order: "time"/,
    ],
    [
      by({ by: "time", count: 2, finalShare: 0 }, timed([1, 1, 1, 2])),
      /2 folds by time need 3 stretches of different times.*found 2 different times/,
    ],
    [
      by({ by: "time", count: 2, finalShare: 0, gap: 5 }, timed([1, 2, 3, 4, 5, 6])),
      /fold 0 must train on a document before its gap/,
    ],
  ];
  for (const [refused, message] of cases) {
    await assert.rejects(refused, { name: "RangeError", message });
  }
  assert.throws(
    () => documentFolds({ by: "group", count: 3, timeGap: 1 }),
    /timeGap is for by: "time", and must be 0 otherwise, found 1 with by: "group"/,
  );
  assert.throws(() => documentFolds({ by: "author" as never, count: 3 }), /by must be one of/);
  assert.throws(
    () => documentFolds({ by: "group", count: 2, choosing: true }),
    /count with a choosing block/,
  );
  assert.equal(documentFolds({ by: "time", count: 2, choosing: true }).choosing, true);
  assert.throws(
    () => validateDocumentFolds({ kind: "documents", by: "group", count: 3 }),
    /finalShare/,
  );
});

Deno.test("what is nearly the same on both sides is told, and left out of what trains if asked", async () => {
  const line =
    "Call me Ishmael. Some years ago, never mind how long precisely, I thought I would sail.";
  const texts = [
    line,
    "There now is your insular city of the Manhattoes, belted round",
    `${line}!`,
    "Why did the " +
    "old Persians hold the sea holy? Why did the Greeks give it a deity",
  ];
  const source = await openDocuments(inlineDocuments(texts.map((text, time) => ({ text, time }))));
  const options = { by: "document", count: 2, finalShare: 0 } as const;
  const told = makeDocumentFolds(documentFolds(options), source);
  assert.deepEqual(told.documents.folds, [
    { training: 2, heldOut: 2, nearDuplicates: 1 },
    { training: 2, heldOut: 2, nearDuplicates: 1 },
  ]);
  const [example, ...others] = told.documents.examples;
  assert.deepEqual(others, []);
  assert.match(example.heldOut + example.training, /document 1.*document 3/);
  const dropped = makeDocumentFolds(
    documentFolds({ ...options, dropNearDuplicates: true }),
    source,
  );
  assert.deepEqual(dropped.folds.map(({ training }) => [...documentsIn(source, training)]), [[3], [
    1,
  ]]);
  assert.deepEqual(
    dropped.folds.map(({ heldOut }) => heldOut),
    told.folds.map(({ heldOut }) => heldOut),
  );
  assert.deepEqual(dropped.documents.folds[0], {
    ...{ training: 1, heldOut: 2, nearDuplicates: 1, dropped: 1 },
  });
  const strict = makeDocumentFolds(documentFolds({ ...options, similarity: 1 }), source);
  assert.deepEqual(strict.documents.folds.map(({ nearDuplicates }) => nearDuplicates), [0, 0]);
  const byTime = makeDocumentFolds(documentFolds({ ...options, by: "time" }), source);
  assert.deepEqual(byTime.documents.folds.map(({ times }) => times), [
    { trainedTo: "0", from: "1", to: "2" },
    { trainedTo: "2", from: "3", to: "3" },
  ]);
});

Deno.test("a copy of what scores is told where it chooses, and left out of that block if asked", async () => {
  const line =
    "Call me Ishmael. Some years ago, never mind how long precisely, I thought I would sail.";
  const texts = [
    line,
    "There now is your insular city of the Manhattoes, belted round by wharves",
    `${line}!`,
    "Why did the old Persians hold the sea holy? Why did the Greeks give it a deity",
    "Circumambulate the city of a dreamy Sabbath afternoon. Go from Corlears Hook",
    "But these are all landsmen; of week days pent up in lath and plaster",
  ];
  const source = await openDocuments(inlineDocuments(texts.map((text) => ({ text }))));
  const options = { by: "document", count: 3, finalShare: 0, choosing: true } as const;
  const told = makeDocumentFolds(documentFolds(options), source);
  // Fold 0 scores documents 0 and 1, chooses by 2 and 3 and trains on 4 and 5; each next one two later.
  assert.deepEqual(told.documents.folds, [
    { training: 2, heldOut: 2, nearDuplicates: 0, choosing: { documents: 2, nearDuplicates: 1 } },
    { training: 2, heldOut: 2, nearDuplicates: 1, choosing: { documents: 2, nearDuplicates: 0 } },
    { training: 2, heldOut: 2, nearDuplicates: 0, choosing: { documents: 2, nearDuplicates: 0 } },
  ]);
  const dropped = makeDocumentFolds(
    documentFolds({ ...options, dropNearDuplicates: true }),
    source,
  );
  const documentsOf = (side: "training" | "choosing" | "heldOut") =>
    dropped.folds.map((fold) => [...documentsIn(source, fold[side]!)]);
  assert.deepEqual(documentsOf("choosing"), [[3], [4, 5], [0, 1]]);
  assert.deepEqual(documentsOf("training"), [[4, 5], [1], [3]]);
  assert.deepEqual(documentsOf("heldOut"), [[0, 1], [2, 3], [4, 5]]);
  assert.deepEqual(dropped.documents.folds[0], {
    ...{ training: 2, heldOut: 2, nearDuplicates: 0, dropped: 0 },
    choosing: { documents: 1, nearDuplicates: 1 },
  });
  const copies = inlineDocuments([line, `${line}!`, texts[1], texts[3]].map((text) => ({ text })));
  await assert.rejects(
    async () =>
      makeDocumentFolds(
        documentFolds({ ...options, count: 4, dropNearDuplicates: true }),
        await openDocuments(copies),
      ),
    /fold 0 must choose by a document that is not nearly the same as one that scores, found none/,
  );
});

Deno.test("a group is one however its letters are composed and whatever white space is around it", async () => {
  const names = ["Zo\u00EB", "Zoe\u0308", " Zo\u00EB", "Ann", "Ann ", "ann", "Bo", "Bo"];
  const source = await openDocuments(inlineDocuments(names.map((group) => ({ text: "x", group }))));
  assert.deepEqual(source.groupNames, ["Zo\u00EB", "Ann", "ann", "Bo"]);
  assert.deepEqual([...source.groups!], [0, 0, 0, 1, 1, 2, 3, 3]);
  const { folds } = makeDocumentFolds(
    documentFolds({ by: "group", count: 2, finalShare: 0 }),
    source,
  );
  for (const { training, heldOut } of folds) {
    const groupsOf = (spans: typeof training) =>
      new Set([...documentsIn(source, spans)].map((document) => source.groups![document]));
    assert.equal(groupsOf(training).intersection(groupsOf(heldOut)).size, 0);
  }
  await assert.rejects(
    () => openDocuments(inlineDocuments([{ text: "x", group: " " }])),
    /must be a text that is not empty, or a number, found " "/,
  );
});
