import assert from "node:assert/strict";
import { join } from "node:path";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { documentFolds } from "../data/documents/document_folds.ts";
import { jsonLinesFile } from "../data/documents/json_lines_file.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { writeReport } from "../reports/report.ts";
import { silentReporter } from "../studies/reporter.ts";
import { runStudy } from "../studies/run_study.ts";
import { grid } from "../studies/search/space.ts";
import { contents, edit, putBack, said, wrong } from "./_testing/changed_study.ts";
import { verifyStudy } from "./verify_study.ts";

/** Letters, of which two are nearly the same; the last one has a character that no other has. */
const letters = Array.from({ length: 24 }, (_, at) => ({
  text: `Dear 鯨 ${at}, I saw ${at * at} whales and ${at % 7} ships, 🐋 and sailed on. `
    .repeat(1 + at % 3).replaceAll("saw", `saw${"abcdefghijklmnopqrstuvwx"[at].repeat(at)}`) +
    (at === 23 ? "ø" : ""),
  by: `author ${at % 8}`,
  sent: 1800 + at,
}));
letters[21] = { ...letters[21], text: `${letters[2].text}Yours, J.` };

const run = (change: (run: any) => void) =>
  edit("runs.jsonl", (content) => {
    const [line, ...others] = content.split("\n");
    const record = JSON.parse(line);
    change(record);
    return [JSON.stringify(record), ...others].join("\n");
  });

const definition = (change: (study: any) => void) =>
  edit("study.json", (content) => {
    const study = JSON.parse(content);
    change(study);
    return `${JSON.stringify(study, null, 2)}\n`;
  });

type Changes = { readonly [what: string]: (folder: string) => Promise<unknown> };

/** Each is one number of a record that no other number of it contradicts. */
const ofRuns: Changes = {
  "characters of the training text": run(({ tokens }) => tokens.text.training.characters++),
  "characters of the held-out text": run(({ tokens }) => tokens.text.heldOut.characters++),
  "what writing out unknown ones costs": run(({ tokens }) => tokens.text.heldOut.spelling += 1e-6),
  "tokens of the training text": run(({ tokens }) => {
    tokens.training++;
    tokens.text.training.tokens++;
  }),
  "the entropy": run(({ tokens }) => tokens.unigramEntropy += 1e-9),
  "the share of unknown tokens": run(({ tokens }) => tokens.unknownShare += 1e-9),
  "their share in training": run(({ tokens }) => tokens.trainingUnknownShare += 1e-9),
  "tokens of the cost, with its operations": run(({ cost }) => {
    cost.flops = cost.flops / cost.tokens * (cost.tokens + 1);
    cost.tokens++;
  }),
};

const ofFolds: Changes = {
  "a repeated share": definition(({ repeated }) => repeated.shares[0] += 1e-6),
  "the length of what is repeated": definition(({ repeated }) => repeated.length++),
  "how many documents there are": definition(({ documents }) => documents.count++),
  "the similarity": definition(({ documents }) => documents.similarity = 0.99),
  "documents that train": definition(({ documents }) => documents.folds[0].training++),
  "documents that are held out": definition(({ documents }) => documents.folds[1].heldOut--),
  "documents that are nearly the same": definition(({ documents }) =>
    documents.folds.at(-1).nearDuplicates++
  ),
  "an example": definition(({ documents }) => documents.examples[0].similarity = 0.81),
  "no example": definition(({ documents }) => documents.examples = []),
};

/** Runs a study of letters and says of each change, with the report written anew, what verify finds. */
function verified(
  folds: Parameters<typeof documentFolds>[0],
  training: object,
  use: (outcomeOf: (changes: Changes) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  return inTemporaryProject(async (project) => {
    const lines = letters.map((line) => `${JSON.stringify(line)}\n`).join("");
    await Deno.writeTextFile(join(project, "letters.jsonl"), lines);
    const { folder } = await runStudy({
      name: "letters",
      project,
      space: grid({ learningRate: [0.01] }),
      specify: ({ learningRate }) => ({
        corpus: jsonLinesFile("letters.jsonl", { group: "by", time: "sent" }),
        tokenizer: characters({ minimumCount: 3 }),
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        optimizer: adam({ learningRate }),
        training: {
          ...{ steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3 },
          ...{ documentWindows: "inside", ...training },
        },
      }),
      folds: documentFolds(folds),
      seeds: [1],
      workers: 1,
      shareRuns: false,
      reporter: silentReporter,
    });
    await writeReport(folder);
    const kept = await contents(folder);
    const clean = await verifyStudy("letters", { project });
    assert.deepEqual(wrong(clean), []);
    assert.match(said(clean), /their documents, looked for again/);
    assert.match(said(clean), /text of \d+ runs: tokens, entropy, sizes/);
    await use(async (changes) => {
      const unseen: string[] = [];
      for (const [what, make] of Object.entries(changes)) {
        await make(folder);
        await writeReport(folder);
        const problems = wrong(await verifyStudy("letters", { project }));
        if (problems.length === 0) unseen.push(what);
        await putBack(folder, kept);
      }
      return unseen;
    });
  });
}

Deno.test("verify counts the text of runs on documents again, without training", () =>
  verified(
    { by: "document", count: 2, finalShare: 0 },
    { sampling: "epochs" },
    async (unseenOf) => assert.deepEqual(await unseenOf({ ...ofRuns, ...ofFolds }), []),
  ));

Deno.test("verify looks again for documents by group and what was left out, of draws too", () =>
  verified(
    { by: "group", count: 3, finalShare: 0, choosing: true, dropNearDuplicates: true },
    {},
    async (unseenOf) =>
      assert.deepEqual(
        await unseenOf({
          "tokens of the cost, with its operations":
            ofRuns["tokens of the cost, with its operations"],
          "groups": definition(({ documents }) => documents.groups--),
          "groups that are held out": definition(({ documents }) => documents.folds[0].groups++),
          "documents that were left out": definition(({ documents }) =>
            documents.folds[0].dropped++
          ),
          "documents that choose": definition(({ documents }) =>
            documents.folds[0].choosing.documents++
          ),
          "copies among them": definition(({ documents }) =>
            documents.folds[0].choosing.nearDuplicates++
          ),
          "nothing of those that choose": definition(({ documents }) =>
            delete documents.folds[0].choosing
          ),
        }),
        [],
      ),
  ));

Deno.test("verify believes older studies, which do not tell what chooses", async () => {
  for (const by of ["document", "time"] as const) {
    await verified(
      { by, count: 3, finalShare: 0, choosing: true },
      {},
      async (unseenOf) =>
        assert.deepEqual(
          await unseenOf({
            "nothing of what chooses": definition(({ documents }) =>
              documents.folds.forEach((fold: any) => {
                delete fold.choosing;
                delete fold.times?.choosing;
              })
            ),
            "documents that train": ofFolds["documents that train"],
          }),
          ["nothing of what chooses"],
        ),
    );
  }
});

Deno.test("verify looks again at the documents of folds by time and of a final block", () =>
  verified(
    { by: "time", count: 2, finalShare: 0.2, dropNearDuplicates: true },
    {},
    async (unseenOf) =>
      assert.deepEqual(
        await unseenOf({
          "what trains last": definition(({ documents }) =>
            documents.folds[0].times.trainedTo = "1799"
          ),
          "documents that train": ofFolds["documents that train"],
        }),
        [],
      ),
  ));
