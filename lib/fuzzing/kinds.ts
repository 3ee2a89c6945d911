import type { Kind } from "./kind.ts";
import { commandKinds } from "./_commands.ts";
import { documentKinds } from "./_documents.ts";
import { fileKinds } from "./_files.ts";
import { specificationKinds } from "./_specifications.ts";
import { studyFiles } from "./_studies.ts";
import { tokenizerFileKinds } from "./_tokenizer_files.ts";

/** Every kind of input that is tried. */
export const kinds: readonly Kind[] = [
  ...specificationKinds,
  ...studyFiles,
  ...fileKinds,
  ...documentKinds,
  ...tokenizerFileKinds,
  ...commandKinds,
];
