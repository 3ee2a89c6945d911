import {
  activationRegularization,
  adam,
  adamW,
  asgd,
  blockedFolds,
  characters,
  decoupledWeightDecay,
  fixedSplit,
  glorotUniform,
  groupedFolds,
  gruLanguageModel,
  inlinePairs,
  inlineText,
  l1,
  l2,
  lstmLanguageModel,
  lstmSequenceToSequence,
  orthogonal,
  pairTokenizer,
  proximalL1,
  rnnLanguageModel,
  successiveHalving,
  transformerLanguageModel,
  warmStartPath,
  words,
} from "../../mod.ts";
import type { StudyOptions } from "../options.ts";

const text = "the whale swims in the sea and the ship sails over it; ".repeat(12);

const gru = gruLanguageModel({ embeddingSize: 4, hiddenSize: 4 });

const transformer = transformerLanguageModel({
  embeddingSize: 4,
  layers: 1,
  heads: 2,
  blockSize: 8,
});

export const training = { steps: 1, batchSize: 2, windowLength: 8 };

export const textStudy = {
  corpus: inlineText(text),
  tokenizer: characters(),
  model: gru as object,
  optimizer: adam({ learningRate: 0.01 }) as object,
  training: training as object,
};

export const pairs = inlinePairs(
  Array.from({ length: 20 }, (_, index): [string, string] => [`go ${index}`, `va ${index}`]),
);

export const pairStudy = {
  corpus: pairs,
  tokenizer: pairTokenizer({ source: words(), target: words() }),
  model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 4 }) as object,
  optimizer: adam({ learningRate: 0.01 }) as object,
  training: { steps: 1, batchSize: 2 } as object,
};

export interface Case {
  /** What is impossible about it. */
  readonly what: string;
  /** Changes to a specification that can be trained; with a point where they depend on one. */
  readonly changes?: object | ((point: { readonly x: number }) => object);
  /** Changes to a study that can be run. */
  readonly study?: Partial<StudyOptions>;
  readonly pairs?: boolean;
  /** With the value found and those allowed. */
  readonly said: RegExp;
}

export const trains = (changes: object) => ({ training: { ...training, ...changes } });

const taughtBy = (x: number) => ({ point: { x }, share: 0.5 });

export const cases: readonly Case[] = [
  {
    what: "users.md 7: a block shorter than the windows",
    changes: { model: transformer, ...trains({ windowLength: 9 }) },
    said: /for {"x":0}: training.windowLength must be at most the blockSize .*, 8, found 9/,
  },
  {
    what: "the same at one point of several only",
    changes: ({ x }: { x: number }) => ({
      model: transformer,
      ...trains({ windowLength: x === 0 ? 8 : 12 }),
    }),
    said: /for {"x":1}: training.windowLength must be .* 8, found 12/,
  },
  {
    what: "heads that do not divide the size",
    changes: { model: { ...transformer, heads: 3 } },
    said: /embeddingSize must be a multiple of heads, found 4 and 3/,
  },
  {
    what: "tied weights of unequal sizes",
    changes: { model: { ...gru, embeddingSize: 3, tiedWeights: true } },
    said: /tiedWeights needs embeddingSize equal to hiddenSize.* found 3 and 4/,
  },
  {
    what: "an orthogonal bias",
    changes: { model: gruLanguageModel({ ...sizes(), biasInitializer: orthogonal() }) },
    said: /gru0\/bias: orthogonal needs a matrix, found shape \[12\]/,
  },
  {
    what: "a Glorot bias of the output",
    changes: { model: rnnLanguageModel({ ...sizes(), outputBiasInitializer: glorotUniform() }) },
    said: /output\/bias: glorotUniform needs a matrix, found shape/,
  },
  {
    what: "a Glorot bias of a Transformer",
    changes: { model: { ...transformer, biasInitializer: glorotUniform() } },
    said: /block0\/attention\/bias: glorotUniform needs a matrix, found shape \[12\]/,
  },
  {
    what: "a penalty on a layer that is not there",
    changes: { penalties: [l1({ strength: 0, layers: ["gru1"] })] },
    said: /l1 acts on no parameter of layer "gru1": the layers .* are gru0, output/,
  },
  {
    what: "a penalty on recurrent kernels of a Transformer",
    changes: {
      model: transformer,
      penalties: [l2({ strength: 1, targets: ["recurrentKernel"] })],
    },
    said: /l2 acts on no parameter: its targets are recurrentKernel, the model has embedding, norm/,
  },
  {
    what: "a decay on norms of a recurrent model",
    changes: { optimizer: adamW({ learningRate: 0.1, decay: 0.1, targets: ["normalization"] }) },
    said: /acts on no parameter: its targets are normalization, the model has embedding, kernel/,
  },
  {
    what: "two penalties of one pull",
    changes: { penalties: [l1({ strength: 0 }), proximalL1({ strength: 0 })] },
    said: /Cannot combine l1 and proximalL1 .* both act by \|w\|/,
  },
  {
    what: "AdamW's decay beside another",
    changes: {
      optimizer: adamW({ learningRate: 0.1, decay: 0.1 }),
      penalties: [decoupledWeightDecay({ strength: 1 })],
    },
    said: /Cannot combine adamW and decoupledWeightDecay/,
  },
  {
    what: "one penalty on activations twice",
    changes: {
      penalties: [
        activationRegularization({ strength: 1 }),
        activationRegularization({ strength: 2 }),
      ],
    },
    said: /Cannot combine activationRegularization and activationRegularization/,
  },
  {
    what: "an evaluation smaller than a window",
    changes: trains({ evaluationTokens: 7 }),
    said: /training.evaluationTokens must be at least windowLength, 8, or null for all, found 7/,
  },
  {
    what: "windows longer than the blocks of the folds",
    changes: trains({ windowLength: 100 }),
    said: /each of 3 blocks must have at least gap \+ windowLength \+ 1 = 202 tokens.* found \d+/,
  },
  {
    what: "a gap shorter than a window",
    study: { folds: blockedFolds({ count: 3, gap: 5 }) },
    said: /gap must be at least windowLength \+ 1 = 9 tokens, found 5/,
  },
  {
    what: "windows longer than what a fixed split trains on",
    study: {
      folds: fixedSplit({ training: { start: 0, end: 8 }, heldOut: { start: 10, end: 90 } }),
    },
    said: /fold 0: a span must have at least windowLength \+ 1 = 9 tokens, found 8/,
  },
  {
    what: "a held-out text without anything to predict",
    study: {
      folds: fixedSplit({ training: { start: 0, end: 80 }, heldOut: { start: 80, end: 81 } }),
    },
    said: /fold 0: a span must have at least 2 tokens, found none such/,
  },
  {
    what: "a final block without anything to predict",
    study: {
      folds: fixedSplit({
        training: { start: 0, end: 80 },
        heldOut: { start: 80, end: 90 },
        test: { start: 90, end: 91 },
      }),
    },
    said: /fold final: a span must have at least 2 tokens/,
  },
  {
    what: "a split behind the end of the text",
    study: {
      folds: fixedSplit({ training: { start: 0, end: 80 }, heldOut: { start: 80, end: 9000 } }),
    },
    said: /spans must end at or before 660, the length of the corpus, found 9000/,
  },
  {
    what: "more training tokens than a fold has",
    changes: trains({ trainingTokens: 600 }),
    said:
      /fold 0: training.trainingTokens must be at most \d+, the training tokens of fold 0, found 600/,
  },
  {
    what: "more folds than the text has windows",
    study: { folds: blockedFolds({ count: 80 }) },
    said: /at least as many windows of windowLength \+ 1 = 9 tokens as folds, 80; found \d+/,
  },
  {
    what: "fewer training tokens than a window",
    changes: trains({ trainingTokens: 8 }),
    said: /training.trainingTokens must be a finite number from 9 to .*, found 8/,
  },
  {
    what: "more streams than the text has targets",
    changes: trains({ carriedState: true, batchSize: 500 }),
    said: /fold 0: .* each of batchSize 500 streams, found \d+ in the longest/,
  },
  {
    what: "carried state of a model without one",
    changes: { model: transformer, ...trains({ carriedState: true }) },
    said: /carriedState needs a model with a state .* found transformerLanguageModel/,
  },
  {
    what: "n-grams longer than the samples",
    changes: trains({ samples: { length: 4, nGramLength: 5 } }),
    said: /nGramLength must be a finite number from 1 to 4, found 5/,
  },
  {
    what: "samples of no tokens",
    changes: trains({ samples: { length: 0 } }),
    said: /samples.length must be a finite number from 1 to .*, found 0/,
  },
  {
    what: "dropout between layers of one layer",
    changes: { model: { ...lstmLanguageModel(sizes()), hiddenDropout: 0.1 } },
    said: /hiddenDropout is for the layers below the top one and needs layers from 2, found 1/,
  },
  {
    what: "Nesterov momentum without momentum",
    changes: { optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0, nesterov: true } },
    said: /nesterov needs momentum above 0, found momentum 0/,
  },
  {
    what: "two beginnings of an average",
    changes: { optimizer: { ...asgd({ learningRate: 1 }), averageFromStep: 3 } },
    said: /both say when averaging begins, found 3 and 5/,
  },
  {
    what: "clipping by norm and by value",
    changes: { clipping: { norm: 1, value: 1 } },
    said: /must be by norm or by value, found both: 1 and 1/,
  },
  {
    what: "rungs behind the last step",
    study: { strategy: successiveHalving({ rungs: [4], reductionFactor: 2 }) },
    said: /a rung must be .* below training.steps, 1; found 4/,
  },
  {
    what: "weights of one model in another, larger one",
    changes: ({ x }: { x: number }) => ({
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 4 + x }),
    }),
    study: { strategy: warmStartPath({ axis: "x" }) },
    said:
      /the model of {"x":1} cannot begin with the weights of {"x":0}: gru0\/kernel must have shape \[4, 15\].* found \[4, 12\]/,
  },
  {
    what: "a teacher that reads shorter windows",
    changes: ({ x }) => ({
      model: x === 0 ? transformer : gru,
      ...trains({ windowLength: x === 0 ? 8 : 9, teacher: x === 0 ? null : taughtBy(0) }),
    }),
    said:
      /teacher of point {"x":1}: {"x":0} cannot teach it: .*windowLength must be at most the blockSize .* 8, found 9/,
  },
  {
    what: "a teacher that reads the marks of infilling",
    changes: ({ x }) =>
      trains(x === 0 ? { fillInTheMiddle: { rate: 0.5 } } : { teacher: taughtBy(0) }),
    study: { folds: blockedFolds({ count: 3, unit: "bytes" }) },
    said: /cannot teach it: its training.fillInTheMiddle must be left out as the student's is/,
  },
  {
    what: "teachers of each other",
    changes: ({ x }) => trains({ teacher: taughtBy(1 - x) }),
    said: /in a circle, found {"x":0} needs {"x":1} needs {"x":0}/,
  },
  {
    what: "a teacher that the study has not",
    changes: trains({ teacher: taughtBy(2) }),
    said: /its point must be one of the study's, {"x":0}, {"x":1}, found {"x":2}/,
  },
  {
    what: "a teacher whose padding counts",
    pairs: true,
    changes: ({ x }) => ({
      training: {
        ...pairStudy.training,
        ...(x === 0 ? { padding: "counted" } : { teacher: taughtBy(0) }),
      },
    }),
    said: /cannot teach it: its training.padding must be the student's, "masked", found "counted"/,
  },
  {
    what: "no training process",
    study: { workers: 0 },
    said: /workers must be a finite number from 1 to 1024, found 0/,
  },
  {
    what: "a heap without room",
    study: { heapMegabytes: 1 },
    said: /heapMegabytes must be a finite number from 16 to .*, found 1/,
  },
  {
    what: "no time for a step",
    study: { noProgressSeconds: 0 },
    said: /noProgressSeconds must be a finite number above 0 to .*, found 0/,
  },
  {
    what: "folds of pairs for a text",
    study: { folds: groupedFolds({ count: 2 }) },
    said: /blockedFolds: kind must be "blocked", found "grouped"/,
  },
  {
    what: "folds of a text for pairs",
    pairs: true,
    study: { folds: blockedFolds({ count: 2 }) },
    said:
      /folds of pairs \(by groupedFolds or fixedSplit\): kind must be "grouped", found "blocked"/,
  },
  {
    what: "more folds than sources",
    pairs: true,
    study: { folds: groupedFolds({ count: 30 }) },
    said: /each of 30 blocks and the final one must have a source of its own, found 20/,
  },
  {
    what: "pairs that are all too long",
    pairs: true,
    changes: {
      tokenizer: pairTokenizer({ source: words(), target: words(), maximumSourceLength: 1 }),
    },
    said: /at least one pair must be as short as maximumSourceLength 1 .* found none of 20/,
  },
  {
    what: "a language model for pairs",
    pairs: true,
    changes: { model: gru },
    said: /model.kind, for pairs, must be "lstmSequenceToSequence", found "gruLanguageModel"/,
  },
  {
    what: "tied weights of a decoder without vectors",
    pairs: true,
    changes: { model: { ...pairStudy.model, embeddingSize: 0, tiedWeights: true } },
    said: /tiedWeights needs vectors of tokens, found embeddingSize 0/,
  },
  {
    what: "a penalty on a layer that a model of pairs lacks",
    pairs: true,
    changes: { penalties: [l1({ strength: 1, layers: ["attention"] })] },
    said: /l1 acts on no parameter of layer "attention": .* are encoder0, decoder0, output/,
  },
  {
    what: "an orthogonal bias of a model of pairs",
    pairs: true,
    changes: { model: { ...pairStudy.model, biasInitializer: orthogonal() } },
    said: /encoder0\/bias: orthogonal needs a matrix, found shape \[16\]/,
  },
];

function sizes() {
  return { embeddingSize: 4, hiddenSize: 4 };
}
