import assert from "node:assert/strict";
import { join } from "node:path";
import { addDataset } from "./add_dataset.ts";
import { inlineText, loadCorpus, textFile } from "./corpora.ts";
import { fetchDataset } from "./fetch_dataset.ts";
import { inlinePairs, loadPairs, pairFile } from "./pairs.ts";
import { withFile } from "./_testing/project_file.ts";

const text =
  "Call me Ishmael.\tNennt mich Ismael.\nSome years ago.\tEin paar Jahre ist's her. 🐋\n";

/** A text in code units of `size` bytes, after a byte order mark where `mark`. */
function encoded(text: string, size: 2 | 4, littleEndian: boolean, mark: boolean): Uint8Array {
  const marked = mark ? `\uFEFF${text}` : text;
  const units = size === 2
    ? Array.from({ length: marked.length }, (_, at) => marked.charCodeAt(at))
    : Array.from(marked, (character) => character.codePointAt(0)!);
  const view = new DataView(new ArrayBuffer(size * units.length));
  units.forEach((unit, at) =>
    size === 2
      ? view.setUint16(2 * at, unit, littleEndian)
      : view.setUint32(4 * at, unit, littleEndian)
  );
  return new Uint8Array(view.buffer);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const wide = [["UTF-16", 2], ["UTF-32", 4]] as const;
const latin = Uint8Array.from("line one\nna\xefve\tline", (character) => character.charCodeAt(0));

const refused: (readonly [string, Uint8Array, RegExp])[] = [
  ...wide.flatMap(([name, size]) =>
    [true, false].flatMap((little) => {
      const encoding = `${name}${little ? "LE" : "BE"}`;
      const nul = little ? 1 : 0;
      return [
        [
          `${encoding} with its mark`,
          encoded(text, size, little, true),
          new RegExp(
            `found the byte order mark of ${encoding}. Convert it: iconv -f ${encoding} -t UTF-8`,
          ),
        ],
        [
          `${encoding} without a mark`,
          encoded(text, size, little, false),
          new RegExp(
            `a NUL byte at byte ${nul} .*, line 1, which no text has: it looks like ${encoding} ` +
              `without .*iconv -f ${encoding} -t UTF-8`,
          ),
        ],
      ] as const;
    })
  ),
  ["NUL bytes", bytesOf("one\ttwo\nth\0ree\tfour"), /NUL byte at byte 10 .*line 2.*binary file/],
  [
    "Latin-1",
    latin,
    /must be UTF-8, found bytes that are not, from 0xEF at byte 11 .*line 2 .*iconv/,
  ],
  [
    "half a surrogate pair as UTF-8 would write it",
    Uint8Array.of(0x61, 0x0a, 0xef, 0xbf, 0xbd, 0xed, 0xa0, 0x80),
    /from 0xED at byte 5 \(counted from 0\), line 2 on/,
  ],
  [
    "a character that the file's end cuts",
    Uint8Array.of(...bytesOf("🐋 é"), 0xf0, 0x9f),
    /from 0xF0 at byte 7 /,
  ],
  ["an overlong slash", Uint8Array.of(0x61, 0xc0, 0xaf), /from 0xC0 at byte 1 /],
];

for (const [name, bytes, expected] of refused) {
  Deno.test(`users 9: a file with ${name} is refused with the place and how to convert it`, async () => {
    await withFile(bytes, async (path) => {
      assert.throws(() => textFile(path), expected);
      assert.throws(() => pairFile(path), expected);
      const project = await Deno.makeTempDir();
      try {
        await Deno.writeFile(join(project, "own.txt"), bytes);
        const options = { kind: "text", licence: "CC0-1.0", project } as const;
        await assert.rejects(addDataset("own", "own.txt", options), expected);
        assert.deepEqual([...Deno.readDirSync(project)].map(({ name }) => name), ["own.txt"]);
      } finally {
        await Deno.remove(project, { recursive: true });
      }
    });
  });
}

Deno.test("users 9: UTF-8 with or without its mark, with U+FFFD and any script, is a text", async () => {
  for (const own of [text, `\uFEFF${text}`, "a\uFFFDb\t\uFEFFc\n", "鲸\t🐋\u200d\u0301\n"]) {
    await withFile(own, async (path) => {
      assert.equal(await loadCorpus(textFile(path)), own.replace(/^\uFEFF/, ""));
      assert.ok((await loadPairs(pairFile(path))).length > 0);
    });
  }
});

Deno.test("users 9: a NUL character in a text of the study itself is refused with its place", () => {
  assert.throws(() => inlineText("ab\0c"), /found a NUL character at code unit 2/);
  assert.throws(() => inlinePairs([["a", "b\0"]]), /line 1 must hold a text, found a NUL/);
});

Deno.test("users 9: a copy of a known corpus in another encoding is refused by saying so", async () => {
  const project = await Deno.makeTempDir();
  try {
    const copy = join(project, "copy");
    await Deno.mkdir(join(project, "datasets"));
    await Deno.mkdir(copy);
    await Deno.writeTextFile(join(project, "own.txt"), text);
    await addDataset("own", "own.txt", { kind: "text", licence: "CC0-1.0", project });
    await Deno.remove(join(project, "own.txt"));
    await Deno.writeFile(join(copy, "own.txt"), encoded(text, 2, true, true));
    await assert.rejects(
      fetchDataset("own", { project, from: copy }),
      /SHA-256 must be .*it must be UTF-8, found the byte order mark of UTF-16LE/,
    );
  } finally {
    await Deno.remove(project, { recursive: true });
  }
});
