import { inWords } from "../core/in_words.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { asObject } from "../reports/specification_words.ts";

/** Keys of `_bibliography.json`; none for what no paper stands behind. */
type Keys = readonly string[];

const proximal: Keys = ["parikh2014proximal", "yun2021proximal"];
const ours: Keys = [];

/**
 * What stands behind each kind. A kind of the user's own has none, nor has what this library or the code of an
 * article made up.
 */
export const kindReferences: {
  readonly [category: string]: { readonly [kind: string]: Keys };
} = {
  model: {
    gruLanguageModel: ["cho2014gru"],
    lstmLanguageModel: ["hochreiter1997lstm", "gers2000forget"],
    rnnLanguageModel: ["elman1990time", "mikolov2010rnn"],
    transformerLanguageModel: ["vaswani2017attention", "radford2019gpt2"],
    llamaLanguageModel: [
      "touvron2023llama",
      "zhang2019rmsnorm",
      "su2021roformer",
      "shazeer2020glu",
      "ainslie2023gqa",
    ],
    lstmSequenceToSequence: ["sutskever2014sequence", "hochreiter1997lstm"],
    ownModel: ours,
  },
  optimizer: {
    sgd: ["robbins1951stochastic"],
    adam: ["kingma2015adam"],
    adamW: ["loshchilov2019decoupled"],
    rmsprop: ["tieleman2012rmsprop"],
    asgd: ["polyak1992averaging", "merity2018awdlstm"],
    muon: ["jordan2024muon", "liu2025muon"],
    ownOptimizer: ours,
  },
  penalty: {
    l1: ["tibshirani1996lasso"],
    proximalL1: ["tibshirani1996lasso", ...proximal],
    l2: ["hoerl1970ridge"],
    coupledWeightDecay: ["krogh1992decay"],
    decoupledWeightDecay: ["loshchilov2019decoupled"],
    elasticNet: ["zou2005elastic"],
    proximalElasticNet: ["zou2005elastic", "parikh2014proximal"],
    kerasL2: ["hoerl1970ridge"],
    groupLasso: ["yuan2006grouped"],
    proximalGroupLasso: ["yuan2006grouped", ...proximal],
    unsquaredNorms: ours,
    maxNorm: ["srebro2005margin", "srivastava2014dropout"],
    l2TowardsStart: ["li2018explicit"],
    decoupledDecayTowardsStart: ["loshchilov2019decoupled", "li2018explicit"],
    proximalL1TowardsStart: proximal,
    ownPenalty: ours,
    logitsL1: ours,
    activationRegularization: ["merity2017activation"],
    temporalActivationRegularization: ["merity2017activation"],
    labelSmoothing: ["szegedy2016inception"],
    confidencePenalty: ["pereyra2017confident"],
    rDrop: ["liang2021rdrop"],
    tokensAhead: ["gloeckle2024multitoken"],
  },
  average: {
    ema: ["polyak1992averaging", "tarvainen2017mean"],
    swa: ["izmailov2018swa"],
    lastEvaluations: ["vaswani2017attention"],
  },
  tokenizer: {
    characters: ours,
    words: ours,
    spacedWords: ours,
    bytes: ours,
    bytePairs: ["sennrich2016subword", "radford2019gpt2"],
    tokenizerFile: ours,
    publishedTokenizer: ["radford2019gpt2"],
  },
  strategy: {
    successiveHalving: ["jamieson2016best"],
    treeParzenEstimator: ["bergstra2011algorithms"],
    warmStartPath: ours,
    empiricalMaximum: ours,
  },
  initializer: {
    zeros: ours,
    uniform: ours,
    triangular: ours,
    normal: ours,
    fanInUniform: ours,
    glorotUniform: ["glorot2010understanding"],
    orthogonal: ["saxe2014exact"],
  },
  schedule: {
    constant: ours,
    step: ours,
    cosine: ["loshchilov2017sgdr"],
    cyclic: ["loshchilov2017sgdr"],
    warmUp: ours,
    piecewiseLinear: ours,
  },
};

/** Something that an option of a specification asks for, with what stands behind it. */
export interface OptionReference {
  readonly what: string;
  readonly keys: Keys;
  /** Whether a specification asks for it. */
  isUsed(specification: JsonObject): boolean;
}

/** What options of specifications ask for, beside their kinds. */
export const optionReferences: readonly OptionReference[] = [
  ofModel("dropout", ["srivastava2014dropout"], [
    "inputDropout",
    "outputDropout",
    "hiddenDropout",
    "residualDropout",
    "attentionDropout",
  ]),
  ofModel("recurrent dropout", ["gal2016dropout"], ["recurrentDropout"]),
  ofModel("locked dropout", ["gal2016dropout", "merity2018awdlstm"], ["lockedDropout"]),
  ofModel("dropout of whole embeddings", ["gal2016dropout", "merity2018awdlstm"], [
    "embeddingDropout",
  ]),
  ofModel("stochastic depth", ["huang2016stochastic"], ["stochasticDepth"]),
  ofModel("tied weights", ["press2017tying"], ["tiedWeights"]),
  {
    what: "attention of a decoder",
    keys: ["luong2015attention"],
    isUsed: ({ model }) => asObject(model).attention === "dot",
  },
  ...Object.entries(kindReferences.initializer).map(([kind, keys]) => ({
    what: `${inWords(kind)} initial weights`,
    keys,
    isUsed: ({ model }: JsonObject) =>
      Object.values(asObject(model)).some((each) => asObject(each).kind === kind),
  })),
  ...Object.entries(kindReferences.schedule).map(([kind, keys]) => ({
    what: `${inWords(kind)} schedule`,
    keys,
    isUsed: ({ optimizer }: JsonObject) => kindsIn(asObject(optimizer).schedule).includes(kind),
  })),
  {
    what: "momentum",
    keys: ["sutskever2013momentum"],
    isUsed: ({ optimizer }) => {
      const { kind, momentum } = asObject(optimizer);
      return kind === "sgd" && isOn(momentum);
    },
  },
  {
    what: "cautious weight decay",
    keys: ["chen2025cautious"],
    isUsed: ({ penalties }) => asList(penalties).some((each) => asObject(each).cautious === true),
  },
  {
    what: "clipping of the gradient",
    keys: ["pascanu2013difficulty"],
    isUsed: ({ clipping }) => isOn(clipping),
  },
  ofTraining("dropped weights", ["wan2013dropconnect", "merity2018awdlstm"], "weightDropout"),
  ofTraining("sharpness-aware minimization", ["foret2021sam"], "sharpnessRadius"),
  ofTraining("snapshots", ["huang2017snapshot"], "snapshots"),
  ofTraining("masked inputs", ["bowman2016sentences"], "maskedInputs"),
  ofTraining("distillation", ["hinton2015distilling"], "teacher"),
  ofTraining("filling in the middle", ["bavarian2022infilling"], "fillInTheMiddle"),
  ofTraining("low-rank adapters", ["hu2021lora"], "adapters"),
  ofTraining("learning rates of layers", ["howard2018ulmfit"], "learningRateFactors"),
  ofTraining("early stopping", ["goodfellow2016deep"], "earlyStopping"),
  ofMetric("BLEU", ["papineni2002bleu"], "bleu"),
  ofMetric("ROUGE-L", ["lin2004rouge"], "rougeL"),
  {
    what: "chrF",
    keys: ["popovic2015chrf"],
    isUsed: ({ training }) => "metrics" in asObject(training),
  },
];

function ofModel(what: string, keys: Keys, options: readonly string[]): OptionReference {
  return {
    what,
    keys,
    isUsed: ({ model }) => options.some((option) => isOn(asObject(model)[option])),
  };
}

function ofTraining(what: string, keys: Keys, option: string): OptionReference {
  return { what, keys, isUsed: ({ training }) => isOn(asObject(training)[option]) };
}

function ofMetric(what: string, keys: Keys, metric: string): OptionReference {
  return {
    what,
    keys,
    isUsed: ({ training }) => asList(asObject(training).metrics).includes(metric),
  };
}

/** Whether an option asks for something: not left out, off, 0 or none. */
function isOn(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false;
  return Array.isArray(value) ? value.length > 0 : true;
}

/** Kinds of a schedule and of those within it. */
function kindsIn(value: Json | undefined): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = asObject(value).kind;
  return [...(typeof own === "string" ? [own] : []), ...Object.values(value).flatMap(kindsIn)];
}

/** A list of a record, or an empty one. */
export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
