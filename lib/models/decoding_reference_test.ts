import assert from "node:assert/strict";
import { restoreVocabulary } from "../data/tokenizers/vocabulary.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { type BeamOptions, beamSearch } from "./beam_search.ts";
import { tokenProbabilities } from "./decoding.ts";
import { checkDecoding, type DecodingOptions } from "./decoding_options.ts";
import type { LanguageModel } from "./model.ts";
import { endsText } from "./stop_strings.ts";
import reference from "./_reference/decoding.json" with { type: "json" };

Deno.test("repetition penalty, temperature, top-k, top-p and min-p keep transformers' tokens with its probabilities", () => {
  assert.equal(reference.choices.length, 48);
  for (const { logits, read, options, probabilities } of reference.choices) {
    const given = options as unknown as DecodingOptions;
    const found = tokenProbabilities(Float32Array.from(logits), given, read);
    const what = JSON.stringify(options);
    for (const [token, expected] of probabilities.entries()) {
      assert.equal(found[token] === 0, expected === 0, `${what}: token ${token} is kept`);
      assert.ok(Math.abs(found[token] - expected) < 1e-6, `${what}: ${found[token]}, ${expected}`);
    }
  }
});

/** A model whose logits are a table's by the last two tokens. */
function tableModel(table: readonly (readonly (readonly number[])[])[]): LanguageModel {
  return {
    decoder() {
      let read: [before: number, last: number][] = [[0, 0]];
      return {
        next(tokens: Int32Array, from = tokens.map((_, row) => row)) {
          read = Array.from(tokens, (token, row) => [read[from[row]][1], token]);
          return Float32Array.from(read.flatMap(([before, last]) => table[before][last]));
        },
        dispose() {},
      };
    },
  } as unknown as LanguageModel;
}

const letters = restoreVocabulary(characters(), ["�", ...reference.letters]);
const written = {
  decode: (ids: ArrayLike<number>) => letters.decode(Array.from(ids, (id) => id + 1)),
  decodeBegun: (ids: ArrayLike<number>) => letters.decodeBegun(Array.from(ids, (id) => id + 1)),
};

Deno.test("beam search finds transformers' texts with its scores: length penalties, early stopping, stop strings, ends", () => {
  assert.equal(reference.searches.length, 132);
  for (const { table, prompt, found, options, stopStrings, ...others } of reference.searches) {
    const { length, endId, forbidden } = others;
    const search: BeamOptions = {
      ...checkDecoding("search", { ...options, stopStrings }, {}),
      ...{ length, endId, forbidden },
      ends: endsText(stopStrings, written),
    };
    const own = beamSearch(tableModel(reference.tables[table]), Int32Array.from(prompt), search);
    const what = JSON.stringify({ table, prompt, endId, stopStrings, options });
    assert.deepEqual(own.map(({ tokens }) => tokens), found.map(({ tokens }) => tokens), what);
    own.forEach(({ score }, rank) => {
      const error = Math.abs(score - found[rank].score);
      assert.ok(error <= 2e-6 * (1 + Math.abs(score)), `${what}: ${score}, ${found[rank].score}`);
    });
  }
});
