import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { validateSpecification } from "./specification.ts";

const minimal = {
  corpus: inlineText("to be or not to be"),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8 }),
  optimizer: adam({ learningRate: 1e-3 }),
  training: { steps: 100, batchSize: 2, windowLength: 4 },
};

Deno.test("validateSpecification fills every default and is a fixed point of itself", () => {
  const full = validateSpecification(minimal);
  assert.deepEqual(full.penalties, []);
  assert.equal(full.clipping, null);
  assert.equal(full.training.evaluateEvery, 10);
  assert.equal(full.training.samples.temperature, 0.8);
  const again = validateSpecification(JSON.parse(canonicalJson(full)));
  assert.equal(canonicalJson(again), canonicalJson(full));
});

Deno.test("stored keeps carriedState out of the JSON unless it is true", () => {
  const withState = (carriedState: boolean) =>
    validateSpecification({ ...minimal, training: { ...minimal.training, carriedState } });
  assert.deepEqual(withState(false), validateSpecification(minimal));
  assert.ok(!("carriedState" in stored(withState(false)).training));
  const { training } = withState(true);
  assert.deepEqual((training as { carriedState?: boolean }).carriedState, true);
});

Deno.test("validateSpecification keeps trainingTokens out of the JSON where it is not given", () => {
  assert.ok(!("trainingTokens" in validateSpecification(minimal).training));
  const training = { ...minimal.training, trainingTokens: 12 };
  assert.deepEqual(validateSpecification({ ...minimal, training }).training, {
    ...validateSpecification(minimal).training,
    trainingTokens: 12,
  });
  assert.throws(
    () => validateSpecification({ ...minimal, training: { ...training, trainingTokens: 4 } }),
    /training\.trainingTokens must be .* from 5 to .*, found 4/,
  );
});

Deno.test("validateSpecification refuses what it does not know or cannot use, by name", () => {
  const training = minimal.training;
  const bad: [unknown, RegExp][] = [
    [null, /specification/],
    [{ ...minimal, penalty: [] }, /"penalty"/],
    [{ ...minimal, penalties: proximalL1({ strength: 1 }) }, /penalties must be a list/],
    [{ ...minimal, penalties: [{ kind: "l3", strength: 1 }] }, /"l3"/],
    [{ ...minimal, penalties: [{ ...proximalL1({ strength: 1 }), strength: -1 }] }, /strength/],
    [{ ...minimal, model: { ...minimal.model, kind: "gpt" } }, /"gpt"/],
    [{ ...minimal, model: { ...minimal.model, hiddenSize: 1.5 } }, /hiddenSize/],
    [{ ...minimal, clipping: { norm: 0 } }, /clipping\.norm/],
    [{ ...minimal, clipping: { value: -1 } }, /clipping\.value/],
    [{ ...minimal, clipping: { norm: 1, value: 1 } }, /by norm or by value, found both/],
    [{ ...minimal, clipping: { share: 1 } }, /"share"/],
    [{ ...minimal, training: { ...training, steps: 0 } }, /training\.steps/],
    [{ ...minimal, training: { ...training, epochs: 3 } }, /"epochs"/],
    [{ ...minimal, training: { ...training, samples: { temperature: NaN } } }, /temperature/],
    [{ ...minimal, training: { ...training, earlyStopping: {} } }, /patience/],
    [
      { ...minimal, training: { ...training, samples: { nGramLength: 0 } } },
      /nGramLength .*from 1/,
    ],
    [
      { ...minimal, training: { ...training, samples: { nGramLength: 9, length: 8 } } },
      /nGramLength .* to 8, found 9/,
    ],
    [{ ...minimal, training: { ...training, carriedState: 1 } }, /carriedState must be true or/],
    [
      {
        ...minimal,
        model: transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 1, blockSize: 4 }),
        training: { ...training, carriedState: true },
      },
      /carriedState needs a model with a state.* found transformerLanguageModel/,
    ],
    [
      { ...minimal, training: { ...training, sampling: "epoch" } },
      /training.sampling must be .*"draws".*"epochs".*, found "epoch"/,
    ],
    [
      { ...minimal, training: { ...training, sampling: "epochs", carriedState: true } },
      /Cannot combine training.carriedState and sampling "epochs": .* in its own order/,
    ],
    [{ ...minimal, schemaVersion: 2 }, /schemaVersion/],
  ];
  for (const [json, message] of bad) {
    assert.throws(() => validateSpecification(json), message, JSON.stringify(json));
  }
});
