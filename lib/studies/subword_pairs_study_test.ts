import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { canonicalJson } from "../core/json.ts";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { inlineText } from "../data/corpora.ts";
import { fixedSplit } from "../data/fixed_split.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { loadTextPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { tokenizerFile } from "../data/tokenizers/tokenizer_file.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { readSafetensors, writeSafetensors } from "../models/safetensors.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { writeReport } from "../reports/report.ts";
import { assertClose } from "../statistics/testing/close.ts";
import type { SpecificationOptions } from "../training/specification.ts";
import { readTrainedModel } from "../training/trained_model.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import { exists, signal, trainingProcesses, until } from "./_testing/processes.ts";
import { StudyInterrupted } from "./interrupt.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy } from "./study.ts";

const pairs = Array.from(
  { length: 60 },
  (_, index): TextPair => [
    `né ${index % 40} 鲸 ships hast thou`,
    `  you have ${index % 40} 🐋 ships${"!".repeat(index % 3)} `.trim(),
  ],
);
const corpus = inlinePairs(pairs);
const file = "lib/data/tokenizers/_reference/small_digits.json";

const tokenizers: { readonly [name: string]: TokenizerSpecification } = {
  bytes: bytes(),
  characters: characters(),
  bytePairs: bytePairs({ vocabularySize: 290, specialTokens: ["<|end"] }),
  file: tokenizerFile(file),
  published: publishedTokenizer("r50k_base"),
};

const training = {
  ...{ steps: 4, batchSize: 4, evaluateEvery: 2, decodedPairs: 4, evaluationPairs: 9 },
  samples: { count: 2, beams: 2, stopStrings: ["!"] },
};

/** Both ways to read pairs. */
const specify: { readonly [kind: string]: (side: TokenizerSpecification) => SpecificationOptions } =
  {
    completions: (tokenizer) => ({
      corpus,
      tokenizer: completionTokenizer({ tokenizer }),
      model: gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
      optimizer: adam({ learningRate: 0.01 }),
      training,
    }),
    pairs: (target) => ({
      corpus,
      tokenizer: pairTokenizer({ source: bytePairs({ vocabularySize: 280 }), target }),
      model: lstmSequenceToSequence({ embeddingSize: 3, hiddenSize: 4 }),
      optimizer: adam({ learningRate: 0.01 }),
      training,
    }),
  };

function study(
  project: string,
  kind: string,
  changes: Partial<StudyOptions> = {},
): StudyOptions {
  return {
    name: kind,
    project,
    space: grid({ tokenizer: Object.keys(tokenizers) }),
    specify: ({ tokenizer }) => specify[kind](tokenizers[tokenizer]),
    folds: groupedFolds({ count: 2, finalShare: 0, unit: "pairs" }),
    seeds: [1],
    workers: 2,
    shareRuns: false,
    keepWeights: "all",
    reporter: silentReporter,
    ...changes,
  };
}

for (const kind of Object.keys(specify)) {
  Deno.test(`${kind}: tokenizers of every kind are scored on the same pairs in bits per byte, resumed, verified and read back`, () =>
    withProject(async (project) => {
      // Trainings look for it in the study's project.
      await Deno.mkdir(join(project, dirname(file)), { recursive: true });
      await Deno.copyFile(file, join(project, file));
      const found = await runStudy(study(project, kind));
      const { record } = found;
      assert.equal(record.select.metric, "bitsPerByte");
      const laid = await loadTextPairs(corpus, completionTokenizer({ tokenizer: bytes() }));
      assert.deepEqual(record.corpus.pairs, 60);
      assert.deepEqual(record.folds.map(({ unit }) => unit), ["pairs", "pairs"]);
      const scored = new Set<string>();
      for (const run of found.records) {
        assert.equal(run.status, "completed", run.error ?? "");
        assert.equal(run.tokens.textLost, undefined);
        const { tokens, final } = run;
        const { heldOut } = tokens.text!;
        const nats = final!.heldOutLoss * heldOut.tokens + (heldOut.spelling ?? 0);
        assertClose(final!.bitsPerByte!, nats / heldOut.bytes / Math.LN2, 1e-12);
        scored.add(canonicalJson([run.fold, heldOut.bytes, heldOut.characters]));
        for (const { prompt, reference, text } of run.samples) {
          assert.ok(laid.some(({ source, target }) => source === prompt && target === reference));
          assert.ok(!text.includes("!"));
        }
      }
      assert.equal(scored.size, 2, "all tokenizers read the same text of a fold");

      const merged = new Set<string>();
      for (const fold of [0, 1]) {
        using model = await found.model({ point: { tokenizer: "bytePairs" }, fold, seed: 1 });
        const { merges } = model.vocabulary;
        merged.add(merges!.join());
        const [run] = found.runs({ point: { tokenizer: "bytePairs" }, fold });
        const [{ start, end }] = record.folds[fold].heldOut;
        const heldOut = laid.slice(start, end);
        const chosen = Array.from(
          { length: 9 },
          (_, at) => heldOut[Math.floor((at + 0.5) * heldOut.length / 9)],
        );
        let [nats, tokens] = [0, 0];
        for (const { source, target } of chosen) {
          const count = model.vocabulary.encodeText(target).length + 1;
          assert.equal(model.vocabulary.decode(model.vocabulary.encodeText(target)), target);
          nats += model.crossEntropy(target, source) * count;
          tokens += count;
        }
        assertClose(nats / tokens, run.final!.heldOutLoss, 1e-6);
        assert.equal(tokens, run.tokens.text!.heldOut.tokens);
        const options = { prompt: "né 鲸", length: 12, seed: 1, temperature: 2 };
        assert.equal(Array.from(model.stream(options)).join(""), model.generate(options));
      }
      assert.equal(merged.size, 2, "each fold has merges of its own");

      const learned = { space: grid({ tokenizer: ["bytePairs"] }), workers: 1, name: "again" };
      const again = await runStudy(study(project, kind, learned));
      const curves = new Map(found.records.map(({ id, curve }) => [id, curve]));
      assert.equal(again.records.length, 2);
      for (const { id, curve } of again.records) assert.deepEqual(curves.get(id), curve);
      assert.equal((await runStudy(study(project, kind))).digest(), found.digest());
      await writeReport(loadStudy(kind, { project }));
      const html = await Deno.readTextFile(join(project, "results", kind, "report.html"));
      assert.match(html, /60 pairs with \d+ bytes of (?:completions|targets)/);
      assert.match(html, /before they had tokens, so that every tokenizer reads the same pairs/);
      const visible = html.replace(/<script[\s\S]*?<\/script>/g, "");
      assert.ok(!/undefined|NaN|\[object Object\]/.test(visible));
      const parts = await verifyStudy(kind, { project, sample: 2 });
      assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);

      using model = await found.model({ point: { tokenizer: "bytePairs" }, fold: 0, seed: 1 });
      const { tensors, metadata } = readSafetensors(model.file());
      const { merges: _, ...without } = metadata;
      await assert.rejects(
        readTrainedModel(writeSafetensors(tensors, without)),
        /bytePairs: merges must be a list of texts, found nothing/,
      );
    }));
}

Deno.test("pairs of subwords are refused before anything trains where folds or limits are in tokens, a pair is too long, or words tell no bytes", () =>
  withProject(async (project) => {
    const block = (blockSize: number) =>
      transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 2, blockSize });
    const subwords = completionTokenizer({ tokenizer: tokenizers.bytePairs });
    const base = specify.completions(tokenizers.bytePairs);
    const limited = completionTokenizer({ tokenizer: bytes(), maximumTargetLength: 99 });
    const with_ = (changes: object, folds?: StudyOptions["folds"]) => ({
      space: grid({ x: [0] }),
      specify: () => ({ ...base, ...changes }) as SpecificationOptions,
      ...(folds && { folds }),
    });
    const short = inlinePairs(pairs, { maximumSourceBytes: 1 });
    const refused: [Partial<StudyOptions>, RegExp][] = [
      [
        with_({}, groupedFolds({ count: 2 })),
        /bytePairs needs folds that are laid before there are tokens: .*groupedFolds\(\{ unit: "pairs"/,
      ],
      [
        with_({ tokenizer: limited }),
        /completionTokenizer: maximumSourceLength and maximumTargetLength must be null where folds have unit "pairs".*found null and 99.*maximumSourceBytes/,
      ],
      [
        with_({ model: block(12) }),
        /at most the blockSize of the transformerLanguageModel, 12 tokens, found \d+ \+ 1 \+ \d+ in the longest of \d+ of 60 pairs\. Give the corpus maximumSourceBytes .* has \d+ and \d+ bytes/,
      ],
      [
        with_({ training: { ...training, evaluationPairs: null, evaluationTokens: 99 } }),
        /evaluationTokens must be left out where folds are in pairs, found 99: say training.evaluationPairs/,
      ],
      [
        with_({ training: { ...training, evaluationTokens: 99 } }),
        /evaluationPairs or evaluationTokens, found 9 and 99/,
      ],
      [with_({ corpus: short }), /as short as maximumSourceBytes 1 .* found none of 60/],
      [
        {
          space: grid({ x: [0, 1] }),
          specify: ({ x }) => specify.completions(x === 0 ? words() : bytes()),
        },
        /lose white space/,
      ],
      [
        with_({ corpus: inlineText("whales ".repeat(99)), tokenizer: bytes() }),
        /specify gave no valid specification/,
      ],
    ];
    for (const [changes, expected] of refused) {
      await assert.rejects(
        runStudy(study(project, "completions", changes)),
        expected,
        `${expected}`,
      );
    }
    for (
      const refuse of [
        () => completionTokenizer({ ...subwords, maximumSourceLength: 3 } as never),
        () =>
          pairTokenizer({ source: bytes(), target: tokenizers.published, maximumSourceLength: 9 }),
      ]
    ) {
      assert.throws(
        refuse,
        /must be null with \w+, whose tokens come after the folds|unknown option/,
      );
    }
  }));

Deno.test("a Transformer reads prompts of subwords that just fit, of a fixed split and with limits in bytes", () =>
  withProject(async (project) => {
    const given = inlinePairs(pairs, { maximumSourceBytes: 27, maximumTargetBytes: 23 });
    const laid = await loadTextPairs(given, completionTokenizer({ tokenizer: bytes() }));
    assert.ok(laid.length > 20 && laid.length < 60);
    const utf8 = new TextEncoder();
    for (const { source, target } of laid) {
      assert.ok(utf8.encode(source).length <= 27 && utf8.encode(target).length <= 23);
    }
    const longest = Math.max(
      ...laid.map(({ source, target }) =>
        utf8.encode(source).length + 1 + utf8.encode(target).length
      ),
    );
    const found = await runStudy(study(project, "fixed", {
      space: grid({ x: [0] }),
      specify: () => ({
        ...specify.completions(bytes()),
        corpus: given,
        model: transformerLanguageModel({
          ...{ embeddingSize: 4, layers: 1, heads: 2, blockSize: longest },
        }),
      } as SpecificationOptions),
      folds: fixedSplit({
        training: { start: 0, end: 15 },
        heldOut: { start: 15, end: 20 },
        unit: "pairs",
      }),
    }));
    const [run] = found.records;
    assert.equal(run.status, "completed", run.error ?? "");
    assert.deepEqual([run.pairs!.training, run.pairs!.heldOut], [15, 5]);
    const parts = await verifyStudy("fixed", { project });
    assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);
  }));

Deno.test("a study of subword prompts whose process is killed and which is interrupted ends with the same bits, and is verified", () =>
  withProject(async (project) => {
    const changes = (name: string, more: Partial<StudyOptions> = {}): Partial<StudyOptions> => ({
      name,
      space: grid({ tokenizer: ["bytePairs"], rate: [0.01, 0.02] }),
      specify: ({ tokenizer, rate }) => ({
        ...specify.completions(tokenizers[tokenizer]),
        optimizer: adam({ learningRate: rate }),
        training: { ...training, steps: 300, evaluateEvery: 150 },
      } as SpecificationOptions),
      folds: groupedFolds({ count: 3, finalShare: 0.1, unit: "pairs", choosing: true }),
      checkpointEvery: { steps: 20 },
      ...more,
    });
    const undisturbed = await runStudy(study(project, "completions", changes("undisturbed")));
    const killing = runStudy(study(project, "completions", changes("killed")));
    const folder = join(project, "results", "killed", "checkpoints");
    await until(
      "a run has a checkpoint",
      () => exists(folder) && [...Deno.readDirSync(folder)].length > 0,
    );
    const [process] = await trainingProcesses(Deno.pid);
    await signal(process, "KILL");
    assert.equal((await killing).digest(), undisturbed.digest());
    const controller = new AbortController();
    const interrupted = changes("interrupted", {
      signal: controller.signal,
      reporter: {
        ...silentReporter,
        progress: ({ fractional }) => fractional > 0.3 && controller.abort(),
      },
    });
    await assert.rejects(runStudy(study(project, "completions", interrupted)), StudyInterrupted);
    const resumed = await runStudy(study(project, "completions", changes("interrupted")));
    assert.equal(resumed.digest(), undisturbed.digest());
    assert.ok(resumed.records.every(({ status }) => status === "completed"));
    assert.ok(resumed.records.some(({ fold }) => fold === "final"));
    const parts = await verifyStudy("interrupted", { project, sample: 2 });
    assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);
    const path = join(project, "results", "interrupted", "runs.jsonl");
    const lines = (await Deno.readTextFile(path)).split("\n");
    const wrong = lines[0].replace(
      /"heldOut":(\d+),"sourceVocabulary"/,
      (_, count) => `"heldOut":${Number(count) + 1},"sourceVocabulary"`,
    );
    assert.notEqual(wrong, lines[0]);
    await Deno.writeTextFile(path, [wrong, ...lines.slice(1)].join("\n"));
    const found = await verifyStudy("interrupted", { project });
    assert.match(JSON.stringify(found), /it counts \d+ heldOut pairs, its fold has \d+/);
  }));
