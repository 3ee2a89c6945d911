import type { ManyStudies, SharedText } from "./compare_many_studies.ts";
import { fewestTexts } from "./compare_arms_over_texts.ts";
import type { OverTexts } from "./combine_studies.ts";
import { equals, spanOf } from "./describe_arms.ts";
import { describeRegion, equivalenceWords, regionWords } from "./describe_equivalence.ts";
import {
  counted,
  formatNumber,
  formatPValue,
  formatSetting,
  formatShare,
  formatSigned,
  listInWords,
} from "./format.ts";
import type { HierarchicalPosterior } from "./hierarchical_t.ts";
import { contrastSides } from "./study_contrast.ts";

/**
 * Says in words what a comparison of several studies shows.
 *
 * @param comparison What `compareStudies` returned for a list of studies.
 * @param options.contrasts How many contrasts p-values are adjusted over; 1.
 * @returns Sentences: what the studies show each, what they show together, and what the numbers cannot say.
 *
 * @example
 * ```ts
 * import { compareStudies } from "./compare_studies.ts";
 * import { describeManyStudies } from "./describe_many_studies.ts";
 * import { syntheticRecords } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const studies = ["a", "b"].map((name, text) => {
 *   const { record, records } = syntheticRecords({ name, axes: { lambda: [0, 1e-4] }, seeds: [text] });
 *   return { record: { ...record, corpus: { ...record.corpus, name, sha256: name } }, records };
 * });
 * const sentences = describeManyStudies(compareStudies(studies, { point: { lambda: 1e-4 } }));
 * assert.match(sentences[0], /the 95 % interval lies below 0 in 2 of 2 studies/);
 * assert.match(sentences[1], /a verdict in general takes 6 texts/);
 * ```
 */
export function describeManyStudies(
  comparison: ManyStudies,
  options: { readonly contrasts?: number } = {},
): string[] {
  const { overTexts, onOneText, shared, hierarchical, declared } = comparison;
  const { contrasts = 1 } = options;
  return [
    eachStudy(comparison),
    ...(overTexts === null ? [] : [sentenceOverTexts(comparison, overTexts, contrasts)]),
    ...(overTexts === null ? [] : couldShow(comparison, overTexts)),
    ...(onOneText === null ? [] : [sentenceOnOneText(comparison, onOneText)]),
    ...shared.map((text) => sentenceOfShared(text)),
    ...hierarchicalSentences(comparison),
    ...betweenSentence(comparison, hierarchical.state === "estimated" ? hierarchical : null),
    ...missingSentences(comparison),
    ...(declared === undefined ? [] : [describeRegion(declared)]),
  ];
}

function eachStudy({ contrast, studies, unit }: ManyStudies): string {
  const [one, other] = contrastSides(contrast);
  const tests = studies.flatMap(({ difference: { test } }) => test === null ? [] : [test]);
  if (tests.length === 0) return `No study has a difference between ${one} and ${other}.`;
  const means = tests.map(({ mean }) => mean);
  const intervals = tests.flatMap(({ interval }) => interval === null ? [] : [interval]);
  const [below, above] = [
    intervals.filter(([, upper]) => upper < 0).length,
    intervals.filter(([lower]) => lower > 0).length,
  ];
  const of = `of ${studiesIn(studies.length)}`;
  return `The validation loss of ${one} minus that of ${other} is ${
    formatSigned(Math.min(...means))
  } to ${
    formatSigned(Math.max(...means))
  } ${unit.words}; the 95 % interval lies below 0 in ${below} ${of}, and above 0 in ${above}.`;
}

function studiesIn(count: number): string {
  return count === 1 ? "1 study" : `${count} studies`;
}

function sentenceOverTexts(
  { contrast, unit }: ManyStudies,
  { texts, interval, prediction, adjustedPValue, verdict, atEdges, equivalence }: OverTexts,
  contrasts: number,
): string {
  const [one, other] = contrastSides(contrast);
  const number = counted(texts.length, "text");
  if (verdict === "none") {
    return `There is no verdict on ${one} against ${other} over ${number}: a study has no difference, ` +
      "or they do not vary.";
  }
  const numbers = `${formatSigned(interval.mean)} ${unit.words}, 95 % interval ${
    interval.interval === null ? "unknown" : spanOf(interval.interval)
  }${
    adjustedPValue === null
      ? ""
      : `, p ${equals(formatPValue(adjustedPValue))}${
        contrasts > 1 ? ` after Holm over ${contrasts} contrasts` : ""
      }, ${texts.length - 1} degrees of freedom`
  }${equivalence ? `, ${equivalenceWords(equivalence)}` : ""}`;
  const another = prediction === null
    ? ""
    : ` On one more such text the difference is expected from ${spanOf(prediction)} (95 %).`;
  switch (verdict) {
    case "tooFewTexts":
      return `Over ${number} the mean is ${numbers}; a verdict in general takes ${fewestTexts} ` +
        `texts.${another}`;
    case "withheld":
      return `The verdict over ${number} is withheld (${numbers}): on ${
        listInWords(atEdges)
      } choices ` +
        "lie at the end of a range, and a better one may lie beyond.";
    case "notShown":
      return `No difference between ${one} and ${other} is shown in general: ${numbers}, over ` +
        `${number}.${another}`;
    case "equivalent":
      return `In general, over ${number}, ${one} and ${other} are equivalent within ${
        regionWords({ halfWidth: equivalence!.test.region })
      }: ${numbers}.${another}`;
    default:
      return `In general, over ${number}, ${one} has a ${verdict} validation loss than ${other}${
        equivalence?.withinRegion ? ", by less than the region" : ""
      }: ${numbers}.${another}`;
  }
}

function couldShow({ unit }: ManyStudies, { texts, verdict, detectable }: OverTexts): string[] {
  if (detectable === null || (verdict !== "notShown" && verdict !== "tooFewTexts")) return [];
  const size = `±${formatNumber(detectable)} ${unit.words}`;
  return [
    verdict === "notShown"
      ? `If texts differ as much as these, 80 % of comparisons over ${texts.length} of them would show ` +
        `a mean of ${size}.`
      : `If texts differ as much as these, 80 % of comparisons over ${fewestTexts} of them would show ` +
        `a mean of ${size}; fewer have no verdict.`,
  ];
}

function sentenceOnOneText(
  { contrast, unit, studies }: ManyStudies,
  { test, folds }: NonNullable<ManyStudies["onOneText"]>,
): string {
  const [one, other] = contrastSides(contrast);
  const start =
    `On this text, in the mean of the ${studiesIn(studies.length)}, which share their ` +
    `${counted(folds.length, "fold")}, ${one} minus ${other} is ${
      formatSigned(test.mean)
    } ${unit.words}`;
  return test.interval === null
    ? `${start}, without an interval.`
    : `${start}, 95 % interval ${spanOf(test.interval)}, p ${
      equals(formatPValue(test.pValue))
    }. It ` +
      "says nothing of other texts.";
}

function sentenceOfShared({ text, studies, stretches }: SharedText): string {
  return `${listInWords(studies)} are not independent: they read ${
    stretches === "same"
      ? `the same stretch of ${text}`
      : `different stretches of one text, ${text}`
  }, which counts as one text.`;
}

function hierarchicalSentences(comparison: ManyStudies): string[] {
  const { hierarchical, shared } = comparison;
  switch (hierarchical.state) {
    case "missing":
      return [];
    case "tooFewStudies":
      return [
        "The hierarchical model needs three studies: with two, their spread is what its prior says.",
      ];
    case "tooFewFolds":
      return ["The hierarchical model needs three folds in each study."];
    case "constant":
      return [
        "The hierarchical model needs differences that vary from fold to fold in each study.",
      ];
    case "notConverged":
      return [
        `The hierarchical model says nothing here: its chains have not converged (R̂ ${
          formatNumber(hierarchical.convergence.rHat)
        }, ${Math.round(hierarchical.convergence.effectiveSize)} effective draws).`,
      ];
    case "estimated":
      return [
        posteriorSentence(comparison, hierarchical),
        ...(shared.length === 0
          ? []
          : ["The model takes all studies as independent, so its intervals are too narrow."]),
      ];
  }
}

function posteriorSentence(
  { unit, region }: ManyStudies,
  { mean, prediction, another, convergence }: HierarchicalPosterior,
): string {
  const places = region === null
    ? `below 0 with probability ${probability(another.below)} and above 0 with ${
      probability(another.above)
    }`
    : `below −${formatSetting(region)} with probability ${probability(another.below)}, within ${
      regionWords({ halfWidth: region })
    } with ${probability(another.inside)} and above with ${probability(another.above)}`;
  return `By the hierarchical model the mean over all such studies is ${
    formatSigned(mean.median)
  } ${unit.words} ` +
    `(95 % from ${
      spanOf(mean.interval)
    }); in one more study the difference is ${places}, and lies from ${
      spanOf(prediction.interval)
    } with 95 % (R̂ ${formatNumber(convergence.rHat)}, ${
      Math.round(convergence.effectiveSize)
    } effective draws).`;
}

/** A probability of draws, never printed as 0 or 1. */
function probability(value: number): string {
  if (value < 0.001) return "below 0.1 %";
  if (value > 0.999) return "above 99.9 %";
  return formatShare(value);
}

function betweenSentence(
  { between, unit }: ManyStudies,
  posterior: HierarchicalPosterior | null,
): string[] {
  if (between === null) return [];
  const { observed, byNoise, beyondNoise } = between;
  const model = posterior === null
    ? ""
    : `; by the hierarchical model it is ${formatNumber(posterior.spread.median)} (95 % from ${
      spanOf(posterior.spread.interval).replaceAll("+", "")
    })`;
  return [
    `The differences have a standard deviation of ${
      formatNumber(observed)
    } ${unit.words} over the studies, ` +
    `where noise alone would give ${formatNumber(byNoise)}: between studies it is ${
      beyondNoise === 0 ? "not shown to be above 0" : formatNumber(beyondNoise)
    }${model}.`,
  ];
}

function missingSentences({ studies }: ManyStudies): string[] {
  return studies.flatMap(({ study, missing }) =>
    missing === null ? [] : [`${study} has no test: ${missing}.`]
  );
}
