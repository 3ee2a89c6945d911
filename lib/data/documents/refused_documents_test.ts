import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFiles } from "../testing/project_files.ts";
import { csvFile } from "./csv_file.ts";
import { documentCorpus } from "./document_corpus.ts";
import { documentFolder } from "./document_folder.ts";
import { inlineDocuments } from "./inline_documents.ts";
import { jsonLinesFile } from "./json_lines_file.ts";
import type { DocumentsSpecification } from "./kinds.ts";
import { openDocuments } from "./open_documents.ts";
import { parquetFile } from "./parquet_file.ts";
import { splitFile } from "./split_file.ts";

const stored = fileURLToPath(new URL("./_reference/", import.meta.url));
const parquet = (compression: string) =>
  Deno.readFileSync(join(stored, `letters.${compression}.parquet`));

/** Refuses with the message, whether it is made or opened. */
async function refuses(make: () => DocumentsSpecification, message: RegExp): Promise<void> {
  await assert.rejects(async () => await openDocuments(make()), { message });
}

Deno.test("JSON lines that are no documents are refused with file and line", async () => {
  const good = '{"text":"a","by":"Ann"}\n';
  const cases: [string | Uint8Array, RegExp][] = [
    [`${good}{"text":"a"`, /x\.jsonl", line 2 must be JSON, found its end at column 12/],
    [`${good}\n[1]\n`, /x\.jsonl", line 3 must be a JSON object, found \[1\]/],
    [`${good}{"by":"Ann"}`, /x\.jsonl", line 2 must have the field "text", found \["by"\]/],
    [`${good}{"text":"b"}`, /x\.jsonl", line 2 must have the field "by", found \["text"\]/],
    [`${good}{"text":"b","by":null}`, /x\.jsonl", line 2: "by" must be a text .*found null/],
    [`${good}{"text":7,"by":"Ann"}`, /x\.jsonl", line 2: "text" must be a text, found 7/],
    [
      `${good}{"text":" ","by":"Ann"}`,
      /x\.jsonl", line 2 must hold a text, found only white space/,
    ],
    [`${good}{"text":"","by":"Ann"}`, /x\.jsonl", line 2 must hold a text, found nothing/],
    [`${good}{"text":"a\\u0000","by":"Ann"}`, /x\.jsonl", line 2 must hold a text, found a NUL/],
    [`${good}{"text":"\\ud800","by":"Ann"}`, /x\.jsonl", line 2 must be well-formed, found half/],
    [
      Uint8Array.from([...new TextEncoder().encode(good), 0x63, 0xe9]),
      /x\.jsonl" must be UTF-8, found bytes that are not, from 0xE9 at byte 25 \(counted from 0\), line 2/,
    ],
    [
      Uint8Array.of(0xff, 0xfe, 0x7b, 0),
      /x\.jsonl" must be UTF-8, found the byte order mark of UTF-16LE/,
    ],
    ["\n\n", /must hold documents, found none/],
    ["", /x\.jsonl" must hold documents, found nothing/],
  ];
  for (const [content, message] of cases) {
    await withFiles({ "x.jsonl": content }, async (folder) => {
      await refuses(() => jsonLinesFile(`${folder}/x.jsonl`, { group: "by" }), message);
    });
  }
});

Deno.test("CSV files that are no documents are refused with file and line", async () => {
  const cases: [string, RegExp][] = [
    ["id,by\n1,Ann\n", /x\.csv", line 1 must have the column "text", found \["id","by"\]/],
    ["text,by,by\na,Ann,Eve\n", /x\.csv", line 1 must have the column "by" once, found it twice/],
    ["text,by\n\na\n", /x\.csv", line 3 must have 2 columns, as the first row has, found 1/],
    ['text,by\n"a\nb",Ann\n"c,Ann\nd,Eve\n', /x\.csv", line 4 must be a row, found: Quoted field/],
    ["text,by\na,Ann\n,Eve\n", /x\.csv", line 3 must hold a text, found nothing/],
    ["text,by\na,Ann\nb,\n", /x\.csv", line 3: "by" must be a text that is not empty/],
    ["text,by\n", /must hold documents, found none/],
  ];
  for (const [content, message] of cases) {
    await withFiles({ "x.csv": content }, async (folder) => {
      await refuses(() => csvFile(`${folder}/x.csv`, { group: "by" }), message);
    });
  }
});

Deno.test("Parquet files that are cut, or no documents, are refused with file and row", async () => {
  const whole = parquet("snappy");
  const cases: [Uint8Array, RegExp, string?][] = [
    [
      whole.subarray(0, whole.length - 1),
      /x\.parquet" cannot be read as Parquet: file invalid .*; it may be cut/,
    ],
    [whole.subarray(0, 1000), /x\.parquet" cannot be read as Parquet/],
    [whole.subarray(1000), /x\.parquet" cannot be read as Parquet/],
    [new TextEncoder().encode("text\na"), /x\.parquet" cannot be read as Parquet/],
    [
      whole,
      /x\.parquet" must have the column "text", found \["id","body","author","year","sent"\]/,
      "text",
    ],
    [whole, /x\.parquet", row 1: "id" must be a text, found 0/, "id"],
    [parquet("binary"), /x\.parquet" cannot be read as Parquet: text is not UTF-8/],
  ];
  for (const [content, message, text = "body"] of cases) {
    await withFiles({ "x.parquet": content }, async (folder) => {
      await refuses(() => parquetFile(`${folder}/x.parquet`, { text }), message);
    });
  }
});

Deno.test("files that cannot be split or matched are refused", () =>
  withFiles(
    { "a.txt": "# a\n# b\nc", "empty/b.txt": "", "bytes/c.txt": Uint8Array.of(0xe9) },
    async (folder) => {
      const path = `${folder}/a.txt`;
      await refuses(
        () => splitFile(path, { at: "^CHAPTER" }),
        /a\.txt" must have a line that matches "\^CHAPTER", found none/,
      );
      await refuses(
        () => splitFile(path, { at: "^(" }),
        /splitFile: at must be a regular expression, found "\^\("/,
      );
      await refuses(
        () => splitFile(path, { at: "^#", keepHeading: false }),
        /a\.txt", line 1 must hold a text/,
      );
      const pathExpression = "(?<time>19\\d\\d)_";
      await refuses(
        () => documentFolder(path, { pathExpression }),
        /each path must match pathExpression/,
      );
      for (const [pathExpression, found] of [["(?<year>\\d+)", '"year"'], ["\\d+_", "none"]]) {
        await refuses(
          () => documentFolder(path, { pathExpression }),
          new RegExp(
            `must name a group "group" or "time", or both, and no other, .* found ${found} in`,
          ),
        );
      }
      await refuses(
        () => documentFolder(`${folder}/empty/*`),
        /b\.txt" must hold a text, found nothing/,
      );
      await refuses(
        () => documentFolder(`${folder}/bytes/*`),
        /c\.txt" must be UTF-8, found bytes that are not, from 0xE9 at byte 0/,
      );
      await refuses(
        () => documentFolder(`${folder}/*.md`),
        /there is no file ".*\*\.md" in the project .*A pattern names the files of a folder/,
      );
      await refuses(() => documentFolder("../*.md"), /must stay inside/);
      await refuses(() => jsonLinesFile("../x.jsonl"), /must stay inside/);
      await refuses(() => jsonLinesFile("/etc/passwd"), /must stay inside/);
      await refuses(() => jsonLinesFile(folder), /must be a file, found a folder/);
      await refuses(() => csvFile(`${folder}/none.csv`), /there is no file ".*none\.csv"/);
    },
  ));

Deno.test("documents with a group or a time are refused next to some without", async () => {
  const a = { text: "a" };
  await refuses(
    () => inlineDocuments([a, { ...a, group: "x" }]),
    /document 2: every document must have a group, or none, found one with after others without/,
  );
  await refuses(
    () => inlineDocuments([{ ...a, time: 1 }, a]),
    /document 2: every document must have a time, or none, found one without after others with/,
  );
  await refuses(
    () => inlineDocuments([{ ...a, time: 1 }, { ...a, time: "1851-01-01" }]),
    /document 2: times must all be numbers/,
  );
  await refuses(
    () => inlineDocuments([{ ...a, time: "yesterday" }]),
    /document 1: a time must be a number, such as 1851, or an ISO 8601 date/,
  );
  await refuses(
    () => inlineDocuments([{ ...a, time: "1851-13-01" }]),
    /document 1: a time must be/,
  );
  await refuses(
    () => inlineDocuments([a], { order: "time" }),
    /order "time" needs documents with a time, found none/,
  );
  await refuses(
    () => inlineDocuments([a], { order: "grouped" }),
    /order "grouped" needs documents with a group/,
  );
  await refuses(
    () => inlineDocuments([a], { excerpt: { start: 1, length: 1 } }),
    /the excerpt must end at or before document 1, found 1 \+ 1/,
  );
  await refuses(() => inlineDocuments([]), /must be a list of at least one/);
  await refuses(
    () => inlineDocuments([a], { order: "random" as never }),
    /order must be one of "given"/,
  );
  await refuses(() => documentCorpus("moby-dick"), /"moby-dick" must hold documents, found "text"/);
  await refuses(() => documentCorpus("none"), /name must be one of .*documentFolder/);
});

Deno.test("documents that are changed later are refused with both checksums", () =>
  withFiles({ "a.jsonl": '{"text":"a"}', "s/a.txt": "a" }, async (folder, full) => {
    const file = jsonLinesFile(`${folder}/a.jsonl`);
    const all = documentFolder(`${folder}/s/*`);
    await Deno.writeTextFile(join(full, "a.jsonl"), '{"text":"b"}');
    await Deno.writeTextFile(join(full, "s/b.txt"), "b");
    await assert.rejects(
      openDocuments(file),
      new RegExp(`must be ${file.sha256}, found [0-9a-f]{64}`),
    );
    await assert.rejects(
      openDocuments(all),
      new RegExp(`must be ${all.sha256}, found [0-9a-f]{64}`),
    );
  }));

Deno.test("a time that is on no day of the calendar is refused", async () => {
  for (
    const time of ["2021-02-29", "2020-02-30T10:00Z", "1851-04-31 09:00", "2020-02-31T01:00+01:00"]
  ) {
    await refuses(
      () => inlineDocuments([{ text: "a", time }]),
      /document 1: a time must be a number, such as 1851, or an ISO 8601 date/,
    );
  }
  const leap = await openDocuments(
    inlineDocuments([{ text: "a", time: "2020-02-29T23:30-02:00" }]),
  );
  assert.deepEqual([...leap.times!], [Date.UTC(2020, 2, 1, 1, 30)]);
});
