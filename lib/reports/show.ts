import { visibleText } from "../core/html.ts";
import { isArmsStudy } from "../statistics/arms_study.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { describeFindings } from "../statistics/describe.ts";
import { describeArms } from "../statistics/describe_arms.ts";
import { findings } from "../statistics/findings.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns } from "../statistics/summarize.ts";
import { fragment, type Markup } from "./html.ts";
import { samplePanels, samplesSection, samplesText } from "./samples.ts";
import { samplesStyle } from "./style.ts";

/** Something that a notebook shows as HTML, and everything else as text. */
export interface Shown {
  /** The same as text. */
  toString(): string;
}

/**
 * Says in words what a study shows, for a cell of a notebook.
 *
 * Every number and verdict is computed from the study's records, as in its report; nothing is
 * written down in the notebook that a change of the study would make false.
 *
 * @param study A study, or its records.
 * @returns What a cell shows as a list, and `String()` as lines.
 */
export function showFindings({ record, records }: StudyRecords): Shown {
  const [completeness, ...found] = describeFindings(findings(record, records));
  const statements = [
    completeness,
    ...(isArmsStudy(record) ? describeArms(compareArms({ record, records })) : found),
  ].map(({ text }) => text);
  return shown(
    fragment`
      <ul>
        ${
      statements.map((text) =>
        fragment`
            <li>${text}</li>
          `
      )
    }
      </ul>
    `,
    statements.map((text) => `- ${text}`).join("\n"),
  );
}

/**
 * Shows the text samples of a study beside each other, those of the baseline and the selected points
 * open, for a cell of a notebook.
 *
 * @param study A study, or its records.
 * @returns What a cell shows with prompts set apart, and `String()` as lines.
 */
export function showSamples({ record, records }: StudyRecords): Shown {
  const runs = currentRuns(record, records);
  const panels = samplePanels(findings(record, runs), runs);
  const marks =
    `<style>${samplesStyle} .prompt { opacity: .7; text-decoration: underline dotted; } .tag { font-size: 75%; margin-left: 0.5em; }</style>`;
  return shown({ html: marks + samplesSection(panels).html }, samplesText(panels));
}

/** What a cell shows as HTML, and everything else as text. */
export function shown(markup: Markup, text: string): Shown {
  const plain = visibleText(text);
  const value = { toString: () => plain };
  Object.defineProperty(value, Symbol.for("Jupyter.display"), {
    value: () => ({ "text/html": markup.html, "text/plain": plain }),
  });
  return value;
}
