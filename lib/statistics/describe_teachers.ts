import { canonicalJson } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { teacherOf, type TeacherRecord } from "../records/teacher_record.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeDifference } from "./describe_difference.ts";
import type { Findings } from "./findings.ts";
import { counted, formatPoint, formatSetting, listInWords } from "./format.ts";
import { lossUnit } from "./study_loss.ts";
import { lastStepWords } from "./view_words.ts";
import { significanceLevel } from "./verdict.ts";

/** So many numbers are listed; of more the range. */
const listed = 4;

/**
 * Who teaches the settings of a study, one sentence a teacher: what it is, which share of the training loss
 * it makes, and at what temperature.
 *
 * @param study The study's record.
 * @returns None for a study without teachers.
 */
export function describeTeachers(
  { specifications }: Pick<StudyRecord, "specifications">,
): string[] {
  const teachers = specifications.map(teacherOf).filter((teacher) => teacher !== null);
  const alike = Map.groupBy(
    teachers,
    ({ point, seeds, mean }) => canonicalJson([point, seeds, severalOf(seeds) ? mean : null]),
  );
  return [...alike.values()].map((group) => {
    const [{ point }] = group;
    const [learn, their] = group.length === 1 ? ["learns", "its"] : ["learn", "their"];
    const shares = numbersInWords(group.map(({ share }) => share));
    const temperatures = numbersInWords(group.map(({ temperature }) => temperature));
    return `${counted(group.length, "setting")} ${learn} from ${
      formatPoint(point)
    } besides the text: from ` +
      `${whoTeaches(group[0], their)} on the same fold, so trained on the same text, which makes ` +
      `${shares} of ${their} training loss at temperature ${temperatures}.`;
  });
}

/**
 * Whether settings with a teacher have a lower validation loss than their controls, which are trained
 * alike on the text alone; null for a study without teachers, and one of arms, which are compared as arms.
 */
export function describeStudents(findings: Findings): string | null {
  const { taught, study, arms } = findings;
  if (taught === null || arms !== null) return null;
  const { compared, withoutControl } = taught;
  const alone = withoutControl === 0 ? [] : [
    `${counted(withoutControl, "setting")} with a teacher ${
      withoutControl === 1 ? "has" : "have"
    } no control: no point is the same in all else and learns from the text alone.`,
  ];
  const tested = compared.filter(({ test }) => test !== null)
    .sort((a, b) => a.test!.mean - b.test!.mean);
  const lacking = compared.length - tested.length;
  const left = [
    ...(lacking === 0 ? [] : [
      `${counted(lacking, "setting")} with a teacher ${
        lacking === 1 ? "is" : "are"
      } not compared, as ${
        lacking === 1 ? "it or its control lacks" : "they or their controls lack"
      } runs.`,
    ]),
    ...alone,
  ];
  if (tested.length === 0) return left.join(" ");
  const lower = tested.filter(({ test }) => test!.mean < 0);
  const shown = lower.filter(({ adjustedPValue }) =>
    adjustedPValue !== null && adjustedPValue < significanceLevel
  );
  const number = (count: number) => count === 0 ? "none" : String(count);
  const verb = (count: number, one: string, several: string) => count > 1 ? several : one;
  const start =
    `Of ${counted(tested.length, "setting")} with a teacher, each against its control, ` +
    `the point that is the same in all else and learns from the text alone, ${
      number(lower.length)
    } ${verb(lower.length, "has", "have")} a lower validation loss than that at ${
      lastStepWords(study)
    }`;
  const verdict = lower.length === 0
    ? "."
    : `; ${number(shown.length)} ${
      verb(shown.length, "is", "are")
    } shown to (corrected resampled ` +
      `t-test, Holm over ${tested.length}, p < ${significanceLevel})${
        shown.length > 0 ? "" : `: ${detectableWords(lower.map(({ detectable }) => detectable))}`
      }.`;
  const [best] = tested;
  const example = `The lowest of them against its control is ${
    formatPoint(best.terms[0].point)
  } against ${formatPoint(best.terms[1].point)}: ${describeDifference(best, lossUnit(study))}.`;
  return [start + verdict, example, ...left].join(" ");
}

function severalOf(seeds: TeacherRecord["seeds"]): seeds is readonly number[] {
  return seeds !== "own" && seeds.length > 1;
}

function whoTeaches({ seeds, mean }: TeacherRecord, their: string): string {
  if (seeds === "own") return `the run of ${their} own seed`;
  return severalOf(seeds)
    ? `the mean of the ${mean} of seeds ${listInWords(seeds.map(String))}`
    : `the run of seed ${seeds[0]}`;
}

function numbersInWords(numbers: readonly number[]): string {
  const different = [...new Set(numbers)].sort((a, b) => a - b);
  if (different.length <= listed) return listInWords(different.map(formatSetting));
  return `${formatSetting(different[0])} to ${formatSetting(different.at(-1)!)}`;
}
