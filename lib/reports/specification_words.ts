import { averageKinds, averageName, type AverageSpecification } from "../averages/kinds.ts";
import { inWords } from "../core/in_words.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { penaltyFormula, penaltyOptionRole, penaltyTex } from "../penalties/words.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { isRemedyPath, strengthsByName, varyingRemedies } from "../statistics/axis_roles.ts";
import { formatSetting } from "../statistics/format.ts";
import { ofTeacher } from "../statistics/setting_names.ts";
import { differingPaths, leaves } from "../statistics/specification_paths.ts";
import { optimizerFormula } from "./formulas.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";
import { formula } from "./math.ts";
import { partName, partOptions } from "./own_part.ts";
import { optimizerTex } from "./tex.ts";

/** Options of a training that have sentences of their own, see `tuning_words.ts`. */
const saidElsewhere = ["frozen", "adapters", "learningRateFactors"];

/** So many values are listed; of more numbers only the range, of more texts only how many. */
const listed = 6;

/** Behind what is not the same in all points. */
const varies = "(see the points)";

/** Model, optimizer and training of a study: what varies between points as its values, not as the first's. */
export function modelAndTraining({ specifications }: StudyRecord): Markup {
  const parts = (name: string) => specifications.map((each) => asObject(each[name]));
  const models = byKind(parts("model")).map((alike) =>
    fragment`${partName(alike[0])} with ${optionsAcross(alike.map(partOptions), [])}`
  );
  const optimizers = byKind(parts("optimizer"));
  const clippings = distinct(specifications.map((each) => each.clipping ?? null)).map(clipping);
  return fragment`<p>${joined(models, "; or ")}. Optimizer: ${
    joined(
      optimizers.map((alike) =>
        fragment`${partName(alike[0])}
(${optionsAcross(alike.map(partOptions), [])}): ${optimizerFormula(alike[0])}`
      ),
      "; or ",
    )
  }.</p>
${optimizers.map(([first]) => formula(optimizerTex(first)))}<p>Training:
${optionsAcross(parts("training"), ["samples", "teacher", ...saidElsewhere])}; clipping: ${
    clippings.join(" or ")
  }${clippings.length > 1 ? ` ${varies}` : ""}.</p>
`;
}

/** Every penalty that some point has, each once, with the strengths of the points. */
export function penaltiesList({ specifications }: StudyRecord): Markup {
  const all = specifications.flatMap((each) => asList(each.penalties));
  const groups = [
    ...Map.groupBy(all, (penalty) => canonicalJson(withoutStrengths(penalty))).values(),
  ];
  if (groups.length === 0) return fragment`<p>None.</p>`;
  return fragment`<ul>${
    groups.map((alike) => {
      const [penalty] = alike;
      const kinds = asTexts(penalty.targets).join(", ") ||
        "what the model computes, not on weights";
      const layers = asTexts(penalty.layers).join(", ");
      const targets = layers === "" ? kinds : `${kinds} of ${layers}`;
      const strengths = Object.keys(penalty).filter(isStrength)
        .map((option) => `${inWords(option)} ${across(alike.map((each) => each[option]))}`);
      const lacking = alike.length < specifications.length
        ? `; ${alike.length} of ${specifications.length} points have it`
        : "";
      return fragment`<li><strong>${partName(penalty)}</strong> on ${targets}, ${
        strengths.join(", ")
      }${lacking}:
${formula(penaltyTex(penalty))}<code>${penaltyFormula(penalty)}</code></li>
`;
    })
  }</ul>`;
}

function withoutStrengths(penalty: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(penalty).filter(([option]) => !isStrength(option)));
}

function isStrength(option: string): boolean {
  return penaltyOptionRole(option) === "strength";
}

/** What the points of a study differ in, such as `proximal L1 (0, 1e-4)`; none of points that are alike. */
export function differingInWords(
  { specifications }: Pick<StudyRecord, "specifications">,
): string[] {
  const strengths = specifications.map(strengthsByName);
  const remedies = varyingRemedies(specifications).map((name) =>
    `${name} (${valuesInWords(strengths.map((each) => each.get(name) ?? 0))})`
  );
  const rest = specifications.map(({ penalties: _, ...others }) => others);
  const others = [...differingPaths(rest)]
    // Who teaches is said where the training is.
    .filter(([path]) => !isRemedyPath(path) && !/^training\.teacher\.(point|seeds|mean)/.test(path))
    .map(([path, values]) => `${pathInWords(path)} (${valuesInWords(values)})`);
  const options = [...differingPaths(specifications.map(penaltyOptions))]
    // Where a penalty is not there its options are not either.
    .map(([path, values]) => [path, values.filter((value) => value !== null)] as const)
    .filter(([, values]) => distinct(values).length > 1)
    .map(([path, values]) => `${path.replace(".", ": ")} (${valuesInWords(values)})`);
  return [...remedies, ...others, ...options];
}

/** Options of penalties that are no strengths, by the penalty's kind, where two points have it. */
function penaltyOptions({ penalties }: JsonObject): JsonObject {
  return Object.fromEntries(
    asList(penalties).flatMap((penalty) =>
      leaves(withoutStrengths(penalty), "").filter(([path]) => path !== "kind")
        .map(([path, value]) => [`${inWords(String(penalty.kind))}.${path}`, value])
    ),
  );
}

/** Parts of a path that say little without the one before. */
const little = /^(kind|name|steps|size|range|norm|value|length|start)$/;

/** A place of a specification in words, such as `hidden size` or `optimizer kind`. */
export function pathInWords(path: string): string {
  const teacher = ofTeacher(path);
  if (teacher !== null) return teacher;
  const parts = path.replace(/\[\d+\]/g, "").split(".");
  const from = little.test(parts.at(-1)!) ? -2 : -1;
  return parts.slice(from).map(inWords).join(" ");
}

/** Values that points have, each once: a list, or the range of many numbers. */
export function valuesInWords(values: readonly Json[]): string {
  const different = distinct(values);
  if (different.length <= listed) return different.map(optionInWords).join(", ");
  return different.every((value) => typeof value === "number")
    ? `${different.length} values from ${formatSetting(Math.min(...different))} to ${
      formatSetting(Math.max(...different))
    }`
    : `${different.length} values`;
}

function distinct(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

function byKind(parts: readonly JsonObject[]): JsonObject[][] {
  return [
    ...Map.groupBy(
      parts,
      ({ kind, module, export: name }) =>
        canonicalJson([kind ?? null, module ?? null, name ?? null]),
    ).values(),
  ];
}

function joined(parts: readonly Markup[], separator: string): Insertion[] {
  return parts.flatMap((part, index) => index === 0 ? [part] : [separator, part]);
}

/** The options of parts of one kind, those that differ with all their values. */
function optionsAcross(parts: readonly JsonObject[], without: readonly string[]): string {
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))]
    .filter((name) => !without.includes(name));
  return names.map((name) => `${name} ${across(parts.map((part) => part[name]))}`).join(", ") ||
    "no options";
}

/** A value that may differ between points; one that is not there is `none`. */
function across(values: readonly (Json | undefined)[]): string {
  const all = values.map((value) => value ?? null);
  return distinct(all).length < 2 ? optionInWords(all[0]) : `${valuesInWords(all)} ${varies}`;
}

/**
 * An option's value: `none` for null and an empty list, an average by its name, another part by its kind
 * with its own options in brackets, options without a kind in brackets alone.
 */
export function optionInWords(value: Json): string {
  if (value === null) return "none";
  if (Array.isArray(value)) {
    const isOfParts = value.some((each) => each !== null && typeof each === "object");
    const words = value.map(optionInWords);
    return isOfParts ? `(${words.join("; ")})` : words.join(" and ") || "none";
  }
  if (typeof value !== "object") return formatSetting(value);
  const { kind, ...options } = asObject(value);
  if (typeof kind !== "string") return `(${optionsAcross([options], [])})`;
  if (kind in averageKinds) return averageName(value as unknown as AverageSpecification);
  return Object.keys(options).length === 0 ? kind : `${kind} (${optionsAcross([options], [])})`;
}

function clipping(value: Json): string {
  const { norm, value: limit } = asObject(value);
  if (typeof limit === "number") return `each component at most ${limit} away from 0`;
  return typeof norm === "number" ? `global norm at most ${norm}` : "none";
}

/** An object, or an empty one. */
export function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

function asList(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function asTexts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
