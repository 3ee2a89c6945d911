import assert from "node:assert/strict";
import { join } from "node:path";
import { documentFolds } from "../data/documents/document_folds.ts";
import { documentText } from "../data/documents/document_source.ts";
import { jsonLinesFile, type JsonLinesOptions } from "../data/documents/json_lines_file.ts";
import { openDocuments } from "../data/documents/open_documents.ts";
import { blockedFolds } from "../data/folds.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy } from "./study.ts";

const letters = Array.from({ length: 30 }, (_, at) => ({
  text: `Dear 鯨 ${at}, I saw ${at * at} whales and ${at % 7} ships, 🐋 and sailed on. `.repeat(
    1 + at % 4,
  ),
  by: `author ${at % 9}`,
  sent: `18${10 + at}-03-01`,
}));

/** Runs in a project that is the working directory and has the letters as JSON lines. */
function withLetters(use: (project: string) => Promise<void>, lines = letters as object[]) {
  return withProject(async (project) => {
    const before = Deno.cwd();
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await Deno.writeTextFile(join(project, "letters.jsonl"), text);
    Deno.chdir(project);
    try {
      await use(project);
    } finally {
      Deno.chdir(before);
    }
  });
}

const fields: JsonLinesOptions = { group: "by", time: "sent", licence: "CC0-1.0" };

function study(
  project: string,
  folds: StudyOptions["folds"],
  { corpus = {}, training = {} }: { corpus?: JsonLinesOptions; training?: object } = {},
): StudyOptions {
  return {
    name: "letters",
    project,
    space: grid({ tokenizer: ["characters", "bytes"], decay: [0, 1] }),
    specify: ({ tokenizer, decay }) => ({
      corpus: jsonLinesFile("letters.jsonl", { ...fields, ...corpus }),
      tokenizer: tokenizer === "bytes" ? bytes() : characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [decoupledWeightDecay({ strength: decay })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2, ...training },
    }),
    folds,
    seeds: [1],
    workers: 2,
    shareRuns: false,
    reporter: silentReporter,
  };
}

Deno.test("a study of JSON lines by group holds authors out, is verified and says so", () =>
  withLetters(async (project) => {
    const folds = documentFolds({ by: "group", count: 2, finalShare: 0.2 });
    const found = await runStudy(study(project, folds));
    const { record, records } = found;
    assert.ok(records.length >= 8 && records.every(({ status }) => status === "completed"));
    assert.equal(record.select.metric, "bitsPerByte");
    assert.equal(record.corpus.source, "file letters.jsonl");
    const { count, groups, by } = record.documents!;
    assert.deepEqual({ count, groups, by }, { count: 30, groups: 9, by: "group" });

    const source = await openDocuments(jsonLinesFile("letters.jsonl", fields));
    assert.equal(record.corpus.bytes, source.bytes);
    const sideOf = (spans: readonly { start: number; end: number }[]) =>
      letters.filter((_, at) =>
        spans.some(({ start, end }) =>
          start < source.documentEnds[at] && source.documentEnds[at] <= end
        )
      );
    for (const [index, fold] of [...record.folds, record.finalFold!].entries()) {
      const [training, heldOut] = [sideOf(fold.training), sideOf(fold.heldOut)];
      const authors = new Set(heldOut.map(({ by }) => by));
      assert.ok(training.every(({ by }) => !authors.has(by)));
      const told = [...record.documents!.folds, record.documents!.final!][index];
      assert.equal(told.training, training.length);
      assert.equal(told.heldOut, heldOut.length);
      assert.equal(told.groups, authors.size);
      // What is scored is all that is held out, whatever its tokens.
      const bytesOf = new TextEncoder().encode(heldOut.map(({ text }) => text).join("")).length;
      for (const run of records.filter((each) => each.fold === fold.index)) {
        assert.equal(run.tokens.text!.heldOut.bytes, bytesOf);
      }
    }
    assert.equal(documentText(source, 3), letters[3].text);

    const page = await Deno.readTextFile(await writeReport(found));
    const markdown = await Deno.readTextFile(await writeMarkdownReport(found));
    const plain = page.replace(/\s+/g, " ");
    assert.match(
      plain,
      /The corpus has 30 documents in 9 groups\. Each fold holds out whole groups/,
    );
    assert.match(plain, /intervals are about groups of which a model has read nothing/);
    assert.match(plain, /<th scope="col" class="number">held-out groups<\/th>/);
    for (const text of [plain, markdown.replace(/\s+/g, " ")]) {
      assert.match(text, /mean over sets of new groups like those of the 2 folds/);
    }
    const parts = await verifyStudy("letters", { project, sample: 2 });
    assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);
  }));

Deno.test("folds by time train on earlier documents, and near-duplicates are left out if asked", () => {
  const last = letters.at(-1)!;
  const lines = [...letters.slice(0, -1), { ...last, text: letters[2].text }].toReversed();
  return withLetters(async (project) => {
    const options = {
      by: "time",
      count: 2,
      finalShare: 0,
      gap: 1,
      timeGap: 365,
      choosing: true,
      dropNearDuplicates: true,
    } as const;
    const corpus = { order: "time" } as const;
    const { record, records } = await runStudy(
      study(project, documentFolds(options), { corpus, training: { documentWindows: "inside" } }),
    );
    assert.ok(records.every(({ status }) => status === "completed"));
    const { folds, examples } = record.documents!;
    assert.deepEqual(folds.map(({ times }) => times!.trainedTo < times!.from), [true, true]);
    assert.ok(folds[1].nearDuplicates >= 1 && folds[1].dropped! >= 1);
    assert.equal(examples[0].heldOut, '"letters.jsonl", line 1');
    assert.equal(examples[0].training, '"letters.jsonl", line 28');
    assert.equal(examples[0].similarity, 1);
    const page = (await Deno.readTextFile(await writeReport(loadStudy("letters", { project }))))
      .replace(/\s+/g, " ");
    assert.match(page, /trains on what is earlier than all that it holds out/);
    assert.match(
      page,
      /What trains ends at least 1 document and at least 365 days before what is held out begins\./,
    );
    const { choosing } = folds[0].times!;
    assert.ok(folds[0].times!.trainedTo < choosing!.from && choosing!.to < folds[0].times!.from);
    assert.match(page, new RegExp(`>${choosing!.from} to ${choosing!.to}</td>`));
    assert.match(
      page,
      /Nearly the same on both sides, for example: &quot;letters\.jsonl&quot;, line 1 as/,
    );
  }, lines);
});

Deno.test("what cannot be folded or read is refused with file and line before anything trains", async () => {
  const grouped = documentFolds({ by: "group", count: 3 });
  const cases: [object[], StudyOptions["folds"], JsonLinesOptions, RegExp][] = [
    [
      [...letters, { text: " ", by: "Eve", sent: "1900" }],
      grouped,
      {},
      /letters\.jsonl", line 31 must hold a text/,
    ],
    [
      [...letters, { text: "x", by: "Eve" }],
      grouped,
      {},
      /letters\.jsonl", line 31 must have the field "sent"/,
    ],
    [letters, grouped, { text: "body" }, /letters\.jsonl", line 1 must have the field "body"/],
    [letters, grouped, { group: null }, /folds by group need documents with a group, found none/],
    [letters, grouped, { group: "sent" }, /found 30 groups of one document each/],
    [
      letters,
      documentFolds({ by: "group", count: 9 }),
      {},
      /a group for each of 9 folds and for the final block, found 9 in 30 documents/,
    ],
    [
      letters.toReversed(),
      documentFolds({ by: "time", count: 2 }),
      {},
      /an earlier one after a later one: "letters\.jsonl", line 2/,
    ],
    [letters, blockedFolds({ count: 2, unit: "bytes" }), {}, /blockedFolds would cut documents/],
  ];
  for (const [lines, folds, corpus, message] of cases) {
    await withLetters(async (project) => {
      await assert.rejects(runStudy(study(project, folds, { corpus })), { message });
      assert.throws(() => loadStudy("letters", { project }), /There is no study/);
    }, lines);
  }
});

Deno.test("folds in tokens are refused for documents", () =>
  withLetters(async (project) => {
    const options = study(project, blockedFolds({ count: 2 }));
    const refused = runStudy({ ...options, space: grid({ tokenizer: ["bytes"], decay: [0, 1] }) });
    await assert.rejects(
      refused,
      /has documents, which are not one text: fold it by documentFolds/,
    );
  }));
