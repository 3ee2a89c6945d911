import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { adam } from "../optimizers/adam.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { reportDocument } from "../reports/document.ts";
import { showFindings } from "../reports/show.ts";
import { showReportSection } from "../reports/show_section.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { arms } from "./search/arms.ts";
import { linearRange, logRange } from "./search/dimensions.ts";
import { runStudy } from "./run_study.ts";
import type { StudyOptions } from "./options.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy, text } from "./_testing/small_study.ts";

const learningRate = logRange(1e-3, 3e-2);

function armsStudy(project: string | undefined, changes: Partial<StudyOptions> = {}): StudyOptions {
  return smallStudy(project, {
    name: "arms",
    space: arms({
      none: { dimensions: { learningRate } },
      decay: { parent: "none", dimensions: { learningRate, alpha: logRange(0.03, 3) } },
      dropout: { parent: "none", dimensions: { learningRate, dropout: linearRange(0, 0.5) } },
    }, { count: 3, seed: 1 }),
    specify: ({ learningRate, alpha = 0, dropout = 0 }) => ({
      corpus: inlineText(text),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 4, outputDropout: dropout }),
      penalties: [decoupledWeightDecay({ strength: alpha })],
      optimizer: adam({ learningRate }),
      training: { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3 },
    }),
    folds: blockedFolds({ count: 3, choosing: true }),
    ...changes,
  });
}

Deno.test("A study of three arms trains, chooses on one block and scores on another, and has a report", () =>
  withProject(async (project) => {
    const study = await runStudy(armsStudy(project));
    assert.equal(study.record.baseline, null);
    assert.deepEqual([study.record.select.kind, study.record.select.axes], ["mean", []]);
    const folds = study.records.filter(({ fold }) => fold !== "final");
    assert.equal(folds.length, 3 * 3 * 3);
    assert.ok(folds.every(({ curve }) => curve.every((at) => Number.isFinite(at.choosingLoss))));

    const found = compareArms(study);
    assert.equal(found.chosenBy, "choosingBlock");
    assert.deepEqual(found.verdicts.map(({ arm, parent }) => [arm, parent]), [
      ["decay", "none"],
      ["dropout", "none"],
    ]);
    assert.ok(found.arms.every(({ flops }) => flops! > 0));
    assert.equal(found.equalFlops.state, "same");
    // What is chosen for a fold has the lowest loss on its choosing block of all points and steps.
    for (const { arm, tuning } of found.arms) {
      assert.equal(tuning.state, "tuned");
      for (const { fold, point, step } of tuning.choices) {
        const own = folds.filter((run) => run.fold === fold && run.point.arm === arm.name);
        const lowest = Math.min(
          ...own.flatMap(({ curve }) => curve.map(({ choosingLoss }) => choosingLoss!)),
        );
        const chosen = own.find((run) => run.point.learningRate === point.learningRate)!;
        const at = chosen.curve.find((each) => each.step === step)!;
        assert.equal(at.choosingLoss, lowest);
        const reading = tuning.readings.find((each) => each.fold === fold)!;
        assert.equal(reading.value, at.heldOutLoss);
      }
    }
    // The root's choice and that of the best arm are refitted; the final block has no choosing block.
    const refits = study.records.filter(({ fold }) => fold === "final");
    assert.ok(refits.some(({ point }) => point.arm === "none"));
    assert.ok(refits.length <= 2);

    const document = reportDocument(study, null);
    const markdown = renderMarkdown(
      document,
      document.figures.map((_, at) => ({ light: `figures/${at}.png`, dark: `figures/${at}b.png` })),
    );
    assert.match(markdown, /## Arms, tuned against tuned/);
    assert.match(markdown, /The study asks which of 3 arms has the lowest validation loss/);
    assert.match(markdown, /On this text|is withheld/);
    assert.match(markdown, /dropout − decay/);
    assert.match(markdown, /A second block of each fold is held out as well/);
    assert.match(markdown, /\| fold \| training \| held out \| chooses \|/);
    assert.doesNotMatch(markdown, /NaN|undefined|\bnull\b.*nats/);
    assert.match(String(showFindings(study)), /^- All 27 runs.*\n- The study asks which of 3 arms/);
    assert.match(String(showReportSection(study, "arms")), /What was chosen for each fold/);
    assert.throws(() => showReportSection(study, "selection"), /must be one of .*"arms"/);

    // A larger count trains only what is new.
    const space = arms({
      none: { dimensions: { learningRate } },
      decay: { parent: "none", dimensions: { learningRate, alpha: logRange(0.03, 3) } },
      dropout: { parent: "none", dimensions: { learningRate, dropout: linearRange(0, 0.5) } },
    }, { count: 4, seed: 1 });
    const grown = await runStudy(armsStudy(project, { space }));
    const known = new Set(folds.map(({ id }) => id));
    const after = grown.records.filter(({ fold }) => fold !== "final");
    assert.equal(after.length, 3 * 4 * 3);
    assert.equal(after.filter(({ id }) => known.has(id)).length, 27);
    const wide = logRange(1e-3, 1e-1);
    const wider = arms({
      none: { dimensions: { learningRate: wide } },
      decay: { parent: "none", dimensions: { learningRate: wide, alpha: logRange(0.03, 3) } },
    }, { count: 4, seed: 1 });
    await assert.rejects(
      runStudy(armsStudy(project, { space: wider })),
      /exists with another definition.*arms\.none\.dimensions\.learningRate\.to is 0\.03, now 0\.1.*another name/s,
    );
  }));
