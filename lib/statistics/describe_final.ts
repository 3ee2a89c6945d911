import type { JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { specificationOf } from "./axis_roles.ts";
import type { FinalResult } from "./final_block.ts";
import type { Findings } from "./findings.ts";
import { counted, formatNumber, formatPoint } from "./format.ts";
import { apartWords, trainedApart } from "./trained_apart.ts";
import { earlyStoppingOf, lastStepWords } from "./view_words.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import { positionWords } from "./corpus_words.ts";

/** What the final block says, in words; null when the study has none. */
export function describeFinal(findings: Findings): string | null {
  const { study, final, selections, rule, words } = findings;
  if (study.finalFold === null) return null;
  const scored = final.filter((each) => each.lastStep !== null);
  const withheld = describeWithheld(final);
  if (scored.length === 0) {
    return withheld.length > 0
      ? `The final block, which no selection reads, has no score: ${withheld.join("; ")}.`
      : "The final block, which no selection reads, has not been scored yet.";
  }
  const own = selections.lastStep[rule.kind].selected;
  const by = rule.kind === "mean" ? "the lowest mean" : "the one-standard-error rule";
  const view = lastStepWords(study);
  const baseline = scored.find((each) => each.isBaseline);
  const selected = scored.find((each) => each.key === own?.key && !each.isBaseline);
  if (!baseline || !selected) {
    const parts = scored.map((each) => `${formatPoint(each.point)}: ${describeScore(each)}`);
    return `On the final block, which no selection read, the cross-entropy after ${
      trainedOn(study, scored[0])
    } is, for ${parts.join("; ")}.${notCompared(withheld)}`;
  }
  const apart = trainedApart(findings, selected.point);
  const unit = lossUnit(study);
  const sentences = [
    `On the final block, which no selection read, and after ${trainedOn(study, selected)}, ${
      formatPoint(selected.point)
    }, selected by ${by} at ${view}, has a cross-entropy of ${
      describeScore(selected)
    }; ${words.name} has ${describeScore(baseline)}.`,
    `At ${
      selected.trainedTo === "chosenStep" ? "these steps" : "the last step"
    } the selected point is ${
      compareWords(selected.lastStep!.loss, baseline.lastStep!.loss, unit)
    } ${words.short}${apart === null ? "" : apartWords(apart)}.`,
  ];
  const early = baseline.chosenStep;
  if (early !== null && earlyStoppingOf(study) !== "all") {
    const chosen = selected.chosenStep;
    const own = chosen === null || chosen.step === selected.lastStep!.step
      ? ""
      : `, and at its own chosen step ${compareWords(chosen.loss, early.loss, unit)} it`;
    sentences.push(
      `Against early stopping ${words.at} it is ${
        compareWords(selected.lastStep!.loss, early.loss, unit)
      } it${own}.`,
    );
  }
  const seeds = study.seeds.length;
  sentences.push(
    `One block of text was scored, ${
      seeds === 1 ? "by one training each" : `by ${seeds} trainings each, one a seed`
    }: such a difference has no standard error over texts and is not tested.${
      notCompared(withheld)
    }`,
  );
  return sentences.join(" ");
}

/** What a refit was trained on. */
function trainedOn(study: StudyRecord, { point }: FinalResult): string {
  const { trainingTokens, trainingBytes } =
    (specificationOf(study, point)?.training ?? {}) as JsonObject;
  const first = trainingTokens ?? trainingBytes;
  return typeof first === "number"
    ? `training on the first ${first} ${positionWords(study)} of the other text`
    : "training on all other text";
}

/** Points without a score because some of their refits did not complete, and how many. */
function describeWithheld(final: readonly FinalResult[]): string[] {
  return final.flatMap(({ point, counts, expected }) => {
    const ended = (["diverged", "failed"] as const).filter((status) => counts[status] > 0)
      .map((status) => `${counts[status]} of ${counted(expected, "refit")} ${status}`);
    return ended.length === 0 ? [] : [`${formatPoint(point)}: ${ended.join(", ")}`];
  });
}

function notCompared(withheld: readonly string[]): string {
  return withheld.length === 0
    ? ""
    : ` Without a score, because the seeds that are left say nothing of the others: ${
      withheld.join("; ")
    }.`;
}

function compareWords(loss: number, other: number, { short }: LossUnit): string {
  const difference = loss - other;
  return `${formatNumber(Math.abs(difference))} ${short} ${difference < 0 ? "below" : "above"}`;
}

/** At which step a refit was looked at: it trains to the last one, or to the one that the folds chose. */
export function finalStepWords({ trainedTo, lastStep }: FinalResult): string {
  return trainedTo === "chosenStep"
    ? `step ${lastStep!.step}, chosen on the folds`
    : "the last step";
}

function describeScore(result: FinalResult): string {
  const { lastStep, chosenStep, trainedTo } = result;
  const last = `${formatNumber(lastStep!.loss)} at ${finalStepWords(result)}`;
  if (trainedTo === "chosenStep") return last;
  if (chosenStep === null || chosenStep.step === lastStep!.step) return last;
  return `${last} and ${
    formatNumber(chosenStep.loss)
  } at step ${chosenStep.step}, chosen on the folds`;
}
