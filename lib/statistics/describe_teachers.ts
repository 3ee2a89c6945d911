import { canonicalJson } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { teacherOf, type TeacherRecord } from "../records/teacher_record.ts";
import { counted, formatPoint, formatSetting, listInWords } from "./format.ts";

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
    } beside the text: from ` +
      `${whoTeaches(group[0], their)} on the same fold, so trained on the same text, which makes ` +
      `${shares} of ${their} training loss at temperature ${temperatures}.`;
  });
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
