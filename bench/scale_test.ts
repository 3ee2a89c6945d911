import assert from "node:assert/strict";
import { withProject } from "../lib/studies/_testing/parts.ts";
import { scaleReport } from "./reports.ts";
import { benchScale, growthOf } from "./scale.ts";
import type { ScaleResult } from "./results.ts";

Deno.test("benchScale measures studies of a few runs, resumes them and writes what it found", () =>
  withProject(async (folder) => {
    const lines: string[] = [];
    const json = `${folder}/scale.json`;
    await benchScale({
      args: ["--runs", "20,40", "--queue-workers", "0", "--json", json],
      print: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    const result: ScaleResult = JSON.parse(await Deno.readTextFile(json));
    assert.deepEqual(result.rows.map(({ where, runs }) => [where, runs]), [
      ["local", 20],
      ["local", 40],
    ]);
    for (const row of result.rows) {
      // With the refits of the selected points.
      assert.ok(row.records > row.runs && row.records <= row.runs + 10);
      assert.ok(row.journalMebibytes > 0 && row.residentMebibytes > 0);
    }
    assert.equal(lines.at(-1), scaleReport(result));
    assert.ok(growthOf(result.rows) > 0);
  }));
