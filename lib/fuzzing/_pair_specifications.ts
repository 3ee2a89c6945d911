import { cosineSchedule, warmUpSchedule } from "../core/schedule.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { completionTokenizer } from "../data/completion_tokens.ts";
import { inlineRows } from "../data/row_corpora.ts";
import { dialogueRows } from "../data/rows/dialogue_rows.ts";
import { instructionRows } from "../data/rows/instruction_rows.ts";
import { inlinePairs, pairFile } from "../data/pairs.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import { elasticNet } from "../penalties/elastic_net.ts";

const pairs = Array.from({ length: 12 }, (_, i): [string, string] => [`go ${i}`, `va ${i}.`]);

/** Of pairs; their file is in the project of `makeBase`. */
export function pairSpecifications(): readonly unknown[] {
  return [
    {
      corpus: inlinePairs(pairs),
      tokenizer: pairTokenizer({ source: characters(), target: words() }),
      model: lstmSequenceToSequence(
        { hiddenSize: 3, attention: "dot", embeddingSize: 3 } as never,
      ),
      penalties: [elasticNet({ l1Strength: 1e-3, l2Strength: 1e-3 })],
      optimizer: sgd({
        learningRate: 0.1,
        momentum: 0.9,
        schedule: warmUpSchedule({ steps: 2, then: cosineSchedule({ steps: 4 }) }),
      } as never),
      training: { steps: 4, batchSize: 2, decodedPairs: 3, maximumLength: 9 },
    },
    {
      corpus: pairFile("pairs.tsv", { excerpt: { length: 10 }, order: "given" } as never),
      tokenizer: pairTokenizer({ source: bytes(), target: characters() }),
      model: lstmSequenceToSequence(
        { embeddingSize: 2, hiddenSize: 3, decoderReads: "source" } as never,
      ),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 2, padding: "counted" },
    },
    {
      corpus: inlineRows(pairs.map(([ask, answer]) => ({ ask, answer })), {
        rows: instructionRows({ prompt: "{ask}: ", completion: "answer" }),
        group: "ask",
        order: "shuffled",
      }),
      tokenizer: completionTokenizer({
        ...{ tokenizer: characters(), maximumSourceLength: 9, maximumTargetLength: 9 },
      }),
      model: transformerLanguageModel(
        { embeddingSize: 4, layers: 1, heads: 2, blockSize: 19 } as never,
      ),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 2, decodedPairs: 3, metrics: ["bleu", "rougeL"] },
    },
    {
      corpus: inlineRows(
        pairs.map(([ask, answer]) => ({
          messages: [{ role: "user", content: ask }, { role: "assistant", content: answer }],
        })),
        {
          rows: dialogueRows({ templates: { user: "U: {content} ", assistant: "A: {content} " } }),
        },
      ),
      tokenizer: completionTokenizer({ tokenizer: words() }),
      model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 3 }),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 2, samples: { count: 1 } },
    },
    {
      corpus: inlinePairs(pairs, { maximumSourceBytes: 20, maximumTargetBytes: 30 }),
      tokenizer: completionTokenizer({ tokenizer: bytePairs({ vocabularySize: 280 }) }),
      model: transformerLanguageModel(
        { embeddingSize: 4, layers: 1, heads: 2, blockSize: 40 } as never,
      ),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 2, evaluationPairs: 5 },
    },
  ];
}
