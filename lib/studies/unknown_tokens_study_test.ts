import assert from "node:assert/strict";
import { corpus, type CorpusSpecification, inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { groupedFolds } from "../data/pair_folds.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs, type TextPair } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { adam } from "../optimizers/adam.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { showFindings } from "../reports/show.ts";
import { unknownTokens, unknownTokenWarnings } from "../statistics/unknown_tokens.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import type { Study } from "./study.ts";
import { smallStudy } from "./_testing/small_study.ts";
import { withProject } from "./_testing/parts.ts";

/** Two points, without and with much weight decay. */
function decayStudy(
  project: string,
  name: string,
  text: CorpusSpecification,
  tokenizer: TokenizerSpecification,
  steps: number,
): Promise<Study> {
  return runStudy(smallStudy(project, {
    name,
    space: grid({ alpha: [0, 12] }),
    folds: blockedFolds({ count: 3, finalShare: 0 }),
    specify: ({ alpha }) => ({
      corpus: text,
      tokenizer,
      model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 12 }),
      optimizer: adam({ learningRate: 2e-2 }),
      penalties: [decoupledWeightDecay({ strength: alpha })],
      training: {
        steps,
        batchSize: 16,
        windowLength: 16,
        evaluateEvery: steps,
        samples: { count: 0 },
      },
    }),
  }));
}

Deno.test("users 1: where unknown words decide which decay is best, table and findings say so", () =>
  withProject(async (project) => {
    const text = corpus("moby-dick", { excerpt: { start: 40_000, length: 16_000 } });
    const unlimited = await decayStudy(project, "no-limit", text, words(), 90);
    const lowest = (study: Study, read: "all" | "known") =>
      unknownTokens(study)!.points!
        .reduce((a, b) => b[read].mean < a[read].mean ? b : a).point.alpha;
    const unknown = unknownTokens(unlimited)!;
    assert.equal(unknown.trained, false);
    assert.ok(unknown.share > 0.2 && unknown.share < 0.35, `${unknown.share}`);
    assert.deepEqual([lowest(unlimited, "all"), lowest(unlimited, "known")], [12, 0]);
    for (const shown of [String(unlimited), String(showFindings(unlimited))]) {
      assert.match(shown, /\d % of the held-out tokens are unknown .*no training example contains/);
      assert.match(shown, /maximumVocabulary or minimumCount: 2 trains it/);
      assert.match(shown, /Unknown tokens decide .*: on all held-out tokens it is α = 12 with/);
      assert.match(shown, /that the vocabulary knows α = 0 with/);
    }
    assert.match(
      String(unlimited),
      /known tokens, last step[^]*Known tokens: the loss on the held-out tokens that the vocabulary/,
    );

    const limited = await decayStudy(project, "limit", text, words({ maximumVocabulary: 500 }), 90);
    assert.equal(unknownTokens(limited)!.trained, true);
    assert.deepEqual([lowest(limited, "all"), lowest(limited, "known")], [0, 0]);
    const [said, ...others] = unknownTokenWarnings(limited);
    assert.match(said, /Training examples contain the unknown token, so it is learned/);
    assert.deepEqual(others, []);
  }));

// Poems of the Tang dynasty: Li Bai, Wang Zhihuan, Meng Haoran, Wang Wei, Liu Zongyuan, Jia Dao,
// Du Fu, Bai Juyi.
const poems =
  "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n" +
  "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。\n空山不见人，但闻人语响。返景入深林，复照青苔上。\n" +
  "千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。\n松下问童子，言师采药去。只在此山中，云深不知处。\n" +
  "红豆生南国，春来发几枝。愿君多采撷，此物最相思。\n离离原上草，一岁一枯荣。野火烧不尽，春风吹又生。\n" +
  "众鸟高飞尽，孤云独去闲。相看两不厌，只有敬亭山。\n好雨知时节，当春乃发生。随风潜入夜，润物细无声。\n";

Deno.test("users 1, report 10: Chinese by characters and by words says how many tokens are unknown, and trains the unknown one where asked", () =>
  withProject(async (project) => {
    const text = inlineText(poems);
    const shareOf = async (name: string, tokenizer: TokenizerSpecification) => {
      const study = await runStudy(smallStudy(project, {
        name,
        space: grid({ alpha: [0, 1] }),
        folds: blockedFolds({ count: 2, finalShare: 0 }),
        specify: ({ alpha }) => ({
          corpus: text,
          tokenizer,
          model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
          optimizer: adam({ learningRate: 2e-2 }),
          penalties: [decoupledWeightDecay({ strength: alpha })],
          training: { steps: 8, batchSize: 4, windowLength: 6, samples: { count: 0 } },
        }),
      }));
      const { share, trained } = unknownTokens(study)!;
      const [warning] = unknownTokenWarnings(study);
      return { share, trained, warning };
    };
    const plain = await shareOf("characters", characters());
    assert.ok(plain.share > 0.3, `${plain.share}`);
    assert.equal(plain.trained, false);
    assert.match(plain.warning, /not learned\..* set minimumCount: 2 in characters\(\)\.$/);
    const rare = await shareOf("rare-characters", characters({ minimumCount: 2 }));
    assert.equal(rare.trained, true);
    assert.ok(rare.share > plain.share);
    assert.match(rare.warning, /so it is learned/);
    // A clause is a word of the plain rule; of ICU's dictionary it is several.
    const clauses = await shareOf("words", words());
    const dictionary = await shareOf("unicode-words", words({ segmentation: "unicode" }));
    assert.equal(clauses.trained, false);
    assert.match(clauses.warning, /unknown to the vocabulary .* no training example contains/);
    assert.ok(dictionary.share > 0);
  }));

const sentence = (index: number) =>
  `In the year ${index * 7919 % 1009} ship ${index} saw ${index * 31 % 97} whales off cape ${
    index * 53 % 89
  }. `;
const once = Array.from({ length: 40 }, (_, index) => sentence(index)).join("");

Deno.test("a doubled text is warned of before training, in the table and in the findings", () =>
  withProject(async (project) => {
    const warned: string[] = [];
    const reporter = { ...silentReporter, warn: (message: string) => void warned.push(message) };
    const study = (name: string, text: string, count = 2) =>
      runStudy(smallStudy(project, {
        name,
        reporter,
        space: grid({ alpha: [0, 1] }),
        folds: blockedFolds({ count, finalShare: 0 }),
        specify: ({ alpha }) => ({
          corpus: inlineText(text),
          tokenizer: characters(),
          model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
          optimizer: adam({ learningRate: 1e-2 }),
          penalties: [decoupledWeightDecay({ strength: alpha })],
          training: { steps: 2, batchSize: 4, windowLength: 8, samples: { count: 0 } },
        }),
      }));
    const doubled = await study("doubled", once + once);
    const { length, shares, final } = doubled.record.repeated!;
    assert.deepEqual([length, final], [50, null]);
    assert.ok(shares.every((share) => share > 0.9));
    assert.equal(warned.length, 1);
    assert.match(warned[0], /^9\d\.\d % of the held-out text stands word for word in the training/);
    assert.ok(String(doubled).includes(warned[0]));
    assert.ok(String(showFindings(doubled)).includes(warned[0]));
    // Nothing to train: nothing to warn of before it.
    await study("doubled", once + once);
    assert.equal(warned.length, 1);

    const single = await study("single", once);
    assert.deepEqual(single.record.repeated!.shares, [0, 0]);
    assert.equal(warned.length, 1);

    await study("small", once.slice(0, 500), 8);
    assert.match(
      warned[1],
      /^8 folds of 8 hold out 62 to 63 tokens, fewer than 10 windows of 8 tok/,
    );
  }));

Deno.test("targets that stand in training pairs under other sources are counted and said", () =>
  withProject(async (project) => {
    const warned: string[] = [];
    const pairs = Array.from(
      { length: 60 },
      (_, index): TextPair => [`source ${index}`, index % 4 === 0 ? "the same" : `target ${index}`],
    );
    const study = await runStudy(smallStudy(project, {
      name: "pairs",
      reporter: { ...silentReporter, warn: (message: string) => void warned.push(message) },
      space: grid({ alpha: [0, 1] }),
      folds: groupedFolds({ count: 2, finalShare: 0.2 }),
      specify: ({ alpha }) => ({
        corpus: inlinePairs(pairs),
        tokenizer: pairTokenizer({ source: words(), target: words() }),
        model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 6 }),
        optimizer: adam({ learningRate: 1e-2 }),
        penalties: [decoupledWeightDecay({ strength: alpha })],
        training: { steps: 2, batchSize: 4, decodedPairs: 0, samples: { count: 0 } },
      }),
    }));
    assert.deepEqual(study.record.repeated, { length: null, shares: [0.25, 0.25], final: 0.25 });
    assert.match(warned[0], /^25\.0 % of the held-out targets stand in the training pairs too/);
    // Each target's number is another: unknown tokens are said of pairs as well.
    assert.match(String(showFindings(study)), /of the held-out tokens of targets are unknown/);
  }));
