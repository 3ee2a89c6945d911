import { compareWithBaseline, type Comparison } from "../statistics/compare.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { Quantity, View } from "../statistics/summarize.ts";

/** Comparisons by list of records; a list that has grown since is compared anew. */
const kept = new WeakMap<StudyRecords["records"], Map<string, Comparison | null>>();

/**
 * Every point of a study against its baseline, computed once for all figures: the effect sizes that come
 * with it take most of the time that a report takes.
 */
export function compared(
  { record, records }: StudyRecords,
  options: { readonly quantity: Quantity; readonly view: View },
): Comparison | null {
  const own = kept.get(records) ?? new Map<string, Comparison | null>();
  kept.set(records, own);
  const key = [record.definitionHash, records.length, options.quantity, options.view].join();
  if (!own.has(key)) own.set(key, compareWithBaseline({ record, records }, options));
  return own.get(key)!;
}
