import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { tokenizersTable } from "./tokenizers_table.ts";

/** Points that differ in one axis, each with its specification, and what its runs read. */
function study(
  points: readonly {
    readonly specification: JsonObject;
    readonly perToken: number;
    readonly weights?: number;
  }[],
): { study: StudyRecord; runs: RunRecord[] } {
  const made = syntheticStudy({ axes: { alpha: points.map((_, at) => at) }, folds: 2, seeds: [1] });
  const specifications = points.map(({ specification }) => specification);
  const runs = made.runs.map((run): RunRecord => {
    const { perToken, weights } = points[run.point.alpha as number];
    const text = { tokens: 100, bytes: 100 * perToken, characters: 100 };
    return {
      ...run,
      tokens: {
        ...run.tokens,
        vocabulary: 50,
        unknownShare: 0,
        text: { training: text, heldOut: text },
      },
      ...(weights !== undefined &&
        { cost: { flops: null, tokens: 1000, weights, bytes: 4 * weights } }),
    };
  });
  return { study: { ...made.study, specifications }, runs };
}

function rowsOf({ study: record, runs }: ReturnType<typeof study>): string[] {
  const { html } = tokenizersTable(record, runs)!;
  return [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    row.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim()
  );
}

const tokenizer = { kind: "characters" };

Deno.test("trainings with larger tokens read more bytes, and weights are those of the points", () => {
  const pairs = { kind: "bytePairs", vocabularySize: 300 };
  const compared = study([
    { specification: { tokenizer }, perToken: 1, weights: 700 },
    { specification: { tokenizer: pairs }, perToken: 3, weights: 800 },
    { specification: { tokenizer: pairs, model: { size: 2 } }, perToken: 3, weights: 1900 },
  ]);
  assert.deepEqual(rowsOf(compared), [
    "tokenizer vocabulary bytes a token unknown tokens bytes read weights",
    "characters 50 1.00 0.0 % 1,000 700",
    "bytePairs (vocabularySize 300) 50 3.00 0.0 % 3,000 800 to 1,900",
  ]);
  const { html } = tokenizersTable(compared.study, compared.runs)!;
  assert.match(html, /with as many steps and windows larger tokens read more of it/);
});

Deno.test("one tokenizer on several amounts of text has a row for each", () => {
  const of = (training: JsonObject) => ({ specification: { tokenizer, training }, perToken: 2 });
  assert.deepEqual(rowsOf(study([of({ trainingBytes: 1500 }), of({})])), [
    "tokenizer training bytes vocabulary bytes a token unknown tokens",
    "characters 1,500 50 2.00 0.0 %",
    "characters all 50 2.00 0.0 %",
  ]);
});

Deno.test("where all points have one vocabulary there is nothing to compare", () => {
  const { study: record, runs } = study([
    { specification: { tokenizer, model: { size: 1 } }, perToken: 2 },
    { specification: { tokenizer, model: { size: 2 } }, perToken: 2 },
  ]);
  assert.equal(tokenizersTable(record, runs), null);
  assert.equal(tokenizersTable(record, []), null);
});
