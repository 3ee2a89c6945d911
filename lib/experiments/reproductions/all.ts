import { kerasLstmSeq2seq } from "./keras_lstm_seq2seq.ts";
import { quickEnding } from "./kept_study.ts";
import { nanogptCpu } from "./nanogpt_cpu.ts";
import { ptbSmall, wordLstmShort } from "./ptb_small.ts";
import { pytorchCurve } from "./pytorch_curve.ts";
import type { Reproduction } from "./reproduction.ts";

/** All reproductions, in the order in which they are listed. */
export const reproductions: readonly Reproduction[] = [
  pytorchCurve,
  nanogptCpu,
  kerasLstmSeq2seq,
  ptbSmall,
  wordLstmShort,
];

/** Folder of published results' studies, below `results/`. */
export const publishedFolder = "published";

/** Name of the study of a reproduction: `published/NAME`, a quick one beside it. */
export function studyName({ name }: Reproduction, quick: boolean): string {
  return `${publishedFolder}/${name}${quick ? quickEnding : ""}`;
}

/** The reproduction that a study is of, or null. */
export function reproductionOf(study: string): Reproduction | null {
  return reproductions.find((each) =>
    study === studyName(each, false) || study === studyName(each, true)
  ) ?? null;
}
