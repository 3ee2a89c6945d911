import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { restoreVocabulary } from "../data/tokenizers/vocabulary.ts";
import { words } from "../data/tokenizers/words.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import type { LanguageModel } from "../models/model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { type GenerationOptions, type Reader, textReader } from "./reader.ts";
import {
  type SpecificationOptions,
  type TextSpecification,
  validateSpecification,
} from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";
import { trainedAndRead } from "./testing/read_back.ts";

const text = "the sea was calm and the whale slept. ".repeat(12);
const training = { steps: 60, batchSize: 8, windowLength: 8 };
const textOf = (change: Partial<SpecificationOptions> = {}): SpecificationOptions =>
  ({
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 24 }),
    optimizer: adam({ learningRate: 2e-2 }),
    training: { ...training, samples: { count: 0 } },
    ...change,
  }) as SpecificationOptions;
const halves = (tokens: number): FoldRecord => ({
  index: 0,
  training: [{ start: 0, end: tokens / 2 }],
  heldOut: [{ start: tokens / 2, end: tokens }],
});

/** The text that is written, having seen that its pieces add up to it. */
function written(model: Reader, options: Omit<GenerationOptions, "seed" | "length">): string {
  const given = { seed: 1, length: 40, ...options };
  const whole = model.generate(given);
  assert.equal([...model.stream(given)].join(""), whole);
  return whole;
}

/** What every model that writes must do with stop strings and beams. */
function checkWriting(model: Reader, prompt: string): void {
  const whole = written(model, { prompt, temperature: 0 });
  for (const stop of [whole.slice(9, 12), whole.slice(12, 13), whole.slice(0, 2)]) {
    const short = written(model, { prompt, temperature: 0, stopStrings: [stop, "not there"] });
    assert.equal(short, whole.slice(0, whole.indexOf(stop)));
  }
  const beams = written(model, { prompt, beams: 4 });
  assert.equal(beams, written(model, { prompt, beams: 4, temperature: 0 }));
  // The search's text is at least as probable as the greedy one, by the model's own measure.
  const loss = (text: string) => model.crossEntropy(prompt + text);
  assert.ok(loss(beams) <= loss(whole) + 1e-5, `${beams}: ${loss(beams)}, ${loss(whole)}`);
  const stopped = written(model, { prompt, beams: 4, stopStrings: ["e "] });
  assert.ok(!stopped.includes("e "), stopped);
  const far = written(model, { prompt, temperature: 0, repetitionPenalty: 5 });
  assert.ok(new Set(far).size > new Set(whole).size || far !== whole, far);
}

const models: { readonly [name: string]: ModelSpecification } = {
  "a GRU": gruLanguageModel({ embeddingSize: 8, hiddenSize: 24 }),
  "a Transformer": transformerLanguageModel({
    embeddingSize: 16,
    layers: 1,
    heads: 2,
    blockSize: 64,
  }),
};

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name} writes by beam search and to a stop string, alone and as an ensemble`, async () => {
    // Of one window, so that what is written is measured as it was chosen.
    const specification = textOf({
      model,
      training: { ...training, steps: 20, windowLength: 60, samples: { count: 0 } },
    } as Partial<SpecificationOptions>);
    const { model: first, bytes } = await trainedAndRead(specification, halves(456));
    checkWriting(first, "the whale ");
    const { model: second } = await trainedAndRead(specification, halves(440));
    checkWriting(meanOfModels([first, second]), "the sea ");
    const options = { prompt: "the ", length: 6, seed: 1, beams: 2, stopStrings: ["w"] };
    const expected = first.generate(options);
    first.dispose();
    second.dispose();
    using onCpu = await readTrainedModel(bytes, "cpu");
    assert.equal(onCpu.generate(options), expected);
  });
}

Deno.test("of words and bytes a stop string goes over the ends of tokens", async () => {
  for (const [tokenizer, tokens] of [[words(), 108], [bytes(), 456]] as const) {
    const { model } = await trainedAndRead(textOf({ tokenizer }), halves(tokens));
    const whole = written(model, { prompt: "the sea", temperature: 0 });
    const stop = whole.slice(2, 7); // not of one token: "s cal" of "was calm"
    const short = written(model, { prompt: "the sea", temperature: 0, stopStrings: [stop, "x"] });
    assert.equal(short, whole.slice(0, whole.indexOf(stop)));
    model.dispose();
  }
});

Deno.test("samples of a record are the best texts of a search, cut at stop strings, with statistics of what is left", async () => {
  const samples = {
    count: 3,
    beams: 4,
    length: 30,
    promptLength: 8,
    lengthPenalty: 0,
    stopStrings: ["e"],
    nGramLength: 2,
  };
  const { model, record } = await trainedAndRead(
    textOf({ training: { ...training, samples } } as Partial<SpecificationOptions>),
    halves(456),
  );
  assert.equal(record.samples.length, 3);
  assert.equal(new Set(record.samples.map(({ text }) => text)).size, 3);
  for (const { text, temperature, beams, statistics } of record.samples) {
    assert.ok(!text.includes("e"), text);
    assert.deepEqual([temperature, beams], [0, 4]);
    assert.equal(statistics?.tokens, text.length >= 2 ? text.length : undefined);
  }
  const [{ prompt, text }] = record.samples;
  const options = { prompt, length: 30, seed: 1, beams: 4, lengthPenalty: 0, stopStrings: ["e"] };
  assert.equal(model.generate(options), text);
  model.dispose();
});

const pairs = Array.from(
  { length: 16 },
  (_, at): [string, string] => [`say ${at % 4} now`, `${at % 4} said then`],
);
const ofPairs = (samples: object): SpecificationOptions => ({
  corpus: inlinePairs(pairs),
  tokenizer: pairTokenizer({ source: words(), target: characters() }),
  model: lstmSequenceToSequence({ embeddingSize: 8, hiddenSize: 24, attention: "dot" }),
  optimizer: adam({ learningRate: 3e-2 }),
  training: { steps: 120, batchSize: 8, samples },
});
const pairFold = {
  index: 0,
  training: [{ start: 0, end: 12 }],
  heldOut: [{ start: 12, end: 16 }],
};

Deno.test("of pairs beam search, stop strings and the penalty on repetition write targets, in records too", async () => {
  const samples = { count: 2, beams: 3, stopStrings: ["then"] };
  const { model, record } = await trainedAndRead(ofPairs(samples), pairFold);
  const write = (options: Partial<GenerationOptions>) =>
    written(model, { prompt: "say 1 now", ...options });
  const whole = write({ temperature: 0 });
  assert.equal(whole, "1 said then");
  assert.equal(write({ beams: 3 }), whole);
  assert.equal(write({ beams: 3, stopStrings: ["then"] }), "1 said ");
  assert.equal(write({ temperature: 0, stopStrings: ["d t"] }), "1 sai");
  assert.notEqual(write({ temperature: 0, repetitionPenalty: 30 }), whole);
  for (const { text, beams, temperature } of record.samples) {
    assert.match(text, /^\d said $/);
    assert.deepEqual([beams, temperature], [3, 0]);
  }
  assert.throws(() => write({ prompt: "say 9 now" }), /found " ?9"/);
  model.dispose();
});

Deno.test("samples without the new options are stored as before, and contradictions are refused by name", () => {
  const check = (samples: object) => () =>
    validateSpecification(
      textOf({ training: { ...training, samples } } as Partial<SpecificationOptions>),
    );
  assert.equal(check({ beams: 4 })().training.samples.temperature, 0);
  assert.equal(check({ beams: 4, temperature: 0.8 })().training.samples.temperature, 0);
  assert.equal(check({})().training.samples.temperature, 0.8);
  assert.throws(
    check({ beams: 4, temperature: 0.7 }),
    /training\.samples: temperature must be 0 with beams 4/,
  );
  assert.throws(
    check({ count: 5, beams: 4 }),
    /samples\.count must be at most beams 4, .* found 5/,
  );
  assert.throws(check({ earlyStopping: true }), /earlyStopping must be false without beam search/);
  assert.throws(check({ minp: 0.1 }), /minp.*minP/s);
});

Deno.test("a text of documents ends with the mark of their ends, which is no part of it", () => {
  const specification = textOf();
  const vocabulary = restoreVocabulary(characters(), ["\uFFFD", "<|end|>", "a", "b"], 1);
  const read: number[] = [];
  /** Writes a, b and the end. */
  const network = {
    decoder: () => ({
      next([token]: Int32Array) {
        read.push(token);
        return Float32Array.from({ length: 4 }, (_, id) => id === [3, 2, 3, 1][token] ? 9 : 0);
      },
      dispose() {},
    }),
  } as unknown as LanguageModel;
  const reader = textReader(network, vocabulary, specification as TextSpecification);
  const options = { prompt: "a", length: 9, seed: 1, temperature: 0 };
  assert.equal(reader.generate(options), "b");
  assert.deepEqual(read, [1, 2, 3]);
});

Deno.test("what is no text, and what generate does not take, is refused by name", () => {
  const vocabulary = restoreVocabulary(characters(), ["\uFFFD", "a", "b"]);
  const network = {} as LanguageModel; // nothing is asked of it
  const reader = textReader(network, vocabulary, validateSpecification(textOf()) as never);
  for (const [value, found] of [[undefined, "nothing"], [null, "null"], [12, "12"]] as const) {
    const options = { prompt: value as never, length: 60, seed: 1 };
    const expected = {
      name: "TypeError",
      message: `generate: prompt must be a text, found ${found}.`,
    };
    assert.throws(() => reader.generate(options), expected);
    assert.throws(() => reader.stream(options), expected);
    for (
      const name of [
        "crossEntropy",
        "bitsPerByte",
        "bitsPerCharacter",
        "tokenAccuracy",
        "unknownShare",
      ] as const
    ) {
      assert.throws(() => reader[name](value as never), {
        name: "TypeError",
        message: `${name}: text must be a text, found ${found}.`,
      });
    }
  }
  for (const option of ["numBeams", "promt", "endId"]) {
    assert.throws(
      () => reader.generate({ prompt: "a", length: 3, seed: 1, [option]: 1 }),
      new RegExp(`"${option}"; allowed are prompt, length, seed, unknownPrompt, temperature, topK`),
    );
  }
});

Deno.test("bits are refused of words whose white space is lost, and of those that are unknown", () => {
  const tokens = ["<unk>", "a", " b"];
  const network = {} as LanguageModel; // nothing is asked of it
  const readerOf = (tokenizer: TextSpecification["tokenizer"]) =>
    textReader(
      network,
      restoreVocabulary(tokenizer, tokens),
      validateSpecification(textOf({ tokenizer } as Partial<SpecificationOptions>)) as never,
    );
  const plain = readerOf(words());
  const unicode = readerOf(words({ segmentation: "unicode" }));
  for (const name of ["bitsPerByte", "bitsPerCharacter"] as const) {
    assert.throws(() => plain[name]("a b"), new RegExp(`^RangeError: ${name} .* white space: its`));
    assert.throws(() => unicode[name]("a c"), /lose unknown tokens: .* without unknown tokens/);
  }
});

Deno.test("a stream has no empty pieces where text is held back", async () => {
  const { model } = await trainedAndRead(textOf({ tokenizer: bytes() }), halves(456));
  const options = { prompt: "the sea", length: 40, seed: 1, stopStrings: ["sea was blue"] };
  const pieces = [...model.stream(options)];
  assert.ok(pieces.length > 0 && pieces.every((piece) => piece !== ""), JSON.stringify(pieces));
  assert.ok(pieces.length < 40, "some of it was held back");
  assert.equal(pieces.join(""), model.generate(options));
  model.dispose();
});
