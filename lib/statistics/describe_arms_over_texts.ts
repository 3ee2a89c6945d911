import { type ArmOverTexts, type ArmsOverTexts, fewestTexts } from "./compare_arms_over_texts.ts";
import { equals, spanOf } from "./describe_arms.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeRegion, equivalenceWords, regionWords } from "./describe_equivalence.ts";
import { counted, formatAxis, formatPValue, formatSigned } from "./format.ts";
import { natsPerToken } from "./study_loss.ts";

/**
 * Says in words what a comparison of arms over texts shows.
 *
 * @param comparison What `compareArmsOverTexts` returned.
 * @returns One sentence or more for each arm that has a parent, then one about the region of equivalence where the
 * studies declared one.
 */
export function describeArmsOverTexts(
  { verdicts, texts, unit = natsPerToken, region }: ArmsOverTexts,
): string[] {
  const number = counted(texts.length, "text");
  const said = verdicts.map((verdict) => {
    const { arm, from, interval } = verdict;
    if (verdict.verdict === "none") {
      return `There is no verdict on ${arm} against ${from} over ${number}: ${
        interval.state === "estimated"
          ? "it has no p-value"
          : "a text has no difference, or they do not vary"
      }.`;
    }
    const numbers = `${formatSigned(interval.mean)} ${unit.words}${
      interval.interval === null ? "" : `, 95 % interval ${spanOf(interval.interval)}`
    }${
      verdict.adjustedPValue === null
        ? ""
        : `, p ${equals(formatPValue(verdict.adjustedPValue))} after Holm`
    }${verdict.equivalence ? `, ${equivalenceWords(verdict.equivalence)}` : ""}`;
    return sentenceOverTexts(verdict, numbers, number);
  });
  return region === undefined ? said : [...said, describeRegion(region)];
}

function sentenceOverTexts(
  { arm, from, verdict, edges, equivalence, detectable }: ArmOverTexts,
  numbers: string,
  texts: string,
): string {
  switch (verdict) {
    case "tooFewTexts":
      return `On these ${texts} ${arm} minus ${from} is ${numbers}; a verdict in general takes ` +
        `${fewestTexts}.`;
    case "withheld":
      return `The verdict on ${arm} against ${from} is withheld (${numbers}): in ${
        [...new Set(edges.map(({ study }) => study))].join(", ")
      } choices lie at the end of ${
        [...new Set(edges.map(({ axis }) => axis === null ? "training" : formatAxis(axis)))].join(
          ", ",
        )
      }, and a better one may lie beyond.`;
    case "notShown":
      return `No difference between ${arm} and ${from} is shown in general: ${numbers}, over ${texts}; ${
        detectableWords(detectable)
      }.`;
    case "equivalent":
      return `In general, over ${texts}, ${arm} and ${from} are equivalent within ${
        regionWords({ halfWidth: equivalence!.test.region })
      }: ${numbers}.`;
    default:
      return `In general, over ${texts}, ${arm} has a ${verdict} validation loss than ${from}${
        equivalence?.withinRegion ? ", by less than the region" : ""
      }: ${numbers}.`;
  }
}
