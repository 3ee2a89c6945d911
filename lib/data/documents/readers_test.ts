import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson } from "../../core/json.ts";
import { withFiles } from "../testing/project_files.ts";
import { csvFile } from "./csv_file.ts";
import { documentCorpus } from "./document_corpus.ts";
import { documentFolder } from "./document_folder.ts";
import { documentText } from "./document_source.ts";
import { inlineDocuments } from "./inline_documents.ts";
import { jsonLinesFile } from "./json_lines_file.ts";
import { type DocumentsSpecification, validateDocuments } from "./kinds.ts";
import { openDocuments } from "./open_documents.ts";
import { parquetFile } from "./parquet_file.ts";
import { splitFile } from "./split_file.ts";

/** Every document of a corpus with what is known of it. */
async function read(specification: DocumentsSpecification) {
  const source = await openDocuments(specification);
  return Array.from(source.documentEnds, (_, document) => [
    documentText(source, document),
    source.groups === null ? null : source.groupNames[source.groups[document]],
    source.times === null ? null : source.times[document],
    source.origin(document).replace(/.*[/]/, ""),
  ]);
}

Deno.test("JSON lines are documents with group and time, at their lines", () =>
  withFiles({
    "letters.jsonl": '\uFEFF{"body":"Dear Jack\\r\\n🐋","by":"Ann","sent":"1851-10-18"}\r\n\n' +
      '{"other":1,"body":"鯨","by":7,"sent":"1851-10-19T01:00+01:00"}',
  }, async (folder) => {
    const corpus = jsonLinesFile(`${folder}/letters.jsonl`, {
      text: "body",
      group: "by",
      time: "sent",
    });
    assert.deepEqual(await read(corpus), [
      ["Dear Jack\r\n🐋", "Ann", Date.UTC(1851, 9, 18), 'letters.jsonl", line 1'],
      ["鯨", "7", Date.UTC(1851, 9, 19), 'letters.jsonl", line 3'],
    ]);
  }));

Deno.test("rows of a CSV file are documents, quoted as RFC 4180 says, at the lines where they begin", () =>
  withFiles({
    "letters.csv": 'id,text,by\n1,"Dear ""Jack"",\nhow are you",Ann\n\n2,plain,Eve\n3,"x",Ann\n',
    "letters.tsv": 'text\tyear\r\na,b\t1851\r\n"c\td"\t1852',
  }, async (folder) => {
    assert.deepEqual(await read(csvFile(`${folder}/letters.csv`, { group: "by" })), [
      ['Dear "Jack",\nhow are you', "Ann", null, 'letters.csv", line 2'],
      ["plain", "Eve", null, 'letters.csv", line 5'],
      ["x", "Ann", null, 'letters.csv", line 6'],
    ]);
    assert.deepEqual(await read(csvFile(`${folder}/letters.tsv`, { time: "year" })), [
      ["a,b", null, 1851, 'letters.tsv", line 2'],
      ["c\td", null, 1852, 'letters.tsv", line 3'],
    ]);
  }));

Deno.test("a CSV file may have line ends of both kinds, and a group is the same one after each", () =>
  withFiles({
    "a.csv": 'text,by\na,Ann\r\n"b\r\nc","Ann"\r\nd,Ann\n"e\r","A\r"\n',
    "b.csv": 'text,by\r\na,Ann\nb,Ann\r\n"c\r\n","An\nn"\r\n',
    "empty.tsv": "text\tby\na\tb\n\t\n",
  }, async (folder) => {
    const rows = async (name: string) =>
      (await read(csvFile(`${folder}/${name}`, { group: "by" }))).map((row) => row.slice(0, 2));
    assert.deepEqual(await rows("a.csv"), [
      ["a", "Ann"],
      ["b\r\nc", "Ann"],
      ["d", "Ann"],
      // White space around a group is no part of its name, of a text it is.
      ["e\r", "A"],
    ]);
    assert.deepEqual(await rows("b.csv"), [["a", "Ann"], ["b", "Ann"], ["c\r\n", "An\nn"]]);
    // A row of empty cells is no empty line.
    await assert.rejects(rows("empty.tsv"), /line 3: "by" must be a text that is not empty/);
  }));

Deno.test("a Parquet text that begins with U+FEFF keeps it, as one of JSON lines does", async () => {
  const stored = new URL("./_reference/letters.none.parquet", import.meta.url);
  const bytes = await Deno.readFile(stored);
  const first = new TextEncoder().encode("Letter 0: the");
  const at = bytes.findIndex((_, from) => first.every((byte, n) => bytes[from + n] === byte));
  bytes.set([0xef, 0xbb, 0xbf], at);
  await withFiles({ "letters.parquet": bytes }, async (folder) => {
    const [[text]] = await read(parquetFile(`${folder}/letters.parquet`, { text: "body" }));
    assert.equal(text, "\uFEFFter 0: the whale 鯨 🐋, line one\nline two");
  });
});

Deno.test("rows of pyarrow's Parquet files are documents, whatever compresses them", async () => {
  const stored = fileURLToPath(new URL("./_reference/", import.meta.url));
  for (const compression of ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]) {
    const bytes = await Deno.readFile(join(stored, `letters.${compression}.parquet`));
    await withFiles({ "letters.parquet": bytes }, async (folder) => {
      const fields = { text: "body", group: "author", time: "sent" };
      const found = await read(parquetFile(`${folder}/letters.parquet`, fields));
      assert.deepEqual(
        found,
        ["Ann", "Jack", "Ann", "Eve", "Jack", "Ann", "Eve"].map((author, n) => [
          `Letter ${n}: the whale 鯨 🐋, line one\nline two`,
          author,
          Date.UTC(1851, 9, 18 + n, 9),
          `letters.parquet", row ${n + 1}`,
        ]),
      );
      const years = await read(
        parquetFile(`${folder}/letters.parquet`, { text: "body", time: "year" }),
      );
      assert.deepEqual(years.map((each) => each[2]), [1850, 1851, 1852, 1853, 1854, 1855, 1856]);
    });
  }
});

Deno.test("a file is split where lines match, with or without heading and front matter", () =>
  withFiles({
    "book.txt": "Title\n\nCHAPTER I. Loomings\r\nCall me\r\nCHAPTER II. Bag\nI stuffed\n",
  }, async (folder) => {
    const path = `${folder}/book.txt`;
    const at = "^CHAPTER (?<time>I+)\\. (?<group>.+)$";
    await assert.rejects(read(splitFile(path, { at, front: "leftOut" })), /line 3: a time must be/);
    const grouped = { at: "^CHAPTER I+\\. (?<group>.+)$", front: "leftOut" } as const;
    assert.deepEqual(await read(splitFile(path, grouped)), [
      ["CHAPTER I. Loomings\r\nCall me\r\n", "Loomings", null, 'book.txt", line 3'],
      ["CHAPTER II. Bag\nI stuffed\n", "Bag", null, 'book.txt", line 5'],
    ]);
    assert.deepEqual(await read(splitFile(path, { at: "^CHAPTER", keepHeading: false })), [
      ["Title\n\n", null, null, 'book.txt", line 1'],
      ["Call me\r\n", null, null, 'book.txt", line 3'],
      ["I stuffed\n", null, null, 'book.txt", line 5'],
    ]);
  }));

Deno.test("files of a folder are documents in the order of their paths, group and time in them", () =>
  withFiles({
    "s/1851_ann.txt": "second",
    "s/1850_jack.txt": "first",
    "s/deep/er/1852_ann.txt": "third",
    "s/.hidden_1.txt": "hidden",
    "s/1853_ann.md": "other",
  }, async (folder) => {
    const pathExpression = "(?<time>\\d+)_(?<group>[a-z]+)\\.";
    assert.deepEqual(await read(documentFolder(`${folder}/s/**/*.txt`, { pathExpression })), [
      ["first", "jack", 1850, '1850_jack.txt"'],
      ["second", "ann", 1851, '1851_ann.txt"'],
      ["third", "ann", 1852, '1852_ann.txt"'],
    ]);
    assert.deepEqual((await read(documentFolder(`${folder}/s/*_a??.*`))).map(([text]) => text), [
      "second",
      "other",
    ]);
  }));

Deno.test("documents are laid as given, shuffled, by group or by time, after the excerpt is cut", async () => {
  const documents = [
    ...[["a", "x", 3], ["b", "y", 1], ["c", "x", 2], ["d", "y", 2], ["e", "z", 0]] as const,
  ].map(([text, group, time]) => ({ text, group, time }));
  const laid = async (order: "given" | "shuffled" | "grouped" | "time", length = 5) => {
    const source = await openDocuments(inlineDocuments(documents, { order, excerpt: { length } }));
    return source.read(0, source.bytes);
  };
  assert.equal(await laid("given", 4), "abcd");
  assert.equal(await laid("grouped"), "acbde");
  assert.equal(await laid("time"), "ebcda");
  const shuffled = await laid("shuffled");
  assert.equal([...shuffled].sort().join(""), "abcde");
  assert.notEqual(shuffled, "abcde");
  assert.equal(await laid("shuffled"), shuffled);
});

Deno.test("the catalogue has speeches by president and year, chapters and books", async () => {
  const speeches = await openDocuments(documentCorpus("state-of-the-union"));
  assert.equal(speeches.documentEnds.length, 233);
  assert.equal(new Set(speeches.groups).size, 43);
  assert.equal(speeches.groupNames[speeches.groups![0]], "George Washington");
  assert.deepEqual([speeches.times![0], speeches.times![232]], [1790, 2021]);
  const chapters = await openDocuments(documentCorpus("moby-dick-chapters"));
  assert.equal(chapters.documentEnds.length, 136);
  assert.match(documentText(chapters, 0), /^Call me Ishmael\./);
  const books = await openDocuments(documentCorpus("kjv-books"));
  assert.equal(books.documentEnds.length, 66);
  assert.match(
    documentText(books, 65),
    /^The Revelation of Jesus Christ[^]*be with you all\. Amen\.\n$/,
  );
});

Deno.test("each constructor gives plain JSON that is accepted back, without more and without less", () =>
  withFiles({
    "a.jsonl": '{"text":"a"}',
    "a.csv": "text\na",
    "a.txt": "# a\nb",
  }, (folder) => {
    const all: DocumentsSpecification[] = [
      jsonLinesFile(`${folder}/a.jsonl`),
      csvFile(`${folder}/a.csv`, { excerpt: { length: 1 } }),
      parquetFile(`${folder}/a.csv`),
      splitFile(`${folder}/a.txt`, { at: "^#" }),
      documentFolder(`${folder}/*.txt`),
      inlineDocuments([{ text: "a", group: "b", time: 1 }, { text: "c" }]),
      documentCorpus("kjv-books"),
    ];
    for (const specification of all) {
      const back = JSON.parse(canonicalJson(specification as never));
      assert.deepEqual(validateDocuments(back), specification);
      assert.throws(() => validateDocuments({ ...back, more: 1 }), /unknown option "more"/);
      for (const key of Object.keys(back).filter((each) => each !== "kind")) {
        const { [key]: _, ...less } = back;
        assert.throws(() => validateDocuments(less), new RegExp(`documents: ${key}`), key);
      }
    }
  }));
