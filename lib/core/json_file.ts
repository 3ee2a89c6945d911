import { visibleText } from "./html.ts";
import { parseJson } from "./parse_json.ts";
import { isNotFound } from "./runtime/errors.ts";
import { readTextFileSync } from "./runtime/files.ts";

/**
 * Reads a JSON file.
 *
 * @param path Path of the file.
 * @returns What it holds, or undefined if there is no such file.
 * @throws {SyntaxError} If it is not JSON; the message names the path.
 */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readTextFileSync(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return parseJson(text, `Cannot read ${visibleText(path)}: it`);
}
