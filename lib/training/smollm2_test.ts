/** Of SmolLM2-135M, whose folder `bench/make_smollm2.py` makes of a package of 93 MB. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { randomStream } from "../core/random.ts";
import { inlineText } from "../data/corpora.ts";
import { endMark } from "../data/fold_tokens.ts";
import { withFiles } from "../data/testing/project_files.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { learnVocabulary } from "../data/tokenizers/vocabulary.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { generateTokens } from "../models/decoding.ts";
import { adam } from "../optimizers/adam.ts";
// Written by `bench/pretrained.py scores` of the folder and the text of tinyshakespeare.
import reference from "./_reference/smollm2.json" with { type: "json" };
import { meanCrossEntropy } from "./evaluation.ts";
import { useInitialWeights } from "./initial_weights.ts";
import { rowOrder } from "./initial_rows.ts";
import { pretrainedModel } from "./pretrained_model.ts";
import { type TextSpecification, validateSpecification } from "./specification.ts";
import { testOfSmolLm2 } from "./testing/with_smollm2.ts";

const [rows, length] = [8, 128];

testOfSmolLm2(
  "SmolLM2-135M has transformers' mean loss of 1,024 tokens within 1e-3 and its 30 greedy tokens",
  (given) =>
    withFiles({}, async (folder, full) => {
      for await (const { name } of Deno.readDir(given)) {
        await Deno.copyFile(join(given, name), join(full, name));
      }
      await useEngine("wasm");
      const specification = validateSpecification({
        ...await pretrainedModel(folder),
        corpus: inlineText("any"),
        optimizer: adam({ learningRate: 1e-5 }),
        training: { steps: 1, batchSize: 1, windowLength: 8, evaluateEvery: 1 },
      }) as TextSpecification;
      await readyTokenizer(specification.tokenizer);
      const vocabulary = learnVocabulary(specification.tokenizer, [], [endMark]);
      assert.equal(vocabulary.size, 49_152);
      const vocabularies = { vocabulary: vocabulary.tokens, marks: vocabulary.marks };
      const context = { vocabularySize: vocabulary.size, seed: 1, fold: 0, undrawn: true };
      const model = createModel(specification.model, context);
      const found = await useInitialWeights({ model, vocabularies }, specification, 0);
      assert.deepEqual(found, { ofMean: 0, leftOut: 0 });
      const source = { metadata: {}, called: folder };
      const { rows: theirs } = rowOrder(source, specification, vocabularies, "target");
      const ids = Int32Array.from(reference.ids, (id) => theirs.indexOf(id));
      const windows = Array.from({ length: rows }, (_, row) => ({
        inputs: ids.slice(row * length, (row + 1) * length - 1),
        targets: ids.slice(row * length + 1, (row + 1) * length),
        ...{ time: length - 1, batch: 1, tokens: length - 1 },
      }));
      const loss = meanCrossEntropy(model, windows);
      assert.ok(Math.abs(loss - reference.loss) < 1e-3, `${loss}, not ${reference.loss}`);
      const options = { length: reference.written.length, temperature: 0 };
      const prompt = vocabulary.encodeText(reference.prompt);
      const written = [...generateTokens(model, prompt, options, randomStream(1))];
      assert.deepEqual(written.map((id) => theirs[id]), reference.written);
      model.dispose();
    }),
);
