import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { formatSetting } from "../statistics/format.ts";
import { fragment, type Markup } from "./html.ts";
import { formula } from "./math.ts";
import { asObject } from "./specification_words.ts";
import { methodTex } from "./tex.ts";

/** Options of a training that {@link tuningParagraphs} say. */
export const tuningNames = ["frozen", "adapters", "learningRateFactors"];

/** Which parameters stay as they are, which have adapters, and whose learning rates are others. */
export function tuningParagraphs({ specifications }: StudyRecord): Markup[] {
  const trainings = specifications.map(({ training }) => asObject(training));
  const of = (name: string) => {
    const values = trainings.map((training) => training[name]);
    const given = values.filter((value) => value !== undefined && value !== null);
    return {
      each: [...new Map(given.map((value) => [canonicalJson(value), value])).values()],
      lacking: given.length < values.length,
    };
  };
  const [frozen, adapters, rates] = tuningNames.map(of);
  const some = ({ lacking }: typeof frozen) => lacking ? " in some points" : "";
  return [
    ...frozen.each.length === 0 ? [] : [
      fragment`<p>Frozen${some(frozen)}, without gradient, penalty or memory of the optimizer: ${
        frozen.each.map((list) => asList(list).map(selectionInWords).join("; ")).join(", or: ")
      }.</p>
`,
    ],
    ...adapters.each.length === 0 ? [] : [
      fragment`<p>Low-rank adapters (Hu et al. 2021)${some(adapters)}: ${
        adapters.each.map((each) => adaptersInWords(asObject(each))).join(", or: ")
      }. The kernel of d inputs and k outputs is
W, which began as W<sub>0</sub>; A and B are trained, W<sub>0</sub> is not:</p>
${formula(methodTex.adapters)}`,
    ],
    ...rates.each.length === 0 ? [] : [
      fragment`<p>Learning rates by layer (Howard and Ruder 2018)${some(rates)}: ${
        rates.each.map((each) => ratesInWords(asObject(each))).join(", or: ")
      }. Decoupled decay has
its layer's rate.</p>
${rates.each.some((each) => "perBlock" in asObject(each)) ? formula(methodTex.rateOfBlock) : null}`,
    ],
  ];
}

function selectionInWords({ kinds, layers, names }: JsonObject): string {
  return [
    kinds === undefined ? "all parameters" : `${listed(kinds)} parameters`,
    ...layers === undefined ? [] : [`of ${listed(layers)}`],
    ...names === undefined ? [] : [`named ${listed(names)}`],
  ].join(" ");
}

function adaptersInWords({ rank, alpha, others, initializer, ...selection }: JsonObject): string {
  const { kind, ...options } = asObject(initializer);
  const values = Object.values(options).map((value) => formatSetting(value));
  return `of ${selectionInWords(selection)}, rank r = ${rank}, α = ${alpha}, A at the beginning ${
    [kind, ...values].join(" ")
  }, all else ${others === "trained" ? "trained as well" : "frozen"}`;
}

function ratesInWords({ perBlock, layers }: JsonObject): string {
  return [
    ...perBlock === undefined ? [] : [
      `that of block l is multiplied by f = ${
        formatSetting(perBlock)
      } once for each block after it`,
    ],
    ...Object.entries(asObject(layers)).map(([layer, factor]) => `${layer} times ${factor}`),
  ].join(", ");
}

function listed(value: Json): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function asList(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
