import assert from "node:assert/strict";
import { copyFolder } from "./_testing/copy_folder.ts";
import { join } from "node:path";
import { documentedFiles } from "../core/testing/documented.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { addDataset } from "../data/add_dataset.ts";
import { corpus, inlineText, textFile } from "../data/corpora.ts";
import { documentFolder } from "../data/documents/document_folder.ts";
import { documentFolds } from "../data/documents/document_folds.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { pairFile } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { writeReport } from "../reports/report.ts";
import type { StudyOptions } from "../studies/options.ts";
import { silentReporter } from "../studies/reporter.ts";
import { runStudy } from "../studies/run_study.ts";
import { points } from "../studies/search/space.ts";
import { packStudy } from "./pack_study.ts";
import { verifyStudy } from "./verify_study.ts";

const text = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");
const verses = Array.from({ length: 60 }, (_, i) => `thou hast ${i % 40} ships\tyou have ${i}\n`)
  .join("");

const optimizer = adam({ learningRate: 0.01 });

type Study = Pick<StudyOptions, "specify" | "folds">;

/** A study on a text file of the project. */
const onText = () => ({
  specify: () => ({
    corpus: textFile("text/whales.txt", { licence: "CC0-1.0" }),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
    optimizer,
    training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
  }),
  folds: blockedFolds({ count: 2 }),
});

/** A study on a file of pairs. */
const onPairs = () => ({
  specify: () => ({
    corpus: pairFile("text/verses.tsv"),
    tokenizer: pairTokenizer({ source: characters(), target: characters() }),
    model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 6 }),
    optimizer,
    training: { steps: 4, batchSize: 4, evaluateEvery: 2, decodedPairs: 2 },
  }),
  folds: groupedFolds({ count: 2 }),
});

/** A study on the files of a folder, by the authors in their names. */
const onDocuments = async () => {
  await Deno.mkdir("text/letters");
  for (let at = 0; at < 12; at++) {
    const path = `text/letters/${1810 + at}_author${at % 4}.txt`;
    await Deno.writeTextFile(path, `Dear ${at}, ${text.slice(40 * at, 40 * at + 90)}`);
  }
  const pathExpression = "(?<time>\\d+)_(?<group>\\w+)\\.txt$";
  return {
    specify: () => ({
      ...onText().specify(),
      corpus: documentFolder("text/letters/*.txt", { pathExpression }),
    }),
    folds: documentFolds({ by: "group", count: 2, finalShare: 0.3 }),
  };
};

/** Runs a study in a project of its own, and uses its folder when it was packed. */
function withPacked(
  study: () => Study | Promise<Study>,
  withText: boolean,
  use: (packed: Awaited<ReturnType<typeof packStudy>>, project: string) => Promise<void>,
): Promise<void> {
  return inTemporaryProject(async (project) => {
    await Deno.mkdir(join(project, "text"));
    await Deno.writeTextFile(join(project, "text", "whales.txt"), text);
    await Deno.writeTextFile(join(project, "text", "verses.tsv"), verses);
    const { folder } = await runStudy({
      name: "given/away",
      project,
      space: points([{}]),
      seeds: [1],
      workers: 1,
      reporter: silentReporter,
      ...await study(),
    });
    await writeReport(folder);
    await Deno.writeTextFile(join(folder, "notes.txt"), "for me alone");
    await use(await packStudy("given/away", { withText, project }), project);
  });
}

/** What verifying a packed study finds in another project, which has neither its text nor its name. */
async function verifiedElsewhere(packed: string): Promise<{ problems: string[]; said: string }> {
  const found = { problems: [] as string[], said: "" };
  await inTemporaryProject(async (project) => {
    await copyFolder(packed, join(project, "results", "given", "away"));
    const parts = await verifyStudy("given/away", { project, sample: 1 });
    found.problems = parts.flatMap(({ problems }) => problems);
    found.said = parts.flatMap(({ what, notes }) => [what, ...notes]).join("\n");
  });
  return found;
}

for (
  const [what, study, file] of [["a text", onText, "whales"], ["pairs", onPairs, "verses"]] as const
) {
  Deno.test(`report.md 6: a study on ${what} that was packed with its text trains again in another project`, () =>
    withPacked(study, true, async ({ folder, leftOut, needs }, project) => {
      assert.equal(folder, join(project, "packed", "given", "away"));
      assert.deepEqual(leftOut, ["notes.txt"]);
      const [{ sha256, source, found }] = needs.texts;
      assert.deepEqual([source.startsWith(`file text/${file}.`), found], [true, "elsewhere"]);
      const given = await Deno.readTextFile(join(folder, "text", `${sha256}.txt`));
      assert.equal(given, file === "whales" ? text : verses);
      const { problems, said } = await verifiedElsewhere(folder);
      assert.deepEqual(problems, []);
      assert.match(said, /text and modules that came along: SHA-256 of 1 file\n/);
      assert.match(said, /^run [0-9a-f]{12} trained again on wasm: the same bits$/m);
      assert.match(said, /^NEEDS\.md: every number and text/m);
      assert.doesNotMatch(said, /nothing of the study names/);

      // Another text under the same name is no text of this study.
      await Deno.writeTextFile(join(folder, "text", `${sha256}.txt`), `${given}x`);
      const changed = (await verifiedElsewhere(folder)).problems.join("\n");
      assert.match(changed, /^text\/[0-9a-f]{64}\.txt has another SHA-256 than the study names/m);
      assert.match(changed, /there is no file "text\//);
      await assert.rejects(packStudy("given/away", { project }), Deno.errors.AlreadyExists);
    }));
}

Deno.test("a study that was packed without its text says what it needs, and verifies but for that", () =>
  withPacked(onText, false, async ({ folder, needs: { texts: [{ sha256 }] } }) => {
    assert.ok(!await Deno.stat(join(folder, "text")).then(() => true, () => false));
    const needs = (await Deno.readTextFile(join(folder, "NEEDS.md"))).replace(/\s+/g, " ");
    for (const said of ["text/whales.txt", sha256, "licence: CC0-1.0", "Parsimony 0."]) {
      assert.ok(needs.includes(said), said);
    }
    const page = await Deno.readTextFile(join(folder, "report.html"));
    assert.match(page, /<h3>To train it elsewhere<\/h3>/);
    assert.ok(page.includes(sha256));
    await inTemporaryProject(async (project) => {
      await copyFolder(folder, join(project, "results", "given", "away"));
      const parts = await verifyStudy("given/away", { project });
      const problems = parts.flatMap(({ problems }) => problems);
      assert.equal(problems.length, 1);
      assert.match(problems[0], /^Corpus "text\/whales.txt": there is no file/);
    });
  }));

Deno.test("a text that is in the study itself is not packed a second time", () =>
  withPacked(
    () => ({
      ...onText(),
      specify: () => ({ ...onText().specify(), corpus: inlineText(text) }),
    }),
    true,
    async ({ folder, needs }) => {
      assert.equal(needs.texts[0].found, "study");
      assert.ok(!await Deno.stat(join(folder, "text")).then(() => true, () => false));
      assert.deepEqual((await verifiedElsewhere(folder)).problems, []);
    },
  ));

Deno.test("a text of a catalogue that another project does not have is found by its SHA-256, and its source is said to be the study's word", () =>
  withPacked(
    async () => {
      await addDataset("whales", "text/whales.txt", { kind: "text", licence: "CC0-1.0" });
      return { ...onText(), specify: () => ({ ...onText().specify(), corpus: corpus("whales") }) };
    },
    true,
    async ({ folder }) => {
      const { problems, said } = await verifiedElsewhere(folder);
      assert.deepEqual(problems, []);
      assert.match(said, /its source is the word of study\.json: no catalogue here names "whales"/);
      assert.match(said, /trained again on wasm: the same bits/);
    },
  ));

Deno.test("verify says where a module lies that came along, which links there are, and what a sample leaves", () =>
  inTemporaryProject(async (project) => {
    const configuration = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
    configuration.imports.parsimony = new URL("../mod.ts", import.meta.url).href;
    await Deno.writeTextFile(join(project, "deno.json"), JSON.stringify(configuration));
    await Deno.mkdir(join(project, "parts"));
    const module = "parts/logarithm.ts";
    const documented = documentedFiles("docs/own-parts.md");
    const optimizer = "parts/adam.ts";
    const modules = [module, optimizer];
    const writeModules = async () => {
      for (const file of modules) await Deno.writeTextFile(join(project, file), documented[file]);
    };
    await writeModules();
    await Deno.mkdir(join(project, "text"));
    await Deno.writeTextFile(join(project, "text", "whales.txt"), text);
    const { specify, folds } = onText();
    await runStudy({
      ...{ name: "mine", project, folds, seeds: [1], workers: 1, reporter: silentReporter },
      space: points([{}]),
      specify: () => ({
        ...specify(),
        penalties: [ownPenalty({ module, strength: 1e-3 })],
        optimizer: ownOptimizer({ module: optimizer, learningRate: 0.01 }),
      }),
    });
    const { folder } = await packStudy("mine", { withModules: true, project });
    for (const file of modules) await Deno.remove(join(project, file));
    await Deno.remove(join(project, "results", "mine"), { recursive: true });
    await copyFolder(folder, join(project, "results", "mine"));
    await Deno.symlink("/etc/passwd", join(project, "results", "mine", "notes.txt"));
    const said = async (sample: number) =>
      (await verifyStudy("mine", { project, sample }))
        .flatMap(({ what, problems, notes }) => [what, ...problems, ...notes]).join("\n");
    const before = await said(1);
    for (const file of modules) {
      assert.ok(before.includes(`modules/${file} came along with the study: read it, and copy`));
    }
    assert.match(before, /^notes\.txt is a link, to what may lie anywhere$/m);
    await writeModules();
    const after = await said(1);
    assert.match(
      after,
      /^sample: 1 run of 3, chosen by seed 1\nnothing here shows .* other 2 are/m,
    );
    assert.match(after, /trained again on wasm: the same bits/);
    assert.match(await said(3), /^sample: 3 runs of 3, chosen by seed 1\nrun /m);
  }));

Deno.test("a study on the files of a folder that was packed with them trains again in another project", () =>
  withPacked(onDocuments, true, async ({ folder, needs }) => {
    const [{ sha256, source }] = needs.texts;
    assert.equal(source, "files text/letters/*.txt");
    const given = await Deno.readTextFile(join(folder, "text", `${sha256}.txt`));
    assert.match(given, /^\{"path":"text\/letters\/1810_author0\.txt","text":"Dear 0, call me/);
    const { problems, said } = await verifiedElsewhere(folder);
    assert.deepEqual(problems, []);
    assert.match(said, /^run [0-9a-f]{12} trained again on wasm: the same bits$/m);
  }));
