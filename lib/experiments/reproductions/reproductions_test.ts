import assert from "node:assert/strict";
import { join } from "node:path";
import { canonicalJson } from "../../core/json.ts";
import { inTemporaryProject, withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { carriedTrainingBatches } from "../../data/carried_batches.ts";
import { inlineText } from "../../data/corpora.ts";
import { fetchDataset } from "../../data/fetch_dataset.ts";
import { inlinePairs, type TextPair } from "../../data/pairs.ts";
import { tokensInMemory } from "../../data/tokens.ts";
import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { runStudy } from "../../studies/run_study.ts";
import { validateSpecification } from "../../training/specification.ts";
import { verifyStudy } from "../../verification/verify_study.ts";
import { reproductionOf, reproductions, studyName } from "./all.ts";
import { documentName, judgedClaims, renderReproduction } from "./document.ts";
import { commandOf } from "./kept_study.ts";
import { ptbSmall, stepsPerEpoch, wordLstmShort, zarembaSmall } from "./ptb_small.ts";
import { reproduce } from "./reproduce.ts";
import type { Reproduction } from "./reproduction.ts";

const text = Array.from({ length: 400 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");
const pairs = Array.from(
  { length: 100 },
  (_, i): TextPair => [`go ${i} steps`, `va à ${i} pas`],
);

/** All but PTB's, whose corpus is not to be had here. */
const others = reproductions.filter((each) => each !== ptbSmall);

for (const reproduction of others) {
  Deno.test(`${reproduction.name}: every claim is of a point of its study, at a step that is evaluated`, () => {
    const { space, specify, seeds } = reproduction.study(false);
    assert.ok(seeds.length >= 3);
    assert.ok(reproduction.claims.length > 0 && reproduction.differences.length > 0);
    for (const claim of reproduction.claims) {
      const point = space.points.find((each) => canonicalJson(each) === canonicalJson(claim.point));
      assert.ok(point, claim.what);
      const { training } = validateSpecification(specify(point));
      const count = Math.floor(training.steps / training.evaluateEvery);
      const steps = Array.from({ length: count + 1 }, (_, index) => index * training.evaluateEvery);
      // Losses that are their own steps tell which evaluation a claim reads.
      const curve = steps.map((step) => ({
        step,
        trainingLoss: 1 + step / 1e6,
        heldOutLoss: 2 + step / 1e6,
        nearZeros: 3,
        countedWeights: 4,
      } as CurvePoint));
      const found = claim.read({ curve } as unknown as RunRecord);
      assert.ok(found !== null && Number.isFinite(found), claim.what);
      assert.equal(claim.read({ curve: [] } as unknown as RunRecord), null);
    }
  });
}

/** The quick study of a reproduction, on a corpus that is here. */
function onSmallCorpus(reproduction: Reproduction): Reproduction {
  return {
    ...reproduction,
    corpora: [],
    study(quick) {
      const { specify, ...rest } = reproduction.study(quick);
      return {
        ...rest,
        specify: (point) => {
          const given = specify(point);
          const corpus = "windowLength" in given.training ? inlineText(text) : inlinePairs(pairs);
          return { ...given, corpus } as typeof given;
        },
      };
    },
  };
}

for (const reproduction of others.filter((each) => each !== wordLstmShort)) {
  Deno.test(`${reproduction.name}: its quick study trains 3 seeds and reports that it reproduces nothing`, () =>
    withTemporaryProject(async (project) => {
      const small = onSmallCorpus(reproduction);
      const study = await runStudy({
        name: studyName(small, true),
        ...small.study(true),
        project,
        reporter: silentReporter,
      });
      assert.deepEqual(study.records.map(({ error }) => error), study.records.map(() => null));
      assert.equal(study.records.length, 3 * study.record.space.points.length);
      const page = renderReproduction(small, study);
      assert.match(page, /A quick run/);
      for (const { claim, judgement } of judgedClaims(small, study)) {
        assert.ok(page.includes(claim.what));
        assert.ok(judgement.values.length === 0 || claim.what.includes("step 0,"), claim.what);
      }
    }));
}

Deno.test("stepsPerEpoch counts the windows of one pass over a corpus with carried state", () => {
  const spans = [tokensInMemory(Int32Array.from({ length: 60_000 }, (_, index) => index))];
  const batches = carriedTrainingBatches(spans, { windowLength: 20, batchSize: 20 });
  const first = batches.next();
  for (let step = 1; step < stepsPerEpoch(60_000); step++) {
    assert.notEqual(batches.next().inputs[0], 0);
  }
  assert.deepEqual(batches.next().inputs, first.inputs);
});

Deno.test("reproduce runs on an embedded corpus, writes a report that verifyStudy makes again, and sees it tampered with", () =>
  withTemporaryProject(async (project) => {
    const { study } = await reproduce(wordLstmShort, {
      project,
      quick: true,
      reporter: silentReporter,
    });
    assert.equal(reproductionOf(study.name), wordLstmShort);
    const path = join(study.folder, documentName);
    const page = await Deno.readTextFile(path);
    assert.match(page, /\| validation perplexity after 6 epochs +\| – /);
    assert.match(page, new RegExp(study.digest()));
    const verify = () =>
      verifyStudy(study.name, {
        project,
        command: commandOf,
        documents: [{
          name: documentName,
          render: (records) => renderReproduction(wordLstmShort, records),
        }],
      });
    const wrong = (await verify()).filter(({ problems }) => problems.length > 0);
    assert.deepEqual(wrong, []);
    await Deno.writeTextFile(path, page.replace(/(\d)(\.\d) minutes/, "9$1$2 minutes"));
    const [found] = (await verify()).filter(({ problems }) => problems.length > 0);
    assert.match(found.what, /^reproduction\.md/);
  }));

Deno.test("reproduce says how to get a corpus that is not here", () =>
  withTemporaryProject(async (project) => {
    await assert.rejects(
      reproduce(ptbSmall, { project, quick: true, reporter: silentReporter }),
      /Cannot run published\/ptb-small-quick: its corpus ptb is absent .*fetch ptb --from FOLDER/,
    );
    await assert.rejects(Deno.stat(join(project, "results")), Deno.errors.NotFound);
  }));

/** Sentences as the Penn Treebank's files have them, a space at both ends of each line. */
function sentences(count: number, from: number): string {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return ` the <unk> of ship ${number % 13} said mr. ${number % 7} does n't N whales \n`;
  }).join("");
}

Deno.test("ptb-small runs all its 13 epochs on a user's files in the right format, and judges them", () =>
  inTemporaryProject(async (project) => {
    const from = join(project, "mine");
    await Deno.mkdir(from);
    const parts = Object.entries({ training: 60, validation: 20, test: 20 }).map(
      ([part, lines], index) => {
        Deno.writeTextFileSync(join(from, `ptb.${part}.txt`), sentences(lines, index));
        // Twelve words and the end of the line.
        return [part, { path: `datasets/fetched/ptb.${part}.txt`, tokens: 13 * lines }] as const;
      },
    );
    const entry = {
      name: "small-ptb",
      description: "a test",
      kind: "text",
      source: { parts: Object.fromEntries(parts) },
      sha256: null,
      licence: "of the user",
      size: null,
      split: null,
    };
    await Deno.mkdir(join(project, "datasets"));
    const catalogue = JSON.stringify({ schemaVersion: 1, datasets: [entry] });
    await Deno.writeTextFile(join(project, "datasets", "catalogue.json"), catalogue);
    await fetchDataset("small-ptb", { project, from });
    const { study, claims } = await reproduce(zarembaSmall("small-ptb"), {
      project,
      reporter: silentReporter,
    });
    assert.deepEqual(study.records.map(({ status }) => status), Array(3).fill("completed"));
    const [{ tokens }] = study.records;
    assert.deepEqual([tokens.training, tokens.heldOut], [13 * 60, 13 * 20]);
    // 13 numbers, 10 words with <unk>, and the end of a line.
    assert.equal(tokens.vocabulary, 13 + 10 + 1);
    // <unk> itself, once in a sentence of 13.
    assert.ok(Math.abs(tokens.unknownShare - 1 / 13) < 1e-12);
    const epoch = stepsPerEpoch(13 * 60);
    for (const { curve } of study.records) {
      assert.deepEqual(
        curve.map(({ step }) => step),
        Array.from({ length: 14 }, (_, i) => i * epoch),
      );
      // Learning rate 20, halved after each epoch from the 4th on.
      assert.equal(curve.at(-1)!.learningRate, 20 / 2 ** 9);
      assert.ok(curve.at(-1)!.heldOutLoss < curve[0].heldOutLoss);
    }
    assert.deepEqual(claims.map(({ judgement }) => judgement.values.length), [3, 3]);
    assert.ok(claims.every(({ judgement }) => judgement.verdict !== "reproduced"));
    assert.match(await Deno.readTextFile(join(study.folder, documentName)), /\| 121\.39 /);
  }));

Deno.test("the command of a kept study says what it needs to come to the same numbers", () => {
  const command = (name: string, engine: string) => commandOf({ name, engine });
  assert.equal(command("published/a-curve", "wasm"), "deno task reproduce a-curve");
  assert.equal(
    command("findings/some-quick", "native/openblas-0.3.21/Zen/relaxed"),
    "deno task reproduce some --quick --engine native",
  );
});
