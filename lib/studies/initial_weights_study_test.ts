import assert from "node:assert/strict";
import { join } from "node:path";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { writeReport } from "../reports/report.ts";
import { mayHaveRead } from "../statistics/describe_initial_weights.ts";
import { textWarnings } from "../statistics/text_warnings.ts";
import { pretrainedModel } from "../training/pretrained_model.ts";
import { withModelFolder } from "../training/testing/model_folders.ts";
import { givenWeights, type InitialWeights } from "../training/initial_weights_options.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid, points } from "./search/space.ts";
import { loadStudy } from "./study.ts";

const text = Array.from({ length: 90 }, (_, i) => `${i % 7} whales were ${i * i} seen.\n`).join("");
const halves = [0, 900].map((start) => inlineText(text, { excerpt: { start, length: 900 } }));
const first = { size: 3 };

function study(
  project: string,
  name: string,
  initialWeights?: InitialWeights,
  changes: Partial<StudyOptions> & { readonly corpus?: (typeof halves)[number] } = {},
): StudyOptions {
  const { corpus = inlineText(text), ...others } = changes;
  return {
    name,
    project,
    space: points([first]),
    specify: ({ size }) => ({
      corpus,
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 3, hiddenSize: size as number }),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
      ...(initialWeights && { initialWeights }),
    }),
    folds: blockedFolds({ count: 2, finalShare: 0.2 }),
    seeds: [1, 2],
    workers: 2,
    shareRuns: false,
    keepWeights: "all",
    reporter: silentReporter,
    ...others,
  };
}

const from = (change: object = {}): InitialWeights => ({
  from: { study: "first", point: first, seed: 2, ...change },
});

const problemsOf = async (name: string, project: string, sample?: number) =>
  (await verifyStudy(name, { project, ...(sample && { sample }) }))
    .flatMap(({ what, problems }) => problems.map((each) => `${what}: ${each}`)).join("\n");

Deno.test("each fold of a study begins with what another study ended with on it, which is resumed, reported and verified", () =>
  withProject(async (project) => {
    const before = await runStudy(study(project, "first"));
    const options = study(project, "second", from());
    const second = await runStudy(options);
    for (const fold of [0, 1, "final"] as const) {
      const ended = before.records.find((run) => run.fold === fold && run.seed === 2)!;
      for (const run of second.records.filter((each) => each.fold === fold)) {
        assert.equal(run.status, "completed");
        assert.equal(run.curve[0].heldOutLoss, ended.final!.heldOutLoss, `fold ${fold}`);
        assert.deepEqual(run.initialRows, { ofMean: 0, leftOut: 0 });
      }
    }
    const [{ initialWeights }] = second.record.specifications as unknown as [
      { initialWeights: { runs: { [fold: string]: { id: string } } } },
    ];
    assert.deepEqual(Object.keys(initialWeights.runs).sort(), ["0", "1", "final"]);
    // The same call finds the same definition, and all done.
    const again = await runStudy(options);
    assert.deepEqual(again.records, second.records);
    await writeReport(again);
    const page = await Deno.readTextFile(join(project, "results/second/report.html"));
    assert.ok(page.includes("Training begins with the weights of the runs of study"));
    assert.ok(!page.includes("may have read the text"));
    assert.equal(await problemsOf("second", project, 2), "");
    const file = join(
      project,
      "results/first/weights",
      `${initialWeights.runs["0"].id}.safetensors`,
    );
    const bytes = await Deno.readFile(file);
    bytes[bytes.length - 1] ^= 1;
    await Deno.writeFile(file, bytes);
    assert.match(
      await problemsOf("second", project),
      /initial weights: .*results\/first\/weights\/.* cannot be used: its SHA-256 must be/,
    );
    await Deno.remove(file);
    assert.equal(await problemsOf("second", project), "");
  }));

Deno.test("weights of another study are refused where they may have read what is held out, or are not there", () =>
  withProject(async (project) => {
    await runStudy(study(project, "first"));
    await runStudy(study(project, "unkept", undefined, { keepWeights: "none", seeds: [2] }));
    await runStudy(study(project, "half", undefined, { corpus: halves[0], seeds: [2] }));
    const refused: readonly [StudyOptions, RegExp][] = [
      [study(project, "a", from({ study: "none" })), /study "none" is not there/],
      [study(project, "a", from({ seed: 3 })), /must have the seed 3; its seeds are 1, 2/],
      [
        study(project, "a", from({ point: { size: 4 } })),
        /must have the point {"size":4}; its points are {"size":3}/,
      ],
      [study(project, "a", from({ study: "unkept" })), /its run of fold 0 kept no weights.*"all"/],
      [
        study(project, "a", from(), { folds: blockedFolds({ count: 3, finalShare: 0.2 }) }),
        /must have trained on fold 0 as it is here, .* found other spans/,
      ],
      [
        study(project, "a", from({ study: "half" })),
        /reads text that this one may hold out: both corpora are of the same file/,
      ],
      [
        study(project, "a", from(), { space: points([{ size: 4 }]) }),
        /tensor "gru0\/kernel" must have shape \[3, 12\] .* found \[3, 9\]/,
      ],
      [
        study(project, "a", from(), { queue: "redis://127.0.0.1:1" }),
        /initialWeights.from hands weights .* which a queue does not/,
      ],
    ];
    for (const [options, message] of refused) await assert.rejects(runStudy(options), message);
    // The other half is other text: its folds begin with the refit.
    const other = await runStudy(
      study(project, "other", from({ study: "half" }), { corpus: halves[1], seeds: [2] }),
    );
    const { runs } = other.record.specifications[0].initialWeights as unknown as {
      runs: { [fold: string]: { id: string } };
    };
    assert.equal(new Set(Object.values(runs).map(({ id }) => id)).size, 1);
    assert.ok(other.records.every(({ status }) => status === "completed"));
    // What its weights come from has trained on all of the first half.
    await assert.rejects(
      runStudy(study(project, "back", from({ study: "other" }), { corpus: halves[0], seeds: [2] })),
      /study "other" began with weights of study "half", which reads text that this one may hold out/,
    );
  }));

Deno.test("a study of a pretrained model says in its report that the model may have read the text", () =>
  withProject((project) =>
    withModelFolder("llama_grouped_tied", async (_, full) => {
      await Deno.mkdir(join(project, "model"));
      for await (const { name } of Deno.readDir(full)) {
        await Deno.copyFile(join(full, name), join(project, "model", name));
      }
      const here = Deno.cwd();
      Deno.chdir(project);
      try {
        const pretrained = await pretrainedModel("model");
        const { record, records } = await runStudy(study(project, "tuned", undefined, {
          space: grid({ learningRate: [0.001, 0.01] }),
          specify: ({ learningRate }) => ({
            ...pretrained,
            corpus: inlineText("abba cab bad\nface a beach ".repeat(60)),
            optimizer: adam({ learningRate }),
            training: { steps: 2, batchSize: 2, windowLength: 8, evaluateEvery: 2 },
          }),
          folds: blockedFolds({ count: 2, unit: "bytes", finalShare: 0 }),
          seeds: [1],
          keepWeights: "none",
        }));
        assert.ok(records.every(({ status }) => status === "completed"));
        const [beginnings] = [0, 1].map((fold) =>
          new Set(
            records.filter((run) => run.fold === fold).map(({ curve }) => curve[0].heldOutLoss),
          )
        );
        assert.equal(beginnings.size, 1);
        assert.equal(textWarnings({ record }).at(-1), mayHaveRead);
        await writeReport(await loadStudy("tuned", { project }));
        const page = await Deno.readTextFile(join(project, "results/tuned/report.html"));
        assert.ok(page.includes("Training begins with the weights of the folder"));
        assert.ok(page.includes(mayHaveRead));
        assert.ok(page.includes(pretrained.initialWeights.sha256));
        assert.equal(await problemsOf("tuned", project, 1), "");
      } finally {
        Deno.chdir(here);
      }
    })
  ));

Deno.test("points with and without given weights are one study, whose ids without are those of before", () =>
  withProject(async (project) => {
    const before = await runStudy(study(project, "first"));
    const run = before.records.find(({ fold, seed }) => fold === "final" && seed === 1)!;
    await Deno.copyFile(join(project, run.weights!), join(project, "given.safetensors"));
    const here = Deno.cwd();
    Deno.chdir(project);
    const given = givenWeights("given.safetensors");
    Deno.chdir(here);
    const options = study(project, "both", undefined, {
      space: grid({ given: [false, true] }),
      specify: (point) => ({
        ...study(project, "first").specify(first),
        ...(point.given && { initialWeights: given }),
      }),
    });
    const both = await runStudy(options);
    const ids = new Set(before.records.map(({ id }) => id));
    for (const { point, id, initialRows, curve } of both.records) {
      assert.equal(ids.has(id), !point.given);
      assert.equal(initialRows === undefined, !point.given);
      if (point.given) assert.ok(Number.isFinite(curve[0].heldOutLoss));
    }
    await writeReport(both);
    const page = await Deno.readTextFile(join(project, "results/both/report.html"));
    assert.ok(page.includes("At 1 of 2 points training begins with the weights of the file"));
  }));
