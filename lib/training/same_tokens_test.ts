import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { publishedTokenizer } from "../data/tokenizers/published_tokenizer.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { checkSameParameters } from "./check_runnable.ts";
import { checkTeacher } from "./check_teacher.ts";
import { checkFoldUnit } from "./fold_unit.ts";
import { type TextSpecification, validateSpecification } from "./specification.ts";

function specification(tokenizer = characters() as TextSpecification["tokenizer"], training = {}) {
  return validateSpecification({
    corpus: inlineText("call me Ishmael. ".repeat(20)),
    tokenizer,
    model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
    optimizer: adam({ learningRate: 0.01 }),
    training: { steps: 1, batchSize: 1, windowLength: 4, ...training },
  }) as TextSpecification;
}

Deno.test("weights and predictions go over from run to run where the tokens are the same", () => {
  const [own, other] = [specification(), specification(bytes())];
  checkSameParameters(own, specification());
  assert.throws(
    () => checkSameParameters(other, own),
    /tokenizer must be the same in both.*found bytes in the weaker one and characters/,
  );
  const subwords = bytePairs({ vocabularySize: 300 });
  const alike: [TextSpecification["tokenizer"], "trainingTokens" | "trainingBytes"][] = [
    [subwords, "trainingBytes"],
    [characters(), "trainingBytes"],
    [characters(), "trainingTokens"],
  ];
  for (const [tokenizer, option] of alike) {
    const ofFirst = (count: number) => specification(tokenizer, { [option]: count });
    checkSameParameters(ofFirst(50), ofFirst(50));
    assert.throws(() => checkSameParameters(ofFirst(50), ofFirst(60)), {
      message: new RegExp(`training.${option} must be the same in both.* found 50 .* and 60`),
    });
  }
  // Tokens that no text makes are the same, however much of it trains.
  for (const tokenizer of [bytes(), publishedTokenizer("r50k_base")]) {
    checkSameParameters(specification(tokenizer, { trainingBytes: 50 }), specification(tokenizer));
  }
  checkTeacher(own, specification());
  const fillsIn = specification(characters(), { fillInTheMiddle: { rate: 0.5 } });
  checkTeacher(fillsIn, specification(characters(), { fillInTheMiddle: { rate: 1 } }));
  checkSameParameters(fillsIn, fillsIn);
  for (const [first, second, found] of [[own, fillsIn, "not"], [fillsIn, own, "in"]] as const) {
    assert.throws(
      () => checkSameParameters(first, second),
      new RegExp(`fillInTheMiddle must be there in both or in neither.* found it ${found} `),
    );
    assert.throws(
      () => checkTeacher(first, second),
      /fillInTheMiddle must be (there|left out) as the student's is, found it (left out|there): one/,
    );
  }
  assert.throws(
    () => checkTeacher(other, own),
    /tokenizer must be the student's, .*characters.*, found .*bytes/,
  );
  assert.throws(
    () => checkTeacher(own, specification(characters(), { trainingBytes: 50 })),
    /training.trainingBytes must be the student's, 50, found all/,
  );
});

Deno.test("text is counted in what the positions of a fold are, and the right option is named", () => {
  const { training } = specification(characters(), { trainingTokens: 50 });
  checkFoldUnit(training, {});
  assert.throws(
    () => checkFoldUnit(training, { unit: "bytes" }),
    /trainingTokens must be left out where folds are in bytes, found 50: say training.trainingBytes/,
  );
  const inBytes = specification(characters(), { evaluationBytes: 2000 });
  checkFoldUnit(inBytes.training, { unit: "bytes" });
  assert.throws(
    () => checkFoldUnit(inBytes.training, {}),
    /evaluationBytes must be left out where folds are in tokens, found 2000: .*or fold in bytes/,
  );
  const fillsIn = specification(characters(), { fillInTheMiddle: { rate: 1 } });
  checkFoldUnit(fillsIn.training, { unit: "bytes" });
  assert.throws(
    () => checkFoldUnit(fillsIn.training, {}),
    /fillInTheMiddle needs folds in bytes or of documents.* found folds in tokens\. Use .*"bytes"/,
  );
});
