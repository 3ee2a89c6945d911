import type { FinalResult } from "./final_block.ts";
import type { Findings } from "./findings.ts";
import { counted, formatNumber, formatPoint } from "./format.ts";

/** What the final block says, in words; null when the study has none. */
export function describeFinal({ study, final, selections }: Findings): string | null {
  if (study.finalFold === null) return null;
  const scored = final.filter((each) => each.lastStep !== null);
  if (scored.length === 0) {
    return "The final block, which no selection reads, has not been scored yet.";
  }
  const own = selections.lastStep[study.select.kind].selected;
  const rule = study.select.kind === "mean" ? "the lowest mean" : "one standard error";
  const baseline = scored.find((each) => each.isBaseline);
  const selected = scored.find((each) => each.key === own?.key && !each.isBaseline);
  if (!baseline || !selected) {
    const parts = scored.map((each) => `${formatPoint(each.point)}: ${describeScore(each)}`);
    return `On the final block, which no selection read, the cross-entropy after training on all ` +
      `other text is, for ${parts.join("; ")}.`;
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
    } on one block of text, and no test.`,
  );
  return sentences.join(" ");
}

function compareWords(loss: number, other: number): string {
  const difference = loss - other;
  return `${formatNumber(Math.abs(difference))} nats ${difference < 0 ? "below" : "above"}`;
}

function describeScore({ lastStep, chosenStep }: FinalResult): string {
  const last = `${formatNumber(lastStep!.loss)} at the last step`;
  if (chosenStep === null || chosenStep.step === lastStep!.step) return last;
  return `${last} and ${
    formatNumber(chosenStep.loss)
  } at step ${chosenStep.step}, chosen on the folds`;
}
