import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { documentFolds } from "../data/documents/document_folds.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { fixedSplit } from "../data/fixed_split.ts";
import { blockedFolds } from "../data/folds.ts";
import { textOf } from "../data/text_source.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import type { RunRecord } from "../records/run_record.ts";
import { mean } from "../statistics/estimate.ts";
import { thousands } from "../statistics/format.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { writeReport } from "../reports/report.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { withProject } from "./_testing/parts.ts";
import type { StudyOptions } from "./options.ts";
import { lowestMean } from "./plan/rule.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy, type Study } from "./study.ts";

/** Characters of one to four bytes; `Ω` stands in the last block alone, where no fold trains it. */
const text =
  Array.from({ length: 40 }, (_, i) => `né ${i % 7} 鲸 🐋, ${i * i} whales.\r\n`).join("") +
  "The Ω is last.\r\n";

const tokenizers: { readonly [name: string]: TokenizerSpecification } = {
  characters: characters(),
  bytes: bytes(),
  unicode: words({ segmentation: "unicode" }),
  words: words({ minimumCount: 2 }),
  small: bytePairs({ vocabularySize: 262 }),
  large: bytePairs({ vocabularySize: 280 }),
};

function study(project: string, changes: Partial<StudyOptions> = {}, training = {}): StudyOptions {
  return {
    name: "tokenizers",
    project,
    space: grid({ tokenizer: ["characters", "bytes"], decay: [0, 1] }),
    specify: ({ tokenizer = "characters", decay = 0 }) => ({
      corpus: inlineText(text),
      tokenizer: tokenizers[tokenizer],
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [decoupledWeightDecay({ strength: decay })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2, ...training },
    }),
    folds: blockedFolds({ count: 2, unit: "bytes", finalShare: 0.15 }),
    seeds: [1],
    workers: 2,
    shareRuns: false,
    reporter: silentReporter,
    ...changes,
  };
}

/** Nothing is wrong with it, and a run trained again is the same. */
async function verifies(project: string): Promise<void> {
  const study = loadStudy("tokenizers", { project });
  await writeReport(study);
  const parts = await verifyStudy("tokenizers", { project, sample: 2 });
  assert.ok(parts.length > 4);
  assert.deepEqual(parts.filter(({ problems }) => problems.length > 0), []);
}

const utf8 = (of: string) => new TextEncoder().encode(of).length;

Deno.test("a study of characters and bytes scores the same bytes, and selects by bits per byte worked from its records by hand", () =>
  withProject(async (project) => {
    const found = await runStudy(study(project, { keepWeights: "all" }));
    const { record, records } = found;
    assert.equal(record.select.metric, "bitsPerByte");
    assert.deepEqual(record.corpus.bytes, utf8(text));
    assert.equal(record.corpus.tokens, undefined);
    assert.ok(record.folds.every(({ unit }) => unit === "bytes"));
    assert.ok(records.length > 8 && records.every(({ status }) => status === "completed"));
    const source = textOf(text);
    const bitsOf = (run: RunRecord) => {
      const fold = [...record.folds, record.finalFold!].find(({ index }) => index === run.fold)!;
      const [{ start, end }] = fold.heldOut;
      const heldOut = source.read(start, end);
      const known = new Set(
        fold.training.flatMap((span) => [...source.read(span.start, span.end)]),
      );
      const ofBytes = run.point.tokenizer === "bytes";
      const strange = ofBytes ? [] : [...heldOut].filter((character) => !known.has(character));
      const count = ofBytes ? end - start : [...heldOut].length;
      // The mark and the unknown token stand for no character.
      assert.equal(run.tokens.vocabulary, ofBytes ? 258 : known.size + 2);
      assert.equal(run.tokens.heldOut, count);
      assert.equal(run.tokens.text!.heldOut.bytes, end - start);
      const spelling = strange.length * Math.log(1_112_064 - known.size);
      return run.curve.map(({ heldOutLoss }) =>
        (heldOutLoss * count + spelling) / (end - start) / Math.LN2
      );
    };
    for (const run of records) {
      const bits = bitsOf(run);
      run.curve.forEach((at, index) => assertClose(at.bitsPerByte!, bits[index], 1e-12));
    }
    assert.ok(records.some(({ tokens }) => tokens.unknownShare > 0));
    // Means over folds, by hand; the lowest is selected.
    const means = record.space.points.map((point) => {
      const runs = found.runs({ point });
      const byHand = mean(runs.map((run) => bitsOf(run).at(-1)!));
      assertClose(found.summary(point).lastStep!.estimates.validationLoss.mean, byHand, 1e-12);
      return byHand;
    });
    assert.deepEqual(
      found.selected("mean"),
      record.space.points[means.indexOf(Math.min(...means))],
    );
    assert.match(String(found), /Cross-entropy in bits per byte, held-out text/);

    // A model reads a text as its run did: after the mark, so that each of its tokens is scored.
    for (const name of ["characters", "bytes"]) {
      const point = { tokenizer: name, decay: 1 };
      const texts = await found.texts(1);
      using model = await found.model({ point, fold: 1, seed: 1 });
      const [run] = found.runs({ point, fold: 1 });
      assertClose(model.crossEntropy(texts.heldOut[0]), run.final!.heldOutLoss, 1e-6);
      assert.equal(model.vocabulary.tokens[1], "<|end|>");
      if (run.tokens.text!.heldOut.spelling === undefined) {
        assertClose(model.bitsPerByte(texts.heldOut[0]), run.final!.bitsPerByte!, 1e-6);
      }
      const options = { prompt: "", length: 3, seed: 1 };
      assert.equal(typeof model.generate(options), "string");
    }

    // The same again, with one worker and from the disk.
    const again = await runStudy(study(project, { name: "again", workers: 1 }));
    assert.equal(again.digest(), found.digest());
    assert.equal(loadStudy("tokenizers", { project }).digest(), found.digest());
    const resumed = await runStudy(study(project, { keepWeights: "all" }));
    assert.equal(resumed.digest(), found.digest());
    await verifies(project);
    const page = await Deno.readTextFile(`${found.folder}/report.html`);
    assert.match(page, /A position is a byte of the text in UTF-8/);
    const [, table] = /<caption>Tokenizers, means over the folds(.*?)<\/table>/s.exec(page)!;
    const row = (name: string) =>
      [...table.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, cells]) =>
        cells.replace(/<[^>]*>/g, " ").trim().split(/\s+/)
      ).find(([first]) => first === name);
    const ofBytes = found.runs({ point: { tokenizer: "bytes", decay: 0 } });
    assert.deepEqual(row("bytes"), [
      ...["bytes", "258", "1.00", "0.0", "%"],
      ...[ofBytes[0].cost!.tokens, ofBytes[0].cost!.weights].map(thousands),
    ]);
    const perToken = mean(
      found.runs({ point: { tokenizer: "characters", decay: 0 } })
        .map(({ tokens: { text } }) => text!.heldOut.bytes / text!.heldOut.tokens),
    );
    assert.equal(row("characters")![2], perToken.toFixed(2));
  }));

Deno.test("evaluations of fewer bytes read the same stretches with every tokenizer", () =>
  withProject(async (project) => {
    const long = text.repeat(6);
    const options = study(project, {
      folds: blockedFolds({ count: 2, unit: "bytes", finalShare: 0 }),
    });
    const { records } = await runStudy({
      ...options,
      specify: (point) =>
        ({
          ...options.specify(point),
          corpus: inlineText(long),
          training: { steps: 2, batchSize: 2, windowLength: 8, evaluationBytes: 2000 },
        }) as ReturnType<StudyOptions["specify"]>,
    });
    const sizes = new Set(
      records.map(({ tokens: { text: { training, heldOut } = {} } }) =>
        [training!.bytes, training!.characters, heldOut!.bytes, heldOut!.characters].join()
      ),
    );
    assert.equal(sizes.size, 2, "one a fold");
    for (const { tokens: { text: { heldOut } = {} } } of records) {
      // Two stretches, of which one may be the shorter end; ends move by three bytes at most.
      assert.ok(heldOut!.bytes > 1000 && heldOut!.bytes <= 2006, `${heldOut!.bytes} bytes`);
    }
  }));

Deno.test("first bytes of the training text train and make the vocabulary, cut at a character", () =>
  withProject(async (project) => {
    const { records } = await runStudy(study(project, {
      space: grid({ tokenizer: ["characters", "bytes"] }),
      folds: fixedSplit({
        training: { start: 0, end: utf8("né 0 鲸 🐋, 0 whales.\r\n") },
        heldOut: { start: utf8("né 0 鲸 🐋, 0 whales.\r\n"), end: utf8(text) },
        unit: "bytes",
      }),
    }, { trainingBytes: 13, windowLength: 4 }));
    // "né 0 鲸 " and three bytes of the whale, which is left out.
    const tokens = new Map(records.map((run) => [run.point.tokenizer, run.tokens]));
    assert.equal(tokens.get("bytes")!.training, 10);
    assert.equal(tokens.get("characters")!.training, 7);
    assert.equal(tokens.get("characters")!.vocabulary, 2 + 5);
  }));

Deno.test("studies whose tokens cannot be compared are refused before anything trains, with the reason", () =>
  withProject(async (project) => {
    const refused: readonly (readonly [Partial<StudyOptions>, object, RegExp])[] = [
      [
        { select: lowestMean("validationLoss") },
        {},
        /metric must be "bitsPerByte" or "bitsPerCharacter" where points have different tokenizers, .* found "validationLoss"/,
      ],
      [
        { folds: blockedFolds({ count: 2 }) },
        {},
        /All points of a study must have the same tokenizer.* Make two studies of it, or lay the folds before there are tokens: blockedFolds\(\{ unit: "bytes" \}\) of a text/,
      ],
      [
        {
          folds: blockedFolds({ count: 2 }),
          space: grid({ decay: [0, 1] }),
          select: lowestMean("bitsPerByte"),
        },
        {},
        /metric must be "validationLoss" where folds are in tokens, found "bitsPerByte"/,
      ],
      [
        { space: grid({ tokenizer: ["characters", "words"] }) },
        {},
        /those of \{"tokenizer":"words"\} lose white space: its bits would be of less than the text/,
      ],
      [
        { space: grid({ tokenizer: ["characters", "unicode"] }) },
        {},
        /those of \{"tokenizer":"unicode"\} lose unknown tokens/,
      ],
      [{}, { trainingTokens: 100 }, /trainingTokens must be left out where folds are in bytes/],
      [
        {},
        { evaluationTokens: 100 },
        /evaluationTokens must be left out .* say training.evaluationBytes/,
      ],
      [
        { folds: blockedFolds({ count: 2 }), space: grid({ decay: [0, 1] }) },
        { trainingBytes: 100 },
        /trainingBytes must be left out where folds are in tokens, found 100/,
      ],
      [
        {},
        { trainingBytes: 100_000 },
        /trainingBytes must be at most \d+, the training bytes of fold/,
      ],
      [{}, { evaluationBytes: 10 }, /evaluationBytes must be .* from 1000/],
      [
        {},
        { windowLength: 110 },
        /blockedFolds: each of 2 blocks must have at least gap/,
      ],
    ];
    for (const [changes, training, message] of refused) {
      await assert.rejects(runStudy(study(project, changes, training)), { message });
    }
    assert.throws(() => loadStudy("tokenizers", { project }), /There is no study/);
  }));

Deno.test("epochs of folds in bytes are as long as the tokens of the training part are many", () =>
  withProject(async (project) => {
    const options = study(project, { space: grid({ tokenizer: ["characters", "bytes"] }) });
    const { record, records } = await runStudy({
      ...options,
      specify(point) {
        const { training: { steps: _, ...training }, ...rest } = options.specify(point);
        return { ...rest, training: { ...training, epochs: 1, sampling: "epochs" } } as ReturnType<
          StudyOptions["specify"]
        >;
      },
    });
    const steps = record.specifications.map(({ training }) =>
      (training as { steps: number }).steps
    );
    assert.ok(steps[0] < steps[1], "characters are fewer than bytes");
    const shortest = Math.min(
      ...records.filter((run) => run.point.tokenizer === "bytes" && run.fold !== "final")
        .map(({ tokens }) => Math.ceil(Math.floor(tokens.training / 8) / 4)),
    );
    assert.equal(steps[1], shortest);
    await verifies(project);
  }));

Deno.test("a study on documents holds whole groups out, and its tokenizers are compared by their bytes", () =>
  withProject(async (project) => {
    const letters = Array.from({ length: 12 }, (_, i) => ({
      text: `né ${i} whales, ${i * i} ships. `.repeat(6),
      group: `writer ${i % 4}`,
    }));
    const options = study(project, {
      space: grid({ tokenizer: ["characters", "bytes"] }),
      folds: documentFolds({ by: "group", count: 2, finalShare: 0 }),
    });
    const found = await runStudy({
      ...options,
      specify: (point) => ({ ...options.specify(point), corpus: inlineDocuments(letters) }),
    } as StudyOptions);
    assert.equal(found.record.documents!.count, 12);
    assert.equal(found.record.select.metric, "bitsPerByte");
    const texts = await found.texts(0);
    const written = letters.filter(({ text }) => texts.heldOut.some((span) => span.includes(text)));
    const writers = new Set(written.map(({ group }) => group));
    assert.equal(writers.size, 2);
    for (const { text, group } of letters) {
      assert.equal(texts.training.some((span) => span.includes(text)), !writers.has(group));
    }
    await verifies(project);
    const plain = runStudy(study(project, {
      name: "plain",
      folds: documentFolds({ by: "document", count: 2 }),
    }));
    await assert.rejects(plain, /documentFolds folds a corpus of documents, found "inline text"/);
  }));

Deno.test("subwords of two sizes are compared with characters by the same bytes, and a larger vocabulary has fewer tokens", () =>
  withProject(async (project) => {
    const found = await runStudy(study(project, {
      space: grid({ tokenizer: ["characters", "small", "large"] }),
    }));
    assert.ok(found.records.every(({ status }) => status === "completed"));
    for (const { index } of found.record.folds) {
      const [characters, small, large] = ["characters", "small", "large"].map((tokenizer) =>
        found.runs({ point: { tokenizer }, fold: index })[0]
      );
      const sizes = [characters, small, large].map(({ tokens }) => tokens.text!.heldOut);
      assert.equal(new Set(sizes.map((size) => `${size.bytes} ${size.characters}`)).size, 1);
      assert.ok(sizes[2].tokens < sizes[1].tokens);
      for (const run of [small, large]) {
        const { heldOutLoss, bitsPerByte } = run.final!;
        const { tokens, bytes } = run.tokens.text!.heldOut;
        assertClose(bitsPerByte!, heldOutLoss * tokens / bytes / Math.LN2, 1e-12);
        assert.equal(run.tokens.unknownShare, 0);
      }
    }
    await verifies(project);
    await assert.rejects(
      runStudy(study(project, {
        name: "in tokens",
        space: grid({ tokenizer: ["small"] }),
        folds: blockedFolds({ count: 2 }),
      })),
      /bytePairs/,
    );
  }));

Deno.test("subwords that are learned from texts of different sizes are other tokens, compared in bits per byte", () =>
  withProject(async (project) => {
    const options = study(project, {
      space: grid({ trainingBytes: [100, 400] }),
      folds: blockedFolds({ count: 2, unit: "bytes", finalShare: 0 }),
    });
    const specify = (point: { trainingBytes: number }) => {
      const specification = options.specify({ tokenizer: "large" });
      return { ...specification, training: { ...specification.training, ...point } };
    };
    const learned = { ...options, specify } as StudyOptions;
    await assert.rejects(
      runStudy({ ...learned, select: lowestMean("validationLoss") }),
      /learn tokens from texts of different sizes, found "validationLoss"/,
    );
    const found = await runStudy(learned);
    const tokens = (trainingBytes: number) =>
      found.runs({ point: { trainingBytes }, fold: 0 })[0].tokens.text!.heldOut.tokens;
    assert.notEqual(tokens(100), tokens(400));
    assert.equal(found.record.select.metric, "bitsPerByte");
    // No vocabulary is that of a fold, at all points: it stands with the texts that trained.
    const columnsOf = async (study: Study, caption: string) => {
      const page = await Deno.readTextFile(await writeReport(study));
      const [table] = new RegExp(`<caption>${caption}.*?</table>`, "s").exec(page)!;
      return [...table.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g)].map(([, title]) => title);
    };
    assert.ok(!(await columnsOf(found, "Folds")).includes("vocabulary"));
    const columns = await columnsOf(found, "Tokenizers");
    assert.deepEqual(columns.slice(0, 3), ["tokenizer", "training bytes", "vocabulary"]);
    // Bytes are the same tokens, whatever trains.
    const ofBytes = await runStudy({
      ...learned,
      name: "bytes",
      specify: (point) => ({ ...specify(point), tokenizer: bytes() }) as never,
    });
    assert.equal(ofBytes.record.select.metric, "validationLoss");
    assert.deepEqual(await columnsOf(ofBytes, "Tokenizers"), columns);
  }));
