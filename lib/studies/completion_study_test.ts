import assert from "node:assert/strict";
import { join } from "node:path";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { writeReport } from "../reports/report.ts";
import { showSamples } from "../reports/show.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid, points } from "./search/space.ts";
import { withOwnProject } from "./_testing/own_parts.ts";
import { withProject } from "./_testing/parts.ts";

const pairs = Array.from(
  { length: 60 },
  (_, index): TextPair => [`thou hast ${index % 40} ships`, `you have ${index % 40} <b>ships</b>`],
);
const tokenizer = completionTokenizer({
  tokenizer: characters(),
  maximumSourceLength: 20,
  maximumTargetLength: 30,
});

function promptStudy(project: string, changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    name: "prompts",
    project,
    space: grid({ lambda: [0, 1e-2] }),
    specify: ({ lambda }) => ({
      corpus: inlinePairs(pairs),
      tokenizer,
      model: transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 51 }),
      penalties: [proximalL1({ strength: lambda })],
      optimizer: adam({ learningRate: 0.01 }),
      training: {
        ...{ steps: 6, batchSize: 4, evaluateEvery: 3, decodedPairs: 5 },
        metrics: ["bleu", "rougeL"],
      },
    }),
    folds: groupedFolds({ count: 2 }),
    seeds: [1],
    workers: 2,
    reporter: silentReporter,
    ...changes,
  };
}

Deno.test("runStudy trains, selects and refits over prompts, the same with 1 worker and with 2; it is verified, and its report says what the loss counts", () =>
  withProject(async (project) => {
    const study = await runStudy(promptStudy(project));
    const again = await runStudy(promptStudy(project, { name: "again", workers: 1 }));
    assert.equal(again.digest(), study.digest());
    const { corpus, finalFold } = study.record;
    const tokens = pairs.reduce((sum, [, target]) => sum + target.length + 1, 0);
    assert.deepEqual([corpus.pairs, corpus.tokens], [60, tokens]);
    assert.deepEqual(finalFold!.heldOut, [{ start: 54, end: 60 }]);
    for (const { status, error, pairs, samples, fold } of study.records) {
      assert.equal(status, "completed", error ?? "");
      const { bleu, rougeL, ...written } = pairs!.written!;
      assert.equal(written.pairs, 5);
      assert.ok(bleu! >= 0 && bleu! < 100 && rougeL! >= 0 && rougeL! < 1);
      assert.equal(samples.length, 3);
      assert.ok(fold !== "final" || pairs!.heldOut === 6);
    }
    const { samples } = study.records.find(({ fold, point }) =>
      fold === "final" && point.lambda === 0
    )!;
    const model = await study.model({ point: { lambda: 0 }, fold: "final", seed: 1 });
    const [{ prompt, text }] = samples;
    const written = model.generate({ prompt, length: 40, temperature: 0, seed: 1 });
    assert.equal(written.slice(0, text.length), text);
    model.dispose();
    await assert.rejects(study.texts(0), /of study prompts: it is about pairs/);

    await writeReport(study);
    const html = await Deno.readTextFile(join(project, "results", "prompts", "report.html"));
    assert.match(html, /60 pairs/);
    assert.match(html, /loss counts the tokens of the completion and its end/);
    assert.match(html, /one vocabulary, of both sides/);
    assert.match(html, />BLEU</);
    assert.match(html, />ROUGE-L</);
    assert.ok(html.includes("you have 39 &lt;b&gt;ships&lt;/b&gt;"));
    const visible = html.replace(/<script[\s\S]*?<\/script>/g, "");
    assert.ok(!/undefined|NaN|\[object Object\]/.test(visible));
    assert.match(String(showSamples(study)), /thou hast/);
    const parts = await verifyStudy("prompts", { project });
    assert.deepEqual(parts.flatMap(({ problems }) => problems), []);
  }));

Deno.test("a model of prompts learns from another, and the mean of both seeds is measured and writes", () =>
  withProject(async (project) => {
    const teacher = { size: 8 };
    const study = await runStudy(promptStudy(project, {
      space: points([teacher, { size: 5 }]),
      specify: ({ size }) => ({
        corpus: inlinePairs(pairs),
        tokenizer,
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: Number(size) }),
        optimizer: adam({ learningRate: 0.01 }),
        training: {
          ...{ steps: 6, batchSize: 4, evaluateEvery: 3, decodedPairs: 5 },
          teacher: size === 5 ? { point: teacher, share: 0.5, temperature: 2 } : null,
        },
      }),
      seeds: [1, 2],
      ensembles: [{ point: teacher }],
    }));
    for (const { status, error } of study.records) assert.equal(status, "completed", error ?? "");
    assert.ok(study.records.some(({ teachers }) => teachers?.length === 1));
    assert.ok(study.ensembles.length >= 2);
    for (const { fold, final, pairs } of study.ensembles) {
      const losses = study.runs({ point: teacher, fold }).map((run) => run.final!.heldOutLoss);
      assert.ok(final!.heldOutLoss <= (losses[0] + losses[1]) / 2);
      assert.equal(pairs!.written!.pairs, 5);
    }
    const members = await Promise.all(
      [1, 2].map((seed) => study.model({ point: teacher, fold: 0, seed })),
    );
    using mean = meanOfModels(members);
    const [prompt, completion] = pairs[0];
    assert.ok(mean.crossEntropy(completion, prompt) > 0);
    assert.ok(mean.generate({ prompt, length: 4, temperature: 0, seed: 1 }).length <= 4);
    const parts = await verifyStudy("prompts", { project });
    assert.deepEqual(parts.flatMap(({ problems }) => problems), []);
  }));

Deno.test("a model of one's own learns prompts and writes completions", () =>
  withOwnProject({}, async (project) => {
    const study = await runStudy(promptStudy(project, {
      specify: ({ lambda }) => ({
        corpus: inlinePairs(pairs),
        tokenizer,
        model: ownModel({ module: "parts/bigram.ts" }),
        penalties: [proximalL1({ strength: lambda })],
        optimizer: adam({ learningRate: 0.01 }),
        training: { steps: 6, batchSize: 4, evaluateEvery: 3, decodedPairs: 5 },
      }),
    }));
    for (const { status, error } of study.records) assert.equal(status, "completed", error ?? "");
    const [{ samples: [{ prompt, text }] }] = study.runs({ point: { lambda: 0 }, fold: 0 });
    using model = await study.model({ point: { lambda: 0 }, fold: 0, seed: 1 });
    const written = model.generate({ prompt, length: 40, temperature: 0, seed: 1 });
    assert.equal(written.slice(0, text.length), text);
  }));

Deno.test("runStudy refuses folds of texts for prompts, and names what serves", () =>
  withProject(async (project) => {
    await assert.rejects(
      runStudy(promptStudy(project, { folds: blockedFolds({ count: 2 }) })),
      /groupedFolds.*must be "grouped", found "blocked"/,
    );
  }));
