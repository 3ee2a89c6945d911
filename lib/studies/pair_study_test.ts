import assert from "node:assert/strict";
import { join } from "node:path";
import { documentFolds } from "../data/documents/document_folds.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { writeReport } from "../reports/report.ts";
import { showSamples } from "../reports/show.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

const pairs = Array.from(
  { length: 60 },
  (_, index): TextPair => [`thou hast ${index % 40} ships`, `you have ${index % 40} <b>ships</b>`],
);

function pairStudy(project: string, changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    name: "pairs",
    project,
    space: grid({ lambda: [0, 1e-2] }),
    specify: ({ lambda }) => ({
      corpus: inlinePairs(pairs),
      tokenizer: pairTokenizer({ source: characters(), target: characters() }),
      model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [proximalL1({ strength: lambda })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 6, batchSize: 4, evaluateEvery: 3, decodedPairs: 5 },
    }),
    folds: groupedFolds({ count: 2 }),
    seeds: [1],
    workers: 2,
    reporter: silentReporter,
    ...changes,
  };
}

Deno.test("runStudy trains, selects and refits over pairs, the same with 1 worker and with 2, and its report stands", () =>
  withProject(async (project) => {
    const study = await runStudy(pairStudy(project));
    const again = await runStudy(pairStudy(project, { name: "again", workers: 1 }));
    assert.equal(again.digest(), study.digest());
    const { corpus, finalFold, baseline } = study.record;
    // Each target and its end token: the numbers 0 to 19 twice, 20 to 39 once.
    const tokens = pairs.reduce((sum, [, target]) => sum + target.length + 1, 0);
    assert.deepEqual([corpus.pairs, corpus.tokens], [60, tokens]);
    assert.deepEqual(finalFold!.heldOut, [{ start: 54, end: 60 }]);
    assert.deepEqual(baseline, { lambda: 0 });
    assert.ok(study.records.length >= 5);
    for (const { status, error, pairs, samples, fold } of study.records) {
      assert.equal(status, "completed", error ?? "");
      assert.equal(pairs!.written!.pairs, 5);
      assert.equal(samples.length, 3);
      assert.ok(fold !== "final" || pairs!.heldOut === 6);
    }
    const model = await study.model({ point: { lambda: 0 }, fold: "final", seed: 1 });
    const [{ prompt, text }] = study.records.find(({ fold, point }) =>
      fold === "final" && point.lambda === 0
    )!.samples;
    const { maximumLength } = { maximumLength: 25 };
    assert.equal(
      model.generate({ prompt, length: maximumLength, temperature: 0, seed: 1 }).slice(
        0,
        text.length,
      ),
      text,
    );
    model.dispose();
    await assert.rejects(study.texts(0), /of study pairs: it is about pairs/);

    await writeReport(study);
    const html = await Deno.readTextFile(join(project, "results", "pairs", "report.html"));
    assert.match(html, /60 pairs/);
    assert.match(html, /lstmSequenceToSequence/);
    assert.ok(
      html.includes("you have 39 &lt;b&gt;ships&lt;/b&gt;"),
      "true targets are shown, escaped",
    );
    assert.ok(
      !/undefined|NaN|\[object Object\]/.test(html.replace(/<script[\s\S]*?<\/script>/g, "")),
    );
    assert.match(String(showSamples(study)), /thou hast/);
  }));

Deno.test("runStudy refuses folds of texts for pairs and folds of pairs for texts, and names what serves", () =>
  withProject(async (project) => {
    await assert.rejects(
      runStudy(pairStudy(project, { folds: blockedFolds({ count: 2 }) })),
      /groupedFolds.*must be "grouped", found "blocked"/,
    );
    await assert.rejects(
      runStudy(smallStudy(project, { folds: groupedFolds({ count: 2 }) })),
      /must be "blocked", found "grouped": groupedFolds folds pairs, a text is folded by blockedFolds/,
    );
    await assert.rejects(
      runStudy(pairStudy(project, { folds: documentFolds({ by: "document", count: 2 }) })),
      /pairs are folded by groupedFolds or fixedSplit, without a unit or .*, found documentFolds\. Pairs of one/,
    );
  }));
