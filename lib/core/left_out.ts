/**
 * What specifications have in memory and stored JSON has not.
 *
 * The options below came after runs had been stored without them, and their values are how those runs were
 * trained. JSON leaves them out at these values, so that what trains alike has the same run id. An option
 * that comes later gets its line here.
 *
 * @module
 */

import { entryOf } from "./entry_of.ts";
import { canonicalJson, type JsonObject } from "./json.ts";

/** Values of options, or what gives them where they follow from others. */
type LeftOut = JsonObject | ((object: JsonObject) => JsonObject | null);

const constant = { kind: "constant" };
const zeros = { kind: "zeros" };

const ofRecurrentModels = ({ outputDropout = 0 }: JsonObject) => ({
  embeddingDropout: 0,
  hiddenDropout: outputDropout,
  biasInitializer: zeros,
  outputBiasInitializer: zeros,
});

/** By the place of an object in a specification, whatever its kind. */
const ofPlaces: { readonly [place: string]: LeftOut } = {
  optimizer: { schedule: constant },
  penalties: { schedule: constant },
  samples: {
    minP: 0,
    repetitionPenalty: 1,
    beams: 1,
    lengthPenalty: 1,
    earlyStopping: false,
    stopStrings: [],
  },
  // Pairs have no windows.
  training: (training) => ({
    sampling: "draws",
    averages: [],
    chosenAverage: 0,
    snapshots: null,
    weightDropout: null,
    dropoutSchedule: constant,
    sharpnessRadius: 0,
    microBatchSize: null,
    recomputeBlocks: false,
    maskedInputs: 0,
    teacher: null,
    frozen: [],
    adapters: null,
    learningRateFactors: null,
    ...("windowLength" in training && {
      carriedState: false,
      documentWindows: "across",
      fillInTheMiddle: null,
      tokenAccuracy: false,
      evaluationBytes: null,
    }),
    ...("decodedPairs" in training && { metrics: [], evaluationPairs: null }),
  }),
};

/** By the kind of an object. */
const ofKinds: { readonly [kind: string]: LeftOut } = {
  step: { after: 0 },
  decoupledWeightDecay: { scaledBy: "learningRate", cautious: false },
  decoupledDecayTowardsStart: { scaledBy: "learningRate", cautious: false },
  adamW: { cautious: false },
  muon: { cautious: false },
  linearRegression: { biasInitializer: zeros },
  transformerLanguageModel: { biasInitializer: zeros, attentionDropout: 0, stochasticDepth: 0 },
  lstmLanguageModel: ofRecurrentModels,
  lstmSequenceToSequence: ofRecurrentModels,
  rnnLanguageModel: ofRecurrentModels,
  gruLanguageModel: (model) => ({
    ...ofRecurrentModels(model),
    ...{ tiedWeights: false, recurrentDropout: 0, lockedDropout: false },
  }),
};

/**
 * A specification as JSON has it, without options at the values that are left out; also an object of it.
 *
 * @param complete Specification with every option.
 * @param place Of an object: where it stands, `optimizer` or `penalties`; `""` for a whole specification.
 *
 * @example
 * ```ts
 * import { complete, stored } from "./left_out.ts";
 * import assert from "node:assert/strict";
 * const schedule = { kind: "step", every: 10, factor: 0.5 };
 * assert.deepEqual(complete(schedule), { ...schedule, after: 0 });
 * assert.deepEqual(stored({ ...schedule, after: 0 }), schedule);
 * ```
 */
export function stored<T>(complete: T, place = ""): T {
  return eachObject(complete, place, (object, leftOut) =>
    Object.fromEntries(
      Object.entries(object).filter(([option, value]) =>
        !Object.hasOwn(leftOut, option) || canonicalJson(value) !== canonicalJson(leftOut[option])
      ),
    ));
}

/** A specification with every option, from what {@link stored} gave; also an object of it. */
export function complete<T>(stored: T, place = ""): T {
  return eachObject(stored, place, (object, leftOut) => ({ ...leftOut, ...object }));
}

function eachObject<T>(
  value: T,
  place: string,
  change: (object: JsonObject, leftOut: JsonObject) => object,
): T {
  if (Array.isArray(value)) return value.map((each) => eachObject(each, place, change)) as T;
  if (value === null || typeof value !== "object") return value;
  // Options of a part of the user's own, and a teacher's point, are not the library's, whatever they hold.
  const object = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "options" || name === "point" ? inner : eachObject(inner, name, change),
    ]),
  );
  const leftOut = [entryOf(ofPlaces, place), entryOf(ofKinds, object.kind)].map((each) =>
    typeof each === "function" ? each(object) : each
  );
  return change(object, Object.assign({}, ...leftOut)) as T;
}
