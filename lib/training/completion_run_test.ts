import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { inlineRows } from "../data/row_corpora.ts";
import { dialogueRows } from "../data/rows/dialogue_rows.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { activationRegularization } from "../penalties/activation_regularization.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { rDrop } from "../penalties/r_drop.ts";
import { simplify } from "../simplification/simplify.ts";
import { ema } from "../averages/ema.ts";
import { labelSmoothing } from "../penalties/label_smoothing.ts";
import { tokensAhead } from "../penalties/tokens_ahead.ts";
import { executeRun } from "./run.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";
import { type CompletionSpecificationOptions, validateSpecification } from "./specification.ts";
import { readTrainedModel } from "./trained_model.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";
import { withFile } from "./testing/read_back.ts";
import { reversals } from "./testing/reversals.ts";

const corpus = inlinePairs(reversals(300));
const tokenizer = completionTokenizer({
  tokenizer: characters(),
  maximumSourceLength: 4,
  maximumTargetLength: 4,
});
const { folds: [fold] } = makePairFolds(
  groupedFolds({ count: 5 }),
  await loadTokenPairs(corpus, tokenizer),
);

const sizes = { embeddingSize: 6, hiddenSize: 12 };
const transformer = (embeddingSize = 8) =>
  transformerLanguageModel({ embeddingSize, layers: 2, heads: 2, blockSize: 9 });
const models: Readonly<Record<string, ModelSpecification>> = {
  gru: gruLanguageModel(sizes),
  lstm: lstmLanguageModel(sizes),
  rnn: rnnLanguageModel(sizes),
  transformer: transformer(),
};

function request(
  change: Partial<CompletionSpecificationOptions> = {},
  training: Partial<CompletionSpecificationOptions["training"]> = {},
  rest: Partial<RunRequest> = {},
): RunRequest {
  const specification: CompletionSpecificationOptions = {
    corpus,
    tokenizer,
    model: models.gru,
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: 12, batchSize: 8, evaluateEvery: 4, decodedPairs: 10, ...training },
    ...change,
  };
  return requestOf(specification, fold, rest);
}

Deno.test("a Transformer learns to write prompts backwards, prompts that it never read too", async () => {
  const record = await executeRun(
    request(
      { model: transformer(32) },
      { steps: 500, batchSize: 32, evaluateEvery: 250, decodedPairs: null },
    ),
  );
  assert.equal(record.status, "completed", record.error ?? "");
  // Five letters, the unknown token and three marks; both sides have them.
  assert.equal(record.tokens.vocabulary, 9);
  const { heldOut, training, written, tokenAccuracy, sourceVocabulary } = record.pairs!;
  assert.deepEqual([training, heldOut, sourceVocabulary], [216, 54, 9]);
  assert.equal(written!.pairs, 54);
  assert.ok(written!.exactMatch > 0.8, `${written!.exactMatch} of held-out words are right`);
  assert.ok(tokenAccuracy > 0.9, `${tokenAccuracy}`);
  for (const { prompt, reference } of record.samples) {
    assert.equal(reference, [...prompt].reverse().join(""));
  }
});

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name}: a run on prompts is the same to the bit again, goes on from a checkpoint to the same bits, and its weights write what it wrote`, () =>
    withFile(async (path) => {
      await useEngine("wasm");
      const tensors = () => tf.memory().numTensors;
      const before = tensors();
      const sampled = { samples: { count: 4 } };
      const weightsPath = `${path}.safetensors`;
      const record = await executeRun(request({ model }, sampled, { weightsPath }));
      assert.equal(tensors(), before);
      assert.equal(record.status, "completed", record.error ?? "");
      assert.ok(Math.abs(record.curve[0].heldOutLoss - Math.log(9)) < 0.2);

      const checkpoint = { path, seconds: null, steps: 1 };
      const resumable = request({ model }, { ...sampled, sampling: "epochs", batchSize: 50 }, {
        checkpoint,
      });
      const undisturbed = await executeRun({ ...resumable, checkpoint: null });
      assert.notEqual(numbersOf(undisturbed), numbersOf(record));
      const hooks: RunHooks = {
        onProgress(step) {
          if (step === 7) throw new Error("killed");
        },
      };
      await assert.rejects(executeRun(resumable, hooks), /killed/);
      assert.equal(numbersOf(await executeRun(resumable)), numbersOf(undisturbed));

      const read = await readTrainedModel(await Deno.readFile(weightsPath));
      for (const { prompt, text } of record.samples) {
        assert.equal(read.generate({ prompt, length: 5, temperature: 0, seed: 1 }), text);
      }
      const pairs = await loadTokenPairs(corpus, tokenizer);
      const heldOut = pairs.slice(fold.heldOut[0].start, fold.heldOut[0].end);
      let [sum, tokens] = [0, 0];
      for (const { source, target } of heldOut) {
        sum += read.crossEntropy(target.join(""), source.join("")) * (target.length + 1);
        tokens += target.length + 1;
      }
      const loss = record.final!.heldOutLoss;
      assert.ok(Math.abs(sum / tokens - loss) < 1e-5 * loss, `${sum / tokens}, ${loss}`);
      assert.throws(
        () => read.crossEntropy("ab"),
        /crossEntropy: source must be a text, found nothing/,
      );
      assert.throws(
        () => read.generate({ prompt: "abz", length: 4, seed: 1 }),
        /must hold only tokens that the model knows, found "z"/,
      );
      read.dispose();
      assert.equal(tensors(), before);
    }));
}

Deno.test("no change of the prompts of training changes what its loss counts, and prompts change the loss", async () => {
  const { final, tokens, cost } = await executeRun(request());
  const prompted = reversals(300).map(([source, target]): TextPair => [`${source}e`, target]);
  const other = await executeRun(request({
    corpus: inlinePairs(prompted),
    tokenizer: { ...tokenizer, maximumSourceLength: 5 },
  }));
  assert.equal(other.tokens.training, tokens.training);
  assert.equal(other.cost!.tokens, cost!.tokens);
  assert.equal(other.tokens.unigramEntropy, tokens.unigramEntropy);
  assert.notEqual(other.final!.trainingLoss, final!.trainingLoss);
  // The mean is over completions and their ends.
  const { training } = tokens;
  const pairs = await loadTokenPairs(corpus, tokenizer);
  const spans = fold.training.flatMap(({ start, end }) => pairs.slice(start, end));
  assert.equal(training, spans.reduce((sum, { target }) => sum + target.length + 1, 0));
  assert.equal(cost!.flops, null);
});

Deno.test("what is added to the loss is over the completion too, and inputs of both sides can be masked", async () => {
  const plain = await executeRun(request());
  const changes = [
    request({ penalties: [tokensAhead({ strength: 0.5, weights: [1] })] }),
    request({ penalties: [labelSmoothing({ strength: 0.2 })] }),
    request({ penalties: [activationRegularization({ strength: 2 })] }),
    request({}, { maskedInputs: 0.3 }),
  ];
  for (const changed of changes) {
    const { status, error, curve } = await executeRun(changed);
    assert.equal(status, "completed", error ?? "");
    // The untrained model, measured without them, is the same.
    assert.equal(curve[0].heldOutLoss, plain.curve[0].heldOutLoss);
    assert.notEqual(curve.at(-1)!.heldOutLoss, plain.curve.at(-1)!.heldOutLoss);
  }
});

Deno.test("remedies together train a model of prompts, and go on from a checkpoint to the same bits", () =>
  withFile(async (path) => {
    const checkpoint = { path, seconds: null, steps: 1 };
    const resumable = request({
      model: gruLanguageModel({ ...sizes, outputDropout: 0.2 }),
      penalties: [
        rDrop({ strength: 0.5 }),
        tokensAhead({ strength: 0.3 }),
        labelSmoothing({ strength: 0.1 }),
      ],
    }, {
      sampling: "epochs",
      averages: [ema({ horizon: 3 })],
      weightDropout: { rate: 0.1 },
      maskedInputs: 0.1,
      sharpnessRadius: 0.05,
      samples: { count: 2, beams: 2 },
    }, { checkpoint });
    const undisturbed = await executeRun({ ...resumable, checkpoint: null });
    assert.equal(undisturbed.status, "completed", undisturbed.error ?? "");
    const hooks: RunHooks = {
      onProgress(step) {
        if (step === 7) throw new Error("killed");
      },
    };
    await assert.rejects(executeRun(resumable, hooks), /killed/);
    assert.equal(numbersOf(await executeRun(resumable)), numbersOf(undisturbed));
  }));

Deno.test("a model of prompts without its dead units writes and measures as before", () =>
  withFile(async (weightsPath) => {
    const penalties = [proximalL1({ strength: 3, targets: ["embedding", "kernel"] })];
    await executeRun(request({ penalties }, {}, { weightsPath }));
    using trained = await readTrainedModel(await Deno.readFile(weightsPath));
    const { model, report } = await simplify(trained, {
      loss: (model) => model.crossEntropy("cba", "abc"),
    });
    const [before, after] = report.stages;
    assert.ok(after.parameters < before.parameters, JSON.stringify(report.stages));
    assert.ok(Math.abs(after.loss! - before.loss!) < 1e-5);
    const options = { prompt: "abca", length: 4, temperature: 0, seed: 1 };
    assert.equal(model.generate(options), trained.generate(options));
    model.dispose();
  }));

Deno.test("a run on dialogues learns each assistant's turn from all turns before it", async () => {
  const messages = (...texts: string[]) => ({
    messages: texts.map((content, at) => ({ role: ["user", "assistant"][at % 2], content })),
  });
  const dialogues = inlineRows([
    ...["a", "b", "c", "d"].map((name) => messages(name, `hi ${name}`, "and", `bye ${name}`)),
    ...["e", "f"].map((name) => messages(name, `hi ${name}`)),
  ], { rows: dialogueRows({ templates: { user: "U {content}\n", assistant: "A {content}\n" } }) });
  const split = completionTokenizer({ tokenizer: characters() });
  const pairs = await loadTokenPairs(dialogues, split);
  assert.equal(pairs.length, 10);
  assert.equal(pairs[1].source.join(""), "U a\nA hi a\nU and\nA ");
  assert.equal(pairs[1].target.join(""), "bye a");
  const { folds: [first] } = makePairFolds(groupedFolds({ count: 2, finalShare: 0 }), pairs);
  const { status, error, pairs: summary, tokens, samples } = await executeRun(
    request({ corpus: dialogues, tokenizer: split }, {}, { fold: first }),
  );
  assert.equal(status, "completed", error ?? "");
  assert.equal(summary!.training + summary!.heldOut, 10);
  const heldOut = pairs.slice(first.heldOut[0].start, first.heldOut[0].end);
  assert.equal(tokens.heldOut, heldOut.reduce((sum, { target }) => sum + target.length + 1, 0));
  assert.match(samples[0].prompt, /^U .\nA $|U and\nA $/);
});

Deno.test("metrics of what is written are measured where they are asked for, and stand in no JSON where they are not", async () => {
  const plain = await executeRun(request());
  assert.deepEqual(Object.keys(plain.pairs!.written!), [
    ...["pairs", "exactMatch", "editDistance", "chrf"],
  ]);
  const { pairs } = await executeRun(request({}, { metrics: ["rougeL"] }));
  const { rougeL, ...rest } = pairs!.written!;
  assert.deepEqual(rest, plain.pairs!.written);
  // Of the words of one letter run that are written, some are their reference's.
  assert.equal(rougeL, rest.exactMatch);
  const specification = validateSpecification(request().specification);
  assert.deepEqual((specification as { training: { metrics: unknown } }).training.metrics, []);
  assert.ok(!Object.hasOwn(stored(specification).training, "metrics"));
  const refused: [unknown, RegExp][] = [
    ["bleu", /training.metrics must be a list of metrics, found "bleu"/],
    [["rouge"], /training.metrics must be one of "bleu", "rougeL", found "rouge"/],
    [["bleu", "bleu"], /training.metrics must hold each metric once/],
  ];
  for (const [metrics, expected] of refused) {
    const given = request({}, { metrics: metrics as [] }).specification;
    assert.throws(() => validateSpecification(given), expected);
  }
});

Deno.test("validateSpecification refuses what does not go with prompts, with the reason", () => {
  const { specification } = request();
  const valid = validateSpecification(specification);
  assert.deepEqual(validateSpecification(JSON.parse(JSON.stringify(valid))), valid);
  const training = specification.training as JsonObject;
  const without = { ...tokenizer, maximumTargetLength: null };
  const block = transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 8 });
  const cases: [object, RegExp][] = [
    [
      { training: { ...training, carriedState: true } },
      /carriedState .*from a zero state.* found true/,
    ],
    [{ training: { ...training, windowLength: 8 } }, /windowLength .*window of its own length/],
    [
      { training: { ...training, windowLength: undefined } },
      /windowLength .*window of its own length\. Leave it out, found nothing/,
    ],
    [{ training: { ...training, trainingTokens: 99 } }, /trainingTokens .*trains on whole pairs/],
    [{ training: { ...training, tokenAccuracy: true } }, /tokenAccuracy .*always recorded/],
    [{ training: { ...training, padding: "counted" } }, /padding "counted".* completion alone/],
    [{ training: { ...training, samples: { length: 9 } } }, /unknown option "length"/],
    [{ model: { kind: "lstmSequenceToSequence", ...sizes } }, /model.kind must be one of "gru/],
    [
      { model: transformer(), tokenizer: without },
      /must be at most the blockSize .* 4 \+ 1 \+ null/,
    ],
    [
      { model: block },
      /at most the blockSize of the transformerLanguageModel, 8, found 4 \+ 1 \+ 4/,
    ],
    [
      { model: transformer(), training: { ...training, maximumLength: 6 } },
      /training.maximumLength must be at most 5, .* found 6/,
    ],
    [{ tokenizer: { kind: "completions" } }, /completionTokenizer: tokenizer|tokenizer: kind/],
  ];
  for (const [change, expected] of cases) {
    assert.throws(() => validateSpecification({ ...specification, ...change }), expected);
  }
});

Deno.test("a model of prompts refuses by name what it cannot read or write, and reads a prompt that just fits", () =>
  withFile(async (weightsPath) => {
    await executeRun(request({ model: models.transformer }, {}, { weightsPath }));
    using model = await readTrainedModel(await Deno.readFile(weightsPath));
    const ensemble = meanOfModels([model]);
    for (const reader of [model, ensemble]) {
      const write = (options: object) => () =>
        reader.generate({ prompt: "ab", length: 4, seed: 1, ...options });
      // Of the 9 tokens of a window one is the mark.
      assert.equal(typeof write({ prompt: "abcdeabc" })(), "string");
      const cases: [object, RegExp][] = [
        [
          { prompt: "abcdeabcd" },
          /^RangeError: generate: prompt must be of at most 8 tokens, .* found 9 tokens/,
        ],
        [{ length: undefined }, /^TypeError: generate: length must be .* found nothing/],
        [{ length: 0 }, /^RangeError: generate: length must be .* found 0/],
        [{ temperature: -1 }, /^RangeError: generate: temperature must be .* found -1/],
        [{ numBeams: 2 }, /"numBeams"; allowed are prompt, length, seed, unknownPrompt, temp/],
        [{ prompt: null }, /^TypeError: generate: prompt must be a text, found null/],
      ];
      for (const [options, expected] of cases) assert.throws(write(options), expected);
      for (
        const name of ["crossEntropy", "tokenAccuracy", "bitsPerByte", "bitsPerCharacter"] as const
      ) {
        assert.throws(
          () => reader[name]("ab"),
          new RegExp(`^TypeError: ${name}: source must be a text, found nothing`),
        );
      }
    }
  }));
