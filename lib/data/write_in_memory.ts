import type { TokenWriter } from "./stored_tokens.ts";
import { IdList } from "./tokenizers/id_list.ts";
import { type Tokens, tokensInMemory } from "./tokens.ts";

/** Takes tokens of spans and keeps them in memory. */
export function writeInMemory(): {
  readonly writer: TokenWriter;
  /** Those that have ended. */
  readonly spans: readonly Tokens[];
} {
  const spans: Tokens[] = [];
  let ids = new IdList();
  let ends: number[] = [];
  const writer: TokenWriter = {
    write: (more) => ids.append(more),
    endDocument: () => void ends.push(ids.length),
    endSpan() {
      const documentEnds = ends.length === 0 ? undefined : Float64Array.from(ends);
      spans.push(tokensInMemory(ids.ids(), documentEnds));
      ids = new IdList();
      ends = [];
    },
  };
  return { writer, spans };
}
