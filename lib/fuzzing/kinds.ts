import type { Kind } from "./kind.ts";
import { studyFiles } from "./_studies.ts";

/** Every kind of input that is tried. */
export const kinds: readonly Kind[] = [...studyFiles];
