import assert from "node:assert/strict";
import { join } from "node:path";
import { documentFolds } from "../data/documents/document_folds.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { writeReport } from "../reports/report.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy } from "./study.ts";

const documents = Array.from(
  { length: 24 },
  (_, i) => ({ text: `Né ${i % 7} 鲸 🐋, ${i * i} whales were<|turn|> seen.\nAnd ${i} sails.` }),
);

function study(project: string, changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    name: "infilling",
    project,
    space: grid({ rate: [0, 0.9] }),
    specify: ({ rate }) => ({
      corpus: inlineDocuments(documents),
      tokenizer: bytePairs({ vocabularySize: 290, specialTokens: ["<|turn|>"] }),
      model: transformerLanguageModel({ embeddingSize: 4, heads: 2, layers: 1, blockSize: 16 }),
      optimizer: adam({ learningRate: 0.01 }),
      training: {
        ...{ steps: 6, batchSize: 4, windowLength: 16, evaluateEvery: 3 },
        documentWindows: "inside",
        fillInTheMiddle: { rate: rate as number, heldOutPieces: 5 },
        samples: { count: 1, length: 8, promptLength: 4 },
      },
    }),
    folds: documentFolds({ by: "document", count: 2, finalShare: 0 }),
    seeds: [1],
    baseline: { rate: 0 },
    workers: 2,
    shareRuns: false,
    keepWeights: "all",
    reporter: silentReporter,
    ...changes,
  };
}

Deno.test("an axis of rates is one of strengths, its runs are measured, reported, verified and read back, whoever trains them", () =>
  withProject(async (project) => {
    const found = await runStudy(study(project));
    assert.ok(found.records.every(({ status }) => status === "completed"));
    const [axis] = axesOfStudy(found.record);
    assert.deepEqual([axis.name, axis.role, axis.simpler], ["rate", "strength", "larger"]);
    for (const fold of [0, 1]) {
      const [[plain], [infilling]] = [0, 0.9].map((rate) => found.runs({ point: { rate }, fold }));
      assert.equal(plain.infilling, undefined);
      assert.equal(infilling.infilling!.pieces, 5);
      assert.deepEqual(infilling.tokens.text, plain.tokens.text);
      assert.equal(infilling.tokens.vocabulary, plain.tokens.vocabulary + 3);
      assert.ok(infilling.cost!.tokens < plain.cost!.tokens);
    }
    using model = await found.model({ point: { rate: 0.9 }, fold: 0, seed: 1 });
    assert.deepEqual(model.vocabulary.tokens.slice(-3), [
      ...["<|prefix|>", "<|suffix|>", "<|middle|>"],
    ]);
    const asked = { prompt: "鲸 ", suffix: " 🐋", length: 9, seed: 1 };
    assert.equal(Array.from(model.stream(asked)).join(""), model.generate(asked));

    const alone = await runStudy(study(project, { name: "alone", workers: 1 }));
    assert.equal(alone.digest(), found.digest());
    const path = await writeReport(loadStudy("infilling", { project }));
    const html = await Deno.readTextFile(String(path));
    assert.match(
      html,
      /Filling in the middle \(Bavarian et al\. 2022\), at the points that have it/,
    );
    assert.match(html, /fill in the middle \(0, 0\.9\)/);
    assert.match(html, /no regularization/);
    assert.match(html, /filled in exactly/);
    const problems = async () =>
      (await verifyStudy("infilling", { project, sample: 4 })).flatMap(({ problems }) => problems);
    assert.deepEqual(await problems(), []);

    // A record whose infilling is another one is found by training it again.
    const journal = join(found.folder, "runs.jsonl");
    const lines = (await Deno.readTextFile(journal)).split("\n");
    const changed = lines.map((line) => {
      if (!line.includes('"infilling":')) return line;
      const run = JSON.parse(line);
      run.infilling.loss += 0.1;
      return JSON.stringify(run);
    });
    await Deno.writeTextFile(journal, changed.join("\n"));
    assert.match((await problems()).join("\n"), /infilling/);
  }));
