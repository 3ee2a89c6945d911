import type { FinalResult } from "./final_block.ts";
import type { Findings } from "./findings.ts";
import { counted, formatNumber, formatPoint } from "./format.ts";

/** What the final block says, in words; null when the study has none. */
export function describeFinal({ study, final, selections }: Findings): string | null {
  if (study.finalFold === null) return null;
  const scored = final.filter((each) => each.lastStep !== null);
  const withheld = describeWithheld(final);
  if (scored.length === 0) {
    return withheld.length > 0
      ? `The final block, which no selection reads, has no score: ${withheld.join("; ")}.`
      : "The final block, which no selection reads, has not been scored yet.";
  }
  const own = selections.lastStep[study.select.kind].selected;
  const rule = study.select.kind === "mean" ? "the lowest mean" : "one standard error";
  const baseline = scored.find((each) => each.isBaseline);
  const selected = scored.find((each) => each.key === own?.key && !each.isBaseline);
  if (!baseline || !selected) {
    const parts = scored.map((each) => `${formatPoint(each.point)}: ${describeScore(each)}`);
    return `On the final block, which no selection read, the cross-entropy after training on all ` +
      `other text is, for ${parts.join("; ")}.${notCompared(withheld)}`;
  }
  const sentences = [
    `On the final block, which no selection read, and after training on all other text, ${
      formatPoint(selected.point)
    }, selected by ${rule} at the last step, has a cross-entropy of ${
      describeScore(selected)
    }; no penalty has ${describeScore(baseline)}.`,
    `At the last step the selected penalties are ${
      compareWords(selected.lastStep!.loss, baseline.lastStep!.loss)
    } no penalty.`,
  ];
  const early = baseline.chosenStep;
  if (early !== null) {
    const chosen = selected.chosenStep;
    const own = chosen === null || chosen.step === selected.lastStep!.step
      ? ""
      : `, and at their own chosen step ${compareWords(chosen.loss, early.loss)} it`;
    sentences.push(
      `Against early stopping without penalty they are ${
        compareWords(selected.lastStep!.loss, early.loss)
      } it${own}.`,
    );
  }
  sentences.push(
    `These are means over ${
      counted(study.seeds.length, "seed")
    } on one block of text, and no test.${notCompared(withheld)}`,
  );
  return sentences.join(" ");
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

function compareWords(loss: number, other: number): string {
  const difference = loss - other;
  return `${formatNumber(Math.abs(difference))} nats ${difference < 0 ? "below" : "above"}`;
}

function describeScore({ lastStep, chosenStep, trainedTo }: FinalResult): string {
  if (trainedTo === "chosenStep") {
    return `${formatNumber(lastStep!.loss)} at step ${lastStep!.step}, chosen on the folds`;
  }
  const last = `${formatNumber(lastStep!.loss)} at the last step`;
  if (chosenStep === null || chosenStep.step === lastStep!.step) return last;
  return `${last} and ${
    formatNumber(chosenStep.loss)
  } at step ${chosenStep.step}, chosen on the folds`;
}
