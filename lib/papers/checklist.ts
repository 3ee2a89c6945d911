import type { RunRecord } from "../records/run_record.ts";
import { rangesInWords } from "../reports/arms_section.ts";
import { comparisonsInWords } from "../reports/differences.ts";
import { foldsInWords } from "../reports/folds_in_words.ts";
import { computeInWords, operationsInWords } from "../reports/headline.ts";
import { ruleName } from "../reports/methods.ts";
import { valuesInWords } from "../reports/specification_words.ts";
import { arePairsOfTexts, licenceInWords, positionWords } from "../statistics/corpus_words.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { describeRegion } from "../statistics/describe_equivalence.ts";
import { type Findings, findings } from "../statistics/findings.ts";
import { counted, formatAxis, listInWords } from "../statistics/format.ts";
import { intervalWords } from "../statistics/interval_notes.ts";
import { learningRateWords } from "../statistics/learning_rate_words.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns } from "../statistics/summarize.ts";
import { lastStepWords } from "../statistics/view_words.ts";
import { escapeTex } from "./escape_tex.ts";

/** A question of a checklist with its answer from the records. */
export interface ChecklistItem {
  readonly question: string;
  readonly answer: Answer;
  /** What the records say of it, in sentences. */
  readonly text: string;
}

/** What a checklist says; `Not recorded` where the records say nothing of it and the authors must. */
export type Answer = "Yes" | "Partly" | "No" | "Not applicable" | "Not recorded";

/** What an answer is made of. */
interface Asked {
  readonly shown: Findings;
  readonly runs: readonly RunRecord[];
}

/** What a study answers to a question. */
type Reply = readonly [answer: Answer, text: string];

/**
 * The checklist that venues ask for (claims, limitations, reproducibility, data, settings, error bars, compute,
 * licences), answered from the records of studies.
 *
 * @param sources The studies; of several each answers by its name where they differ.
 *
 * @example
 * ```ts
 * import { checklist } from "./checklist.ts";
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy();
 * const items = checklist([{ record, records }]);
 * assert.match(items.find(({ question }) => /seeds/.test(question))!.text, /^3 seeds/);
 * ```
 */
export function checklist(sources: readonly StudyRecords[]): ChecklistItem[] {
  const asked = sources.map(({ record, records }): Asked => {
    const runs = currentRuns(record, records);
    return { shown: findings(record, runs), runs };
  });
  return Object.entries(questions).map(([question, reply]) => {
    const replies = asked.map(reply);
    const answers = new Set(replies.map(([answer]) => answer));
    const texts = new Set(replies.map(([, text]) => text));
    const said = texts.size === 1
      ? replies[0][1]
      : replies.map(([, text], index) => `${sources[index].record.name}: ${text}`).join(" ");
    return {
      question,
      answer: answers.size === 1 ? replies[0][0] : "Partly",
      text: reply === comparisons && sources.length > 1 ? `${said} ${betweenStudies}` : said,
    };
  });
}

const betweenStudies =
  "Between the studies each setting that they share is compared where its runs are paired, with p-values " +
  "adjusted by Holm over a table, and what they select is compared once.";

const questions: { readonly [question: string]: (asked: Asked) => Reply } = {
  "Do the claims follow from the results?": () => [
    "Yes",
    "Every sentence on results is computed from the records, with its verdict.",
  ],
  "Are the limitations said?": limitations,
  "Are the data said, with source and licence?": data,
  "Are the splits said, and was some text left for the end?": splits,
  "Are all settings said, with the ranges that were tried?": settings,
  "How were settings chosen, and how much tuning did each get?": choosing,
  "Are the seeds said?": seeds,
  "Are there error bars, and what do they cover?": errorBars,
  "How many comparisons were made, and are they adjusted for?": comparisons,
  "Was it said before the runs which differences are too small to matter?": region,
  "Are failed, diverged and missing runs said?": ends,
  "Are compute and hardware said?": compute,
  "Can the numbers be made again?": again,
  "Are the software and its licence said?": software,
  "Are people who took part, consent and broader impact said?": () => [
    "Not recorded",
    "The records say nothing of people in or behind the text, nor of what the results may do outside; the authors " +
    "must.",
  ],
};

function limitations({ shown }: Asked): Reply {
  const { study, warnings } = shown;
  const notes = intervalWords(study, ["covered", "texts", "training"]);
  const texts = [
    ...warnings,
    ...(notes === null ? ["One fold gives no interval."] : [notes]),
    ...(study.finalFold === null ? [noFinalBlock] : []),
  ];
  return ["Yes", texts.join(" ")];
}

const noFinalBlock =
  "No text was left for the end: every validation loss comes from text that selection has read.";

function data({ shown: { study: { corpus } } }: Asked): Reply {
  const stated = corpus.licence !== "not stated";
  return [
    stated ? "Yes" : "Partly",
    `${corpus.name}, from ${corpus.source}; ${
      licenceInWords(corpus.licence)
    }; SHA-256 ${corpus.sha256}. The data statement says more.`,
  ];
}

function splits({ shown: { study } }: Asked): Reply {
  const { folds, finalFold } = study;
  const final = finalFold === null ? noFinalBlock : `A final block of ${
    counted(
      finalFold.heldOut.reduce((sum, { start, end }) => sum + end - start, 0),
      arePairsOfTexts(study) ? "pair" : positionWords(study).slice(0, -1),
    )
  } was read by no selection; what was selected is trained on the rest and scored on it.`;
  return [
    finalFold === null ? "Partly" : "Yes",
    `${counted(folds.length, "fold")}. ${foldsInWords(study).trim()} ${final}`,
  ];
}

function settings({ shown: { study, arms } }: Asked): Reply {
  const ranges = arms === null ? "" : rangesInWords(arms.arms);
  const axes = axesOfStudy(study).map(({ name }) => {
    const values = study.space.points.flatMap((point) => name in point ? [point[name]] : []);
    return ranges === "" ? `${formatAxis(name)} (${valuesInWords(values)})` : formatAxis(name);
  });
  return [
    "Yes",
    `${counted(study.space.points.length, "setting")}${
      axes.length === 0 ? "" : ` of ${listInWords(axes)}`
    }.${ranges} All other options are in the methods and in study.json.`,
  ];
}

function choosing({ shown: { study, rule, arms } }: Asked): Reply {
  const rate = learningRateWords(study);
  const how = arms === null
    ? `By the ${ruleName(rule)} at ${
      lastStepWords(study)
    }; each setting is one training a fold and seed, with no ` +
      `tuning beside the settings themselves.`
    : `For each fold, of each arm the setting and step with the lowest choosing loss, of ${
      listInWords(
        arms.arms.map(({ arm, points }) => `${counted(points.length, "setting")} of ${arm.name}`),
      )
    }.`;
  return ["Yes", rate === null ? how : `${how} ${rate}`];
}

function seeds({ shown: { study } }: Asked): Reply {
  return [
    "Yes",
    `${counted(study.seeds.length, "seed")} (${
      study.seeds.join(", ")
    }) for each setting and fold; initial weights, batches and dropout derive from seed and fold, so that all ` +
    `settings share them.`,
  ];
}

function errorBars({ shown: { study } }: Asked): Reply {
  const notes = intervalWords(study, ["covered", "texts"]);
  if (notes === null) {
    return ["No", "One fold has no standard error and no interval."];
  }
  return [
    "Yes",
    `± is the standard error of the means of ${
      counted(study.folds.length, "fold")
    }, seeds averaged within a fold. Intervals are 95 % intervals of the corrected resampled t-test on ` +
    `differences paired by fold. ${notes}`,
  ];
}

function comparisons({ shown }: Asked): Reply {
  const { arms } = shown;
  if (arms !== null) {
    return [
      "Yes",
      `${
        counted(arms.verdicts.length, "comparison")
      } of arms with their parents, declared before the runs; Holm adjusts over them.`,
    ];
  }
  const words = comparisonsInWords(shown);
  return words === null ? ["Not applicable", "No comparison has a test."] : ["Yes", words];
}

function region({ shown: { region } }: Asked): Reply {
  return region === undefined
    ? ["No", "No region of equivalence was declared, so that nothing is called equivalent."]
    : ["Yes", describeRegion(region)];
}

function ends({ shown: { study, counts, complete } }: Asked): Reply {
  const expected = study.space.points.length * study.folds.length * study.seeds.length;
  const others = (["diverged", "failed", "pruned", "missing"] as const)
    .filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${status}`);
  return [
    "Yes",
    complete
      ? `All ${counted(expected, "run")} on the folds completed.`
      : `Of ${counted(expected, "run")} on the folds ${counts.completed} completed, ${
        listInWords(others)
      }; only settings with all their runs are compared.`,
  ];
}

function compute({ shown: { study }, runs }: Asked): Reply {
  if (runs.length === 0) return ["Not recorded", "No run has ended."];
  const operations = operationsInWords(study, runs);
  return [
    operations === null ? "Partly" : "Yes",
    `${computeInWords(study, runs)}. ${
      operations === null
        ? "Operations of the training are not counted"
        : `Training took ${operations}`
    }. Runs that were tried outside of this study are not recorded.`,
  ];
}

function again({ shown: { study } }: Asked): Reply {
  const { provenance } = study;
  const commit = provenance.gitCommit === null
    ? "The code of the study was not under version control."
    : `The code of the study is commit ${provenance.gitCommit}${
      provenance.gitDirty ? ", with changes that were not committed" : ""
    }.`;
  const whole = provenance.gitCommit !== null && !provenance.gitDirty;
  return [
    whole ? "Yes" : "Partly",
    `study.json has the whole definition of each run, which trains again to the same bits on the same ` +
    `engine; the command that does so and compares is in the provenance. ${commit}`,
  ];
}

function software({ shown: { study: { provenance } } }: Asked): Reply {
  const { parsimony, deno, packages } = provenance;
  return [
    "Yes",
    `Parsimony ${parsimony} (MIT), Deno ${deno}, ${
      Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(", ") ||
      "no further packages"
    }.`,
  ];
}

/**
 * `checklist.tex`: questions with their answers as a list.
 *
 * @param items What {@link checklist} gave.
 * @param prose A text of it as TeX.
 */
export function checklistTex(
  items: readonly ChecklistItem[],
  prose: (text: string) => string = escapeTex,
): string {
  const lines = items.map(({ question, answer, text }) =>
    `\\item \\textbf{${escapeTex(question)}} \\emph{${answer}.} ${prose(text)}\n`
  );
  return `% The checklist that venues ask for, answered from the records.\n` +
    `\\begin{enumerate}\n${lines.join("")}\\end{enumerate}\n`;
}
