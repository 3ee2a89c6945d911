import type { PaddedSequences } from "../data/pair_batches.ts";
import { readTokens } from "./read_tokens.ts";
import type { Decoder, LanguageModel, SequenceToSequenceModel } from "./model.ts";

/**
 * A model of texts that writes completions of prompts, where a sequence-to-sequence model writes targets for
 * sources. Its batches are those of `completionBatch`; parameters, loss and logits are the model's own.
 *
 * @param model The model of texts; it is freed with this one.
 * @returns A model whose decoder reads prompts that end with the begin token, which it leaves to be given
 * first. Prompts of one length are read side by side, so that none is padded.
 */
export function promptedModel(model: LanguageModel): SequenceToSequenceModel {
  return { ...model, decoder: (prompts) => decoderAfter(model, prompts) };
}

/** Texts after prompts of one length, and what reads them. */
interface Group {
  /** Their rows in the last call. */
  readonly rows: readonly number[];
  readonly decoder: Decoder;
}

function decoderAfter(
  model: LanguageModel,
  { tokens, time, batch, mask }: PaddedSequences,
): Decoder {
  const byLength = new Map<number, number[]>();
  for (let row = 0; row < batch; row++) {
    let length = 0;
    while (length < time && mask?.[length * batch + row] !== 0) length++;
    byLength.set(length, [...byLength.get(length) ?? [], row]);
  }
  let groups: Group[] = [];
  const dispose = () => groups.forEach(({ decoder }) => decoder.dispose());
  try {
    for (const [length, rows] of byLength) {
      const decoder = model.decoder(rows.length);
      groups.push({ rows, decoder });
      readTokens(
        decoder,
        Array.from(
          { length: length - 1 },
          (_, t) => Int32Array.from(rows, (row) => tokens[t * batch + row]),
        ),
      );
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const size = model.vocabularySize;
  return {
    next(last, from) {
      const scores = new Float32Array(last.length * size);
      groups = groups.flatMap((group) => continued(group, from) ?? []);
      for (const { decoder, rows, before } of groups as readonly Continued[]) {
        const own = decoder.next(Int32Array.from(rows, (row) => last[row]), before);
        for (const [index, row] of rows.entries()) {
          scores.set(own.subarray(index * size, (index + 1) * size), row * size);
        }
      }
      return scores;
    },
    dispose,
  };
}

/** A group with the places of its last call that its rows continue. */
type Continued = Group & { readonly before?: Int32Array };

/** What goes on of a group; null, and freed, where nothing does. */
function continued({ rows, decoder }: Group, from: Int32Array | undefined): Continued | null {
  if (from === undefined) return { rows, decoder };
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const going = [...from.keys()].filter((row) => placeOf.has(from[row]));
  if (going.length > 0) {
    const before = Int32Array.from(going, (row) => placeOf.get(from[row])!);
    return { rows: going, decoder, before };
  }
  decoder.dispose();
  return null;
}
