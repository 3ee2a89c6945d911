import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { RandomStream, randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { inlineText } from "../data/corpora.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { infillSequence, textCutter, type TextParts } from "../data/text_parts.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { LanguageModel } from "../models/model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { tokensAhead } from "../penalties/tokens_ahead.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { heldOutParts } from "./infilling_scores.ts";
import { prepareTask } from "./prepare_task.ts";
import { type SpecificationOptions, validateSpecification } from "./specification.ts";
import { execute } from "./testing/execute.ts";
import { trainedAndRead } from "./testing/read_back.ts";
import type { TrainedModel } from "./trained_model.ts";
import type { TrainingOptions } from "./training_options.ts";

/** Documents of one letter: who knows what comes after a middle knows the middle. */
const letters = "abcdefgh";
const documents = Array.from({ length: 200 }, (_, index) => letters[index * 7 % 8].repeat(6));
const documentFold: FoldRecord = {
  index: 0,
  unit: "bytes",
  training: [{ start: 0, end: 6 * 160 }],
  heldOut: [{ start: 6 * 160, end: 6 * 200 }],
};
const [windowLength, blockSize] = [12, 12];

function ofDocuments(model: object, training: Partial<TrainingOptions>): SpecificationOptions {
  return {
    corpus: inlineDocuments(documents.map((text) => ({ text }))),
    tokenizer: characters(),
    model,
    optimizer: adam({ learningRate: 1e-2 }),
    training: {
      ...{ steps: 250, batchSize: 16, windowLength, documentWindows: "inside" },
      ...{ evaluateEvery: 250, samples: { count: 0 }, ...training },
    },
  } as SpecificationOptions;
}

const models = {
  GRU: gruLanguageModel({ embeddingSize: 8, hiddenSize: 24 }),
  LSTM: lstmLanguageModel({ embeddingSize: 8, hiddenSize: 24 }),
  RNN: rnnLanguageModel({ embeddingSize: 8, hiddenSize: 24 }),
  Transformer: transformerLanguageModel({ embeddingSize: 16, heads: 2, layers: 1, blockSize }),
};

/** The pieces that a run measures itself by, cut as it cuts them. */
function piecesOf({ vocabulary }: TrainedModel): TextParts[] {
  const spans = documents.slice(160).map((text) =>
    tokensInMemory(Int32Array.from([1, ...vocabulary.encodeText(text), 1]))
  );
  return heldOutParts(spans, {
    ...{ count: 40, length: windowLength - 3, cut: textCutter(characters(), vocabulary) },
    stream: randomStream(1, "fold 0", "held-out pieces"),
  });
}

/** Nats of the last tokens of a sequence, one at a time as the decoder scores them. */
function lossOfLast(network: LanguageModel, sequence: Int32Array, count: number): number {
  const decoder = network.decoder(1);
  let nats = 0;
  for (let place = 1; place < sequence.length; place++) {
    const logits = [...decoder.next(sequence.slice(place - 1, place))];
    if (place < sequence.length - count) continue;
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    nats += most + Math.log(sum) - logits[sequence[place]];
  }
  decoder.dispose();
  return nats;
}

const middles = (pieces: readonly TextParts[]) =>
  pieces.reduce((sum, { middle }) => sum + middle.length, 0);

function near(found: number, expected: number, what: string): void {
  assert.ok(Math.abs(found - expected) < 1e-5 + 1e-5 * Math.abs(expected), `${what}: ${found}`);
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`a small ${name} learns to fill in from what stands behind, its losses are its decoder's, and without it none does`, async () => {
    const plain = await trainedAndRead(ofDocuments(model, {}), documentFold);
    const infilling = await trainedAndRead(
      ofDocuments(model, { fillInTheMiddle: { rate: 0.7, heldOutPieces: 40 } }),
      documentFold,
    );
    using reader = infilling.model;
    using plainReader = plain.model;
    const { pieces, loss, prefixLoss, exactMatch } = infilling.record.infilling!;
    const parts = piecesOf(reader);
    assert.deepEqual([pieces, parts.length], [40, 40]);
    const marks = reader.vocabulary.infillMarks!;
    const network = reader.network as LanguageModel;
    const mean = (of: LanguageModel, sequence: (each: TextParts) => Int32Array) =>
      parts.reduce((sum, each) => sum + lossOfLast(of, sequence(each), each.middle.length), 0) /
      middles(parts);
    near(loss, mean(network, (each) => infillSequence(each, marks, true)), "loss");
    const before = ({ prefix, middle }: TextParts) => Int32Array.of(1, ...prefix, ...middle);
    near(prefixLoss, mean(network, before), "prefix loss");
    // The first letter of a middle without a prefix is one of eight.
    const unknown = parts.filter(({ prefix }) => prefix.length === 0).length;
    assert.ok(unknown >= 5);
    const least = unknown * Math.log(8) / middles(parts);
    const without = mean(plainReader.network as LanguageModel, before);
    assert.ok(without > 0.7 * least, `${without} nats without it, at least ${least}`);
    assert.ok(loss < 0.5 * without, `${loss} nats with it, ${without} without`);
    assert.equal(plain.record.infilling, undefined);
    // How many letters are missing nobody knows, but that they are these.
    assert.ok(exactMatch > 0 && exactMatch < 1, `${exactMatch}`);
    const asked = { prompt: "", length: 20, seed: 1, temperature: 0 };
    for (const letter of "adh") {
      const middle = reader.generate({ ...asked, suffix: letter.repeat(3) });
      assert.match(middle, new RegExp(`^${letter}{1,6}$`), `${middle} before ${letter}`);
      assert.equal([...reader.stream({ ...asked, suffix: letter.repeat(3) })].join(""), middle);
    }
    // What is held out is read as it is: the losses of both runs are of the same tokens.
    const [first, second] = [plain, infilling].map(({ record }) => record);
    assert.equal(second.tokens.heldOut, first.tokens.heldOut);
    assert.deepEqual(second.tokens.text, first.tokens.text);
    assert.equal(second.tokens.vocabulary, first.tokens.vocabulary + 3);
    assert.ok(second.final!.heldOutLoss < first.final!.heldOutLoss + 0.15);
  });
}

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(12);
const fold: FoldRecord = {
  index: 0,
  unit: "bytes",
  training: [{ start: 0, end: 500 }],
  heldOut: [{ start: 540, end: 700 }],
};
const ofText = (training: Partial<TrainingOptions>, other: object = {}): SpecificationOptions => ({
  corpus: inlineText(text),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
  optimizer: adam({ learningRate: 1e-2 }),
  training: { steps: 3, batchSize: 4, windowLength: 16, samples: { count: 0 }, ...training },
  ...other,
});

const prepared = (specification: SpecificationOptions) =>
  prepareTask(validateSpecification(specification), { fold, seed: 1, purpose: "fold 0" });

/** The first batches of a training. */
async function batchesOf(specification: SpecificationOptions, count = 6): Promise<Batch[]> {
  const task = await prepared(specification);
  const batches = task.batches(randomStream(1, "batches"), null);
  task.model.dispose();
  return Array.from({ length: count }, () => batches.next());
}

for (const sampling of ["draws", "epochs"] as const) {
  Deno.test(`windows are the same with and without marks, and go on from a checkpoint to the same ones: ${sampling}`, async () => {
    const plain = await batchesOf(ofText({ sampling }));
    const never = await batchesOf(ofText({ sampling, fillInTheMiddle: { rate: 1e-12 } }));
    assert.deepEqual(never, plain);
    const rearranged = ofText({ sampling, fillInTheMiddle: { rate: 1, suffixFirst: 0 } });
    const all = await batchesOf(rearranged);
    for (const [index, { targets, inputs, mask, tokens, time, batch }] of all.entries()) {
      assert.deepEqual([time, batch], [plain[index].time, plain[index].batch]);
      // Three marks and the end take the place of four letters; two marks are targets that do not count.
      assert.equal(tokens, (16 - 2) * batch);
      assert.equal(mask!.filter((one) => one === 0).length, 2 * batch);
      for (let row = 0; row < batch; row++) {
        const own = (ids: Int32Array) => [...ids].filter((_, at) => at % batch === row);
        const read = [own(inputs)[0], ...own(targets)];
        const [suffixAt, middleAt] = [1, 2].map((mark) => read.indexOf(read[0] + mark));
        const joined = [
          ...read.slice(1, suffixAt),
          ...read.slice(middleAt + 1, -1),
          ...read.slice(suffixAt + 1, middleAt),
        ];
        const window = [own(plain[index].inputs)[0], ...own(plain[index].targets)];
        assert.deepEqual(joined, window.slice(window[0] === 1 ? 1 : 0, joined.length));
      }
    }
    const task = await prepared(rearranged);
    const begun = task.batches(randomStream(1, "batches"), null);
    for (let read = 0; read < 3; read++) begun.next();
    const from = JSON.parse(JSON.stringify(begun.position!()));
    const resumed = task.batches(RandomStream.from(begun.state()), from);
    assert.deepEqual(Array.from({ length: 3 }, () => resumed.next()), all.slice(3));
    task.model.dispose();
  });
}

Deno.test("what a training counts leaves the marks out, and marks of infilling are never masked", async () => {
  const training = { fillInTheMiddle: { rate: 1 }, maskedInputs: 0.9 };
  const { cost, status } = await execute(ofText(training), fold);
  assert.equal(status, "completed");
  assert.equal(cost!.tokens, 3 * 4 * (16 - 2));
  const read: Batch[] = [];
  const { model, ...task } = await prepareTask(validateSpecification(ofText(training)), {
    ...{ fold, seed: 1, purpose: "fold 0" },
    network: (create) => {
      const initial = create();
      const loss: typeof initial.loss = (batch, ...rest) => {
        read.push(batch as Batch);
        return initial.loss(batch as never, ...rest);
      };
      return { ...initial, loss };
    },
  });
  const batch = task.batches(randomStream(1, "batches"), null).next();
  assert.equal(task.tokensPerBatch, batch.tokens);
  model.loss(batch, randomStream(1, "dropout")).dispose();
  const [{ inputs }] = read;
  const firstMark = task.tokens.vocabulary - 3;
  const [kept, masked] = [inputs, batch.inputs].map((ids) => ids.filter((id) => id >= firstMark));
  assert.deepEqual(kept, masked);
  assert.equal(kept.length, 3 * 4);
  assert.ok(inputs.filter((id) => id === 0).length > 30);
  model.dispose();
});

Deno.test("byte pairs are rearranged by characters, and a model of them fills in as an ensemble does", async () => {
  const specification = ofText(
    { steps: 20, fillInTheMiddle: { rate: 0.9, suffixFirst: 1, heldOutPieces: 3 } },
    { tokenizer: bytePairs({ vocabularySize: 290 }) },
  );
  const { model, record } = await trainedAndRead(specification, fold);
  assert.equal(record.infilling!.pieces, 3);
  const { infillMarks, tokens } = model.vocabulary;
  assert.deepEqual(tokens.slice(infillMarks!.prefixId), ["<|prefix|>", "<|suffix|>", "<|middle|>"]);
  const another = await trainedAndRead(specification, fold);
  using ensemble = meanOfModels([model, another.model]);
  const asked = { prompt: "the wha", suffix: "pt below", length: 9, seed: 4, temperature: 0 };
  assert.equal(ensemble.generate(asked), model.generate(asked));
  assert.throws(
    () => model.generate({ ...asked, suffixFirst: false }),
    /suffixFirst must be true, the only order .*suffixFirst was 1; found false/,
  );
});

Deno.test("a suffix is refused where no model learned it, and what cannot be read is, by name", async () => {
  const asked = { prompt: "ab", length: 5, seed: 1 };
  const steps = { steps: 1, evaluateEvery: 1 };
  const plain = await trainedAndRead(ofDocuments(models.GRU, steps), documentFold);
  assert.throws(
    () => plain.model.generate({ ...asked, suffix: "c" }),
    /suffix needs a model that learned to fill in the middle, by training\.fillInTheMiddle/,
  );
  plain.model.dispose();
  const fillInTheMiddle = { rate: 1 };
  const small = ofDocuments(models.Transformer, { ...steps, fillInTheMiddle });
  const { model } = await trainedAndRead(small, documentFold);
  const cases: readonly [object, RegExp][] = [
    [{ suffix: "abcdefgh" }, /prompt and suffix must be of at most 9 tokens.* found 10 tokens/],
    [
      { suffix: "xyz" },
      /the suffix must hold only tokens that the model knows, found "x", "y", "z"/,
    ],
    [{ suffix: 3 }, /generate: suffix must be a text, found 3/],
    [{ suffixFirst: true }, /suffixFirst needs a suffix, found true alone/],
    [{ suffix: "a", suffixFirst: 1 }, /suffixFirst must be true or false, found 1/],
  ];
  for (const [options, reason] of cases) {
    assert.throws(() => model.generate({ ...asked, ...options }), reason);
  }
  assert.equal(typeof model.generate({ ...asked, suffix: "", suffixFirst: false }), "string");
  const unknown = { ...asked, suffix: "x", unknownPrompt: "asUnknown" } as const;
  assert.equal(typeof model.generate(unknown), "string");
  model.dispose();
});

Deno.test("what rearranged windows contradict is refused with its reason, and a rate of 0 is no option", () => {
  const fillInTheMiddle = { rate: 0.5 };
  const refused = (training: object, reason: RegExp, other: object = {}) =>
    assert.throws(
      () => validateSpecification(ofText({ fillInTheMiddle, ...training }, other)),
      reason,
    );
  refused(
    { carriedState: true },
    /Cannot combine training\.carriedState and .*fillInTheMiddle: the state/,
  );
  refused({}, /Cannot combine tokensAhead and training\.fillInTheMiddle: tokens ahead/, {
    penalties: [tokensAhead({ strength: 1, weights: [1] })],
  });
  refused({ windowLength: 3 }, /windowLength must be at least 4 with training\.fillInTheMiddle.*3/);
  for (const rate of [-0.1, 1.1, NaN, "1"]) {
    refused(
      { fillInTheMiddle: { rate } },
      /fillInTheMiddle\.rate must be a finite number from 0 to 1/,
    );
  }
  refused({ fillInTheMiddle: { rate: 1, spm: 1 } }, /unknown option "spm"/);
  refused({ fillInTheMiddle: {} }, /fillInTheMiddle\.rate must be a finite number/);
  const pairs = {
    corpus: inlinePairs([["go", "va"], ["come", "vieni"]]),
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 1, batchSize: 1, fillInTheMiddle },
  };
  const tokenizer = characters();
  assert.throws(
    () =>
      validateSpecification({
        ...pairs,
        tokenizer: completionTokenizer({ tokenizer }),
        model: models.GRU,
      }),
    /Cannot combine training\.fillInTheMiddle and completionTokenizer: a completion is what follows/,
  );
  assert.throws(
    () =>
      validateSpecification({
        ...pairs,
        tokenizer: pairTokenizer({ source: tokenizer, target: tokenizer }),
        model: lstmSequenceToSequence({ embeddingSize: 2, hiddenSize: 2 }),
      }),
    /unknown option "fillInTheMiddle"/,
  );
  // Old specifications and those of rate 0 have one JSON, and so one run id.
  const [none, zero] = [{}, { fillInTheMiddle: { rate: 0, heldOutPieces: 9 } }].map((training) =>
    canonicalJson(stored(validateSpecification(ofText(training))))
  );
  assert.equal(zero, none);
  assert.doesNotMatch(none, /fillInTheMiddle/);
});
