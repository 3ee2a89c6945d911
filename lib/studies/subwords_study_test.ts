import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { tokenizerFile } from "../data/tokenizers/tokenizer_file.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors, writeSafetensors } from "../models/safetensors.ts";
import { adam } from "../optimizers/adam.ts";
import { writeReport } from "../reports/report.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { readTrainedModel } from "../training/trained_model.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy } from "./study.ts";

const text = Array.from(
  { length: 60 },
  (_, i) => `Né ${i % 7} 鲸 🐋, ${i * i} whales were<|end of|> seen.\n`,
).join("");

const file = "lib/data/tokenizers/_reference/small_digits.json";

const tokenizers: { readonly [name: string]: TokenizerSpecification } = {
  bytes: bytes(),
  bytePairs: bytePairs({ vocabularySize: 290, specialTokens: ["<|end"] }),
  file: tokenizerFile(file),
  published: publishedTokenizer("r50k_base"),
};

function study(project: string, changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    name: "subwords",
    project,
    space: grid({ tokenizer: Object.keys(tokenizers) }),
    specify: ({ tokenizer }) => ({
      corpus: inlineText(text),
      tokenizer: tokenizers[tokenizer as string],
      model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
      optimizer: adam({ learningRate: 0.01 }),
      training: {
        ...{ steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
        samples: { count: 1, length: 8, promptLength: 4 },
      },
    }),
    folds: blockedFolds({ count: 2, unit: "bytes", finalShare: 0 }),
    seeds: [1],
    workers: 2,
    shareRuns: false,
    keepWeights: "all",
    reporter: silentReporter,
    ...changes,
  };
}

Deno.test("subwords that are learned, of a file and published are compared in bits per byte, resumed, verified, and read back", () =>
  withProject(async (project) => {
    // Trainings look for it in the study's project.
    await Deno.mkdir(join(project, dirname(file)), { recursive: true });
    await Deno.copyFile(file, join(project, file));
    const found = await runStudy(study(project));
    assert.ok(found.records.every(({ status }) => status === "completed"));
    for (const run of found.records) {
      const [{ start, end }] = found.record.folds[run.fold as number].heldOut;
      assert.equal(run.tokens.textLost, undefined);
      assert.equal(run.tokens.unknownShare, 0);
      assertClose(
        run.final!.bitsPerByte!,
        run.final!.heldOutLoss * run.tokens.heldOut / (end - start) / Math.LN2,
        1e-12,
      );
    }
    const sizeOf = (tokenizer: string) => found.runs({ point: { tokenizer } })[0].tokens.vocabulary;
    assert.deepEqual(Object.keys(tokenizers).map(sizeOf), [258, 291, 702, 50_259]);
    const merged = new Set<string>();
    for (const tokenizer of Object.keys(tokenizers)) {
      for (const fold of [0, 1]) {
        const texts = await found.texts(fold);
        using model = await found.model({ point: { tokenizer }, fold, seed: 1 });
        const [run] = found.runs({ point: { tokenizer }, fold });
        assertClose(model.crossEntropy(texts.heldOut[0]), run.final!.heldOutLoss, 1e-6);
        assert.equal(model.vocabulary.merges !== undefined, tokenizer === "bytePairs");
        if (model.vocabulary.merges) merged.add(model.vocabulary.merges.join());
        const options = { prompt: "鲸 whales", length: 12, seed: 1, temperature: 2 };
        const pieces = Array.from(model.stream(options));
        assert.equal(pieces.join(""), model.generate(options));
      }
    }
    assert.equal(merged.size, 2, "each fold has merges of its own");

    const learned = { space: grid({ tokenizer: ["bytePairs"] }), workers: 1 };
    const again = await runStudy(study(project, { name: "again", ...learned }));
    const results = ({ records }: typeof found) =>
      new Map(records.map(({ id, curve }) => [id, curve]));
    assert.equal(again.records.length, 2);
    for (const [id, curve] of results(again)) assert.deepEqual(results(found).get(id), curve);
    assert.equal((await runStudy(study(project))).digest(), found.digest());
    await writeReport(loadStudy("subwords", { project }));
    const parts = await verifyStudy("subwords", { project, sample: 2 });
    assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);

    using model = await found.model({ point: { tokenizer: "bytePairs" }, fold: 0, seed: 1 });
    const { tensors, metadata } = readSafetensors(model.file());
    const { merges: _, ...without } = metadata;
    await assert.rejects(
      readTrainedModel(writeSafetensors(tensors, without)),
      /bytePairs: merges must be a list of texts, found nothing/,
    );
  }));

Deno.test("subwords are refused where folds are in tokens, before anything trains", () =>
  withProject(async (project) => {
    for (const tokenizer of ["bytePairs", "file", "published"]) {
      const tokens = study(project, {
        space: grid({ tokenizer: [tokenizer] }),
        folds: blockedFolds({ count: 2 }),
      });
      await assert.rejects(
        runStudy(tokens),
        /\w+ needs folds that are laid before there are tokens: .* splits without a vocabulary, found "\w+"/,
      );
    }
  }));
