import assert from "node:assert/strict";
import type { CurvePoint } from "../records/run_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { runsSection } from "./run_sections.ts";

const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] } });

Deno.test("the table of runs has bits per byte and per character where a run has them", () => {
  const bits = { bitsPerByte: 1.23456, bitsPerCharacter: 2.34567 };
  const withBits = (at: CurvePoint) => ({ ...at, ...bits });
  const [first, ...rest] = runs;
  const some = [{ ...first, final: withBits(first.final!), best: withBits(first.best!) }, ...rest];
  const rowsOf = (records: typeof runs) =>
    [...runsSection(study, records, ["lambda"]).html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)]
      .map(([, row]) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell));
  const [titles, ...cells] = rowsOf(some);
  const at = titles.indexOf("bits per byte");
  assert.deepEqual(titles.slice(at, at + 2), ["bits per byte", "per character"]);
  assert.deepEqual(
    cells.slice(0, 2).map((row) => row.slice(at, at + 2)),
    [["1.235", "2.346"], ["–", "–"]],
  );
  assert.equal(rowsOf(runs)[0].indexOf("bits per byte"), -1);
});
