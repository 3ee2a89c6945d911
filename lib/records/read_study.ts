import { readJsonFile } from "../core/json_file.ts";
import { checkStudyRecord } from "./check_record.ts";
import type { StudyRecord } from "./study_record.ts";

/**
 * Reads the definition of a study.
 *
 * @param path Path of `study.json`.
 * @returns The record, or null if there is no such file.
 * @throws {SyntaxError} If the file is not the JSON of a study record.
 * @throws {RangeError} If it was written by a newer version.
 * @throws {Error} If the file is there and cannot be read.
 */
export function readStudyRecord(path: string): StudyRecord | null {
  let value: unknown;
  try {
    value = readJsonFile(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    throw new Error(`Cannot read ${path}: ${(error as Error).message}.`, { cause: error });
  }
  if (value === undefined) return null;
  try {
    return checkStudyRecord(value);
  } catch (error) {
    const message = `Cannot read ${path}: ${(error as Error).message}`;
    throw error instanceof RangeError ? new RangeError(message) : new SyntaxError(message);
  }
}
