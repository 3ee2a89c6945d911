/** Rows of Parquet files, as `_reference/parquet.py` wrote them. */
import assert from "node:assert/strict";
import { withFiles } from "../testing/project_files.ts";
import { checkListedCorpus } from "../listed_corpora.ts";
import { loadGroupedPairs, loadPairs, validatePairCorpus } from "../pairs.ts";
import { inlineRows, rowFile } from "../row_corpora.ts";
import { sourceFiles } from "../source_files.ts";
import { dialogueRows } from "./dialogue_rows.ts";
import { instructionRows } from "./instruction_rows.ts";

const reference = "lib/data/rows/_reference";
const instructions = instructionRows({ prompt: "{instruction}\n{input}\n", completion: "output" });
const dialogues = dialogueRows({
  templates: { user: "U: {content}\n", assistant: "A: {content}\n" },
});
const expected = Array.from({ length: 7 }, (_, at) => [
  `Say ${at} in words\n${at % 2 ? "" : `né 鯨 ${at}`}\n`,
  `word ${at} 🐋\n`,
]);

for (const compression of ["snappy", "zstd"]) {
  Deno.test(`instructions of a Parquet file (${compression}) are those that pyarrow wrote, over its groups of rows`, async () => {
    const path = `${reference}/instructions.${compression}.parquet`;
    const corpus = rowFile(path, { rows: instructions, licence: "CC0" });
    assert.deepEqual([corpus.kind, (corpus as { format: string }).format], ["fileRows", "parquet"]);
    assert.deepEqual(await loadPairs(corpus), expected);
    assert.deepEqual(validatePairCorpus(JSON.parse(JSON.stringify(corpus))), corpus);
    const part = rowFile(path, { rows: instructions, excerpt: { start: 2, length: 3 } });
    assert.deepEqual(await loadPairs(part), expected.slice(2, 5));
    for (const [group, groups] of [["author", 3], ["thread", 4]] as const) {
      const grouped = await loadGroupedPairs(rowFile(path, { rows: instructions, group }));
      assert.equal(new Set(grouped.map((pair) => pair.group)).size, groups);
    }
    checkListedCorpus(corpus, { listed: [reference] });
    assert.throws(() => checkListedCorpus(corpus), /which this project does not list/);
    assert.deepEqual([...sourceFiles(corpus, ".").keys()], [path]);
  });
}

Deno.test("dialogues of a Parquet file are its lists of turns", async () => {
  const corpus = rowFile(`${reference}/dialogues.parquet`, { rows: dialogues });
  const pairs = await loadGroupedPairs(corpus);
  assert.deepEqual(pairs.map(({ pair: [, completion] }) => completion), [
    ...["Told 0.", "Told 1.", "No.", "Told 2.", "Told 3.", "No.", "Told 4."],
  ]);
  assert.equal(pairs[2].pair[0], "U: Ask 1?\nA: Told 1.\nU: And?\nA: ");
  assert.equal(pairs[1].group, pairs[2].group);
});

Deno.test("rows of Parquet that cannot be prompts are refused with file, row and column", async () => {
  const named = { rows: instructionRows({ prompt: "{instruction}", completion: "output" }) };
  const file = (name: string, rows: object = named) =>
    rowFile(`${reference}/${name}`, rows as never);
  const refused: [ReturnType<typeof file>, RegExp][] = [
    [
      file("missing.parquet"),
      /^RangeError: Corpus "lib\S+missing.parquet": row 2: "output" must be a text, found null/,
    ],
    [
      file("missing.parquet", { rows: instructions }),
      /missing.parquet" must have the column "input", found "instruction", "output"/,
    ],
    [
      file("missing.parquet", { ...named, group: "author" }),
      /must have the column "author", found/,
    ],
    [file("binary.parquet"), /binary.parquet" cannot be read as Parquet: text is not UTF-8/],
    [
      file("instructions.zstd.parquet", { ...named, excerpt: { length: 8 } }),
      /the excerpt must end at or before row 7, found 0 \+ 8/,
    ],
    [
      file("instructions.zstd.parquet", {
        rows: dialogueRows({ turns: "instruction", templates: { assistant: "{content}" } }),
      }),
      /row 1: "instruction" must be a list of turns, found "Say 0 in words"/,
    ],
  ];
  for (const [corpus, message] of refused) {
    await assert.rejects(loadPairs(corpus), message);
  }
  await withFiles({
    "cut.parquet": (await Deno.readFile(`${reference}/dialogues.parquet`)).slice(9),
  }, async (folder) => {
    await assert.rejects(
      loadPairs(rowFile(`${folder}/cut.parquet`, { rows: dialogues })),
      /cut.parquet" (?:cannot be read as Parquet|must)/,
    );
  });
  await withFiles({ "not.parquet": '{"instruction": "a"}\n' }, async (folder) => {
    await assert.rejects(
      loadPairs(rowFile(`${folder}/not.parquet`, named)),
      /not.parquet" cannot be read as Parquet: .*; it may be cut, or not Parquet/,
    );
  });
  const inline = { ...inlineRows([{ instruction: "a", output: "b" }], named), format: "parquet" };
  assert.throws(
    () => validatePairCorpus(inline),
    /format must be one of "jsonLines", "csv", "tsv", found "parquet"/,
  );
});
