import assert from "node:assert/strict";
import { projectFolder } from "../core/project.ts";
import { randomStream } from "../core/random.ts";
import { completionTokenizer } from "./completion_tokens.ts";
import { checkListedCorpus } from "./listed_corpora.ts";
import { groupedFolds, makePairFolds } from "./pair_folds.ts";
import { loadTokenPairs } from "./pair_tokens.ts";
import {
  isPairCorpus,
  loadGroupedPairs,
  loadPairs,
  pairSource,
  validatePairCorpus,
} from "./pairs.ts";
import { inlineRows, rowFile } from "./row_corpora.ts";
import { dialogueRows } from "./rows/dialogue_rows.ts";
import { instructionRows } from "./rows/instruction_rows.ts";
import { sourceFiles } from "./source_files.ts";
import { words } from "./tokenizers/words.ts";
import { withFile } from "./_testing/project_file.ts";

const instructions = instructionRows({
  prompt: "### {instruction}\n{input}\n",
  completion: "output",
});
const templates = {
  system: "{content}\n",
  user: "User: {content}\n",
  assistant: "Assistant: {content}<\n",
};
const dialogues = dialogueRows({ templates });
const turns = (...list: readonly (readonly [role: string, content: string])[]) => ({
  messages: list.map(([role, content]) => ({ role, content })),
});
const talk = turns(
  ["system", "Be brief."],
  ["user", "2 + 2?"],
  ["assistant", "4"],
  ["user", "And {3}?"],
  ["assistant", "7"],
  ["user", "Thanks."],
);

Deno.test("instruction rows of JSON lines become prompts by a template, white space and empty fields as they are", () =>
  withFile(
    '{"instruction": "Add", "input": "2 2", "output": " 4\\n"}\r\n\n' +
      '{"input": "", "output": "3", "instruction": "Count {a}", "id": 7}\n',
    async (path, full) => {
      const corpus = rowFile(path, { rows: instructions, format: "jsonLines", licence: "CC0" });
      assert.deepEqual(await loadPairs(corpus), [
        ["### Add\n2 2\n", " 4\n"],
        ["### Count {a}\n\n", "3"],
      ]);
      assert.equal(pairSource(corpus), `file ${path}`);
      assert.ok(isPairCorpus(corpus));
      assert.deepEqual(validatePairCorpus(JSON.parse(JSON.stringify(corpus))), corpus);
      await Deno.writeTextFile(full, '{"instruction": "", "input": "a", "output": "b"}');
      await assert.rejects(loadPairs(corpus), /its SHA-256 must be .*, found /);
    },
  ));

Deno.test("a dialogue gives a prompt for each turn that is learned, or for the last one", async () => {
  const all = await loadPairs(inlineRows([talk], { rows: dialogues }));
  const first = "Be brief.\nUser: 2 + 2?\n";
  const second = `${first}Assistant: 4<\nUser: And {3}?\n`;
  assert.deepEqual(all, [[`${first}Assistant: `, "4"], [`${second}Assistant: `, "7"]]);
  const last = dialogueRows({ templates, learned: "last" });
  assert.deepEqual(await loadPairs(inlineRows([talk], { rows: last })), all.slice(1));
  const other = dialogueRows({ templates, role: "user" });
  assert.deepEqual(
    (await loadPairs(inlineRows([talk], { rows: other }))).map(([, completion]) => completion),
    ["2 + 2?", "And {3}?", "Thanks."],
  );
  // A turn that begins the dialogue has nothing before it.
  const begun = turns(["assistant", "Hello."], ["user", "Hi."], ["assistant", "Yes?"]);
  assert.deepEqual(await loadPairs(inlineRows([begun], { rows: dialogues })), [
    ["Assistant: Hello.<\nUser: Hi.\nAssistant: ", "Yes?"],
  ]);
});

Deno.test("no fold parts a dialogue, rows of one group, or equal prompts that join them, over random rows", async () => {
  const tokenizer = completionTokenizer({ tokenizer: words() });
  let laid = 0;
  for (let seed = 0; seed < 60; seed++) {
    const stream = randomStream(seed, "rows");
    const rows = Array.from({ length: 12 + stream.integer(30) }, (_, row) => ({
      ...turns(
        ...Array.from({ length: 1 + stream.integer(3) }, (_, at) =>
          [
            // Some dialogues begin alike.
            ["user", at === 0 && stream.uniform() < 0.3 ? "hello" : `ask ${row} ${at}`],
            ["assistant", `answer ${row} ${at}`],
          ] as const).flat(),
      ),
      author: `a${stream.integer(9)}`,
    }));
    const grouped = seed % 2 === 0;
    const corpus = inlineRows(rows, {
      rows: dialogues,
      group: grouped ? "author" : null,
      order: seed % 3 === 0 ? "shuffled" : "given",
    });
    const pairs = await loadTokenPairs(corpus, tokenizer);
    let made: ReturnType<typeof makePairFolds>;
    try {
      made = makePairFolds(groupedFolds({ count: 3 }), pairs);
    } catch (error) {
      assert.match((error as Error).message, /a source of its own/);
      continue;
    }
    laid++;
    // Completions name their row, which is one dialogue of one author.
    const rowOf = ({ target }: { target: readonly string[] }) => Number(target[1]);
    const sidesOf = (spans: readonly { start: number; end: number }[]) => {
      const inside = spans.flatMap(({ start, end }) => pairs.slice(start, end));
      return {
        rows: new Set(inside.map(rowOf)),
        prompts: new Set(inside.map(({ source }) => source.join(" "))),
        authors: new Set(inside.map((pair) => grouped ? rows[rowOf(pair)].author : rowOf(pair))),
      };
    };
    for (const { training, heldOut } of [...made.folds, made.finalFold!]) {
      const [trained, held] = [sidesOf(training), sidesOf(heldOut)];
      assert.ok(trained.rows.isDisjointFrom(held.rows));
      assert.ok(trained.prompts.isDisjointFrom(held.prompts));
      assert.ok((trained.authors as Set<unknown>).isDisjointFrom(held.authors as Set<unknown>));
    }
    const total = made.folds.reduce((sum, { heldOut: [{ start, end }] }) => sum + end - start, 0);
    const [{ start, end }] = made.finalFold!.heldOut;
    assert.equal(total + end - start, pairs.length, "every pair is held out once");
  }
  assert.ok(laid > 20, `${laid} lists had enough groups`);
});

Deno.test("many groups that join one after another, and a large one, become one", async () => {
  const rowsOf = (count: number, by: (row: number) => number, ask: (row: number) => string) =>
    Array.from({ length: count }, (_, row) => ({ ask: ask(row), answer: "b", by: by(row) }));
  const chain = 12_000;
  const rows = [
    // Each of its own, then each joined to the one before it, from the last one on.
    ...rowsOf(chain, (row) => row, (row) => `a${row}`),
    ...rowsOf(chain - 1, (row) => chain - 1 - row, (row) => `a${chain - 2 - row}`),
    // Two apart, the second one large, until one pair is of both.
    ...rowsOf(1, () => -1, () => "c"),
    ...rowsOf(130_000, () => -2, (row) => `d${row % 9}`),
    ...rowsOf(1, () => -2, () => "c"),
  ];
  const corpus = inlineRows(rows, {
    rows: instructionRows({ prompt: "{ask}", completion: "answer" }),
    group: "by",
  });
  const pairs = await loadTokenPairs(corpus, completionTokenizer({ tokenizer: words() }));
  assert.deepEqual([pairs.length, new Set(pairs.map(({ group }) => group)).size], [154_001, 2]);
});

Deno.test("a group is the same one as a number and as a text", async () => {
  const rows = [7, "7", 8].map((by, row) => ({ instruction: `a${row}`, output: "b", by }));
  const corpus = inlineRows(rows, {
    rows: instructionRows({ prompt: "{instruction}", completion: "output" }),
    group: "by",
  });
  const [first, second, third] = (await loadGroupedPairs(corpus)).map(({ group }) => group);
  assert.equal(first, second);
  assert.notEqual(first, third);
});

Deno.test("a group of rows is one however its letters are composed and whatever white space is around it", async () => {
  const rows = ["Zo\u00EB", "Zoe\u0308", " Zo\u00EB\n", "Zoe"].map((by, row) => ({
    ...{ instruction: `a${row}`, output: "b", by },
  }));
  const options = {
    rows: instructionRows({ prompt: "{instruction}", completion: "output" }),
    group: "by",
  };
  const groups = (await loadGroupedPairs(inlineRows(rows, options))).map(({ group }) => group);
  assert.deepEqual(groups.map((group) => groups.indexOf(group)), [0, 0, 0, 3]);
  const blank = [{ ...rows[0], by: " " }];
  assert.throws(() => inlineRows(blank, options), /"by" must be a text or a number, by which rows/);
});

Deno.test("rows that are wrong are refused with file and line before anything is trained", async () => {
  const good = '{"instruction": "a", "input": "b", "output": "c"}\n';
  const line = (row: object) => `${JSON.stringify(row)}\n`;
  const talked = `${line(talk)}\n`;
  const cases: [string, typeof instructions | typeof dialogues, RegExp][] = [
    [`${good}{"instruction": "a"\n`, instructions, /line 2 must be JSON, found /],
    [`${good}\n["a"]\n`, instructions, /line 3 must be a JSON object, found \["a"\]/],
    [
      `${good}{"instruction": "a", "output": "b"}`,
      instructions,
      /line 2 must have the field "input", found "instruction", "output"/,
    ],
    [
      `{"instruction": "a", "input": 3, "output": "b"}`,
      instructions,
      /line 1: "input" must be a text, found 3/,
    ],
    [
      `{"instruction": "a", "input": "", "output": " "}`,
      instructions,
      /line 1: its completion must hold a text, found only white space/,
    ],
    [
      `${talked}{"messages": "hi"}`,
      dialogues,
      /line 3: "messages" must be a list of turns, found "hi"/,
    ],
    [
      line(turns(["user", "a"], ["tool", "b"])),
      dialogues,
      /line 1: turn 2 of "messages" must have a role with a template, one of "system", "user", "assistant", found "tool"/,
    ],
    [
      line(turns(["user", "a"])),
      dialogues,
      /line 1: "messages" must have a turn of "assistant" after another turn, found none/,
    ],
    [
      line(turns(["user", "a"], ["assistant", ""])),
      dialogues,
      /line 1: turn 2 .* must have a content that is a text, found ""/,
    ],
    [
      line({ messages: [{ role: "user", content: "a", name: "b" }] }),
      dialogues,
      /turn 1 of "messages": unknown option "name"/,
    ],
  ];
  for (const [text, rows, expected] of cases) {
    await withFile(text, (path) => {
      assert.throws(() => rowFile(path, { rows, format: "jsonLines" }), (error: Error) => {
        assert.match(error.message, expected);
        assert.ok(error.message.startsWith(`rowFile: "${path}"`), error.message);
        return true;
      });
    });
  }
  await withFile(good, (path) => {
    assert.throws(
      () => rowFile(path, { rows: instructions }),
      /format must be given, one of "jsonLines", "csv", "tsv", "parquet"/,
    );
    const named = { rows: instructions, format: "jsonLines" as const };
    assert.throws(() => rowFile(path, { ...named, excerpt: { length: 2 } }), /at or before row 1/);
    assert.throws(
      () => rowFile(path, { ...named, group: "author" }),
      /must have the field "author"/,
    );
    assert.throws(
      () => rowFile(path, { ...named, sourceColumn: 1 } as never),
      /unknown option "sourceColumn"/,
    );
  });
});

Deno.test("rows of comma-separated values are those of JSON lines, and wrong ones are refused by the line at which they begin", async () => {
  const csv = 'input,output,instruction\r\n"2, 2"," 4\r\n","Say ""Add"""\r\n\r\n,3,Count {a}\r\n';
  const expected = [['### Say "Add"\n2, 2\n', " 4\r\n"], ["### Count {a}\n\n", "3"]];
  await withFile(csv, async (path) => {
    const corpus = rowFile(path, { rows: instructions, format: "csv" });
    assert.deepEqual(await loadPairs(corpus), expected);
    assert.deepEqual(validatePairCorpus(JSON.parse(JSON.stringify(corpus))), corpus);
  });
  await withFile("a\tb\nx, y\tz\n", async (path) => {
    const rows = instructionRows({ prompt: "{a}", completion: "b" });
    assert.deepEqual(await loadPairs(rowFile(path, { rows, format: "tsv" })), [["x, y", "z"]]);
  });
  const cases: [string, RegExp][] = [
    [
      "instruction,input,output\n\na,b\n",
      /line 3 must have 3 columns, as the first row has, found 2/,
    ],
    ['instruction,input,output\na,"b\nc",d\na,"b,c\n', /line 4 must be a row, found: Quoted field/],
    [
      "instruction,output\na,b\n",
      /line 2 must have the field "input", found "instruction", "output"/,
    ],
    ["instruction,input,input\na,b,c\n", /line 1 must name each column once, found "input" twice/],
    ["instruction,input,output\na,b,\n", /line 2: its completion must hold a text, found nothing/],
    ["instruction,input,output\n", /must hold at least one row, found none/],
  ];
  for (const [text, message] of cases) {
    await withFile(text, (path) => {
      assert.throws(() => rowFile(path, { rows: instructions, format: "csv" }), message);
    });
  }
});

Deno.test("a file of rows must be listed where somebody else asks for it, and is packed with a study", () =>
  withFile('{"instruction": "a", "input": "b", "output": "c"}\n', (path, full) => {
    const corpus = rowFile(path, { rows: instructions, format: "jsonLines" });
    assert.throws(() => checkListedCorpus(corpus), /which this project does not list/);
    checkListedCorpus(corpus, { listed: [path] });
    assert.deepEqual([...sourceFiles(corpus, projectFolder())], [[path, Deno.readFileSync(full)]]);
    const inline = inlineRows([talk], { rows: dialogues });
    checkListedCorpus(inline);
    assert.equal(sourceFiles(inline, projectFolder()).size, 0);
    const other = { ...inline, sha256: "0".repeat(64) };
    assert.throws(() => checkListedCorpus(other), /not the text here/);
  }));

Deno.test("templates and rows are refused where they are written", () => {
  const refused: [() => unknown, RegExp][] = [
    [
      () => instructionRows({ prompt: "{a", completion: "b" }),
      /prompt: the name of a field must stand between { and }/,
    ],
    [
      () => instructionRows({ prompt: "a}", completion: "b" }),
      /the name of a field must stand between { and }/,
    ],
    [
      () => instructionRows({ prompt: "{}", completion: "b" }),
      /the name of a field must stand between { and }/,
    ],
    [() => instructionRows({ prompt: "{a}", completion: "" }), /completion must be/],
    [
      () => instructionRows({ prompt: "{instruction", completion: "b" }),
      /such as {{; found { without a name and } in "{instruction"\./,
    ],
    [
      () => instructionRows({ prompt: "{a}", completion: "{output}" }),
      /completion must be the name of a field, without braces, "output", found "{output}"/,
    ],
    [
      () => dialogueRows({ templates: { user: "{content}" } }),
      /templates must have the role that is learned, "assistant", found "user"/,
    ],
    [
      () => dialogueRows({ templates: { assistant: "{text}" } }),
      /templates.assistant must have the place \{content\} once and no other/,
    ],
    [
      () => dialogueRows({ templates, learned: "first" as "last" }),
      /learned must be one of "all", "last"/,
    ],
    [() => inlineRows([], { rows: instructions }), /rows must be a list of at least one/],
    [
      () => inlineRows([talk], { rows: { kind: "chat" } as never }),
      /rows.kind must be one of "instructions", "dialogues"/,
    ],
    [
      () => inlineRows([talk], { rows: { kind: "dialogues", templates } as never }),
      /turns must be/,
    ],
  ];
  for (const [make, expected] of refused) assert.throws(make, expected);
});
