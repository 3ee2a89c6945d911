import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { CurvePoint } from "../records/run_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { infillingInWords } from "./infilling_words.ts";
import { runsSection } from "./run_sections.ts";

const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] } });

const rowsOf = (records: typeof runs) =>
  [...runsSection(study, records, ["lambda"]).html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)]
    .map(([, row]) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell));

Deno.test("the table of runs has bits per byte and per character where a run has them", () => {
  const bits = { bitsPerByte: 1.23456, bitsPerCharacter: 2.34567 };
  const withBits = (at: CurvePoint) => ({ ...at, ...bits });
  const [first, ...rest] = runs;
  const some = [{ ...first, final: withBits(first.final!), best: withBits(first.best!) }, ...rest];
  const [titles, ...cells] = rowsOf(some);
  const at = titles.indexOf("bits per byte");
  assert.deepEqual(titles.slice(at, at + 2), ["bits per byte", "per character"]);
  assert.deepEqual(
    cells.slice(0, 2).map((row) => row.slice(at, at + 2)),
    [["1.235", "2.346"], ["–", "–"]],
  );
  assert.equal(rowsOf(runs)[0].indexOf("bits per byte"), -1);
});

Deno.test("the table of runs says how well middles are filled in where a run does", () => {
  const infilling = { pieces: 9, loss: 1.23456, prefixLoss: 2.34567, exactMatch: 0.25 };
  const [first, ...rest] = runs;
  const [titles, ...cells] = rowsOf([{ ...first, infilling }, ...rest]);
  const at = titles.indexOf("infilling");
  const own = (row: string[]) => row.slice(at, at + 3);
  assert.deepEqual(own(titles), ["infilling", "by the prefix alone", "filled in exactly"]);
  assert.deepEqual(cells.slice(0, 2).map(own), [["1.2346", "2.3457", "25.0 %"], ["–", "–", "–"]]);
  assert.equal(rowsOf(runs)[0].indexOf("infilling"), -1);
});

Deno.test("methods say what of the training text is rearranged, at which points, and what is measured", () => {
  const words = (...options: (JsonObject | null)[]) =>
    infillingInWords({
      specifications: options.map((fillInTheMiddle): JsonObject => ({
        training: { fillInTheMiddle },
      })),
    });
  const plain = { rate: 0.5, suffixFirst: 0, heldOutPieces: 0 };
  assert.equal(words(null), null);
  assert.match(
    words(plain)!,
    /^Filling in the middle \(Bavarian et al\. 2022\): the pieces .* the prefix first, .* all rates\.$/,
  );
  assert.match(words(null, plain)!, /2022\), at the points that have it: the pieces/);
  assert.match(words({ ...plain, suffixFirst: 1 })!, /another order, the suffix first, then/);
  assert.match(
    words({ ...plain, suffixFirst: 0.5, heldOutPieces: 9 })!,
    /the suffix before or after the prefix, .* In the table of runs, infilling is the mean loss/,
  );
});
