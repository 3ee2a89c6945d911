import assert from "node:assert/strict";
import { withChromium } from "../lib/plots/testing/chromium.ts";
import { benchReport } from "./report.ts";
import { openingReport } from "./reports.ts";
import type { ReportResult } from "./results.ts";

withChromium("benchReport opens a report and writes when what stood", async ({ folder }) => {
  const lines: string[] = [];
  const json = `${folder}/report.json`;
  await benchReport({
    args: ["--rounds", "1", "--json", json],
    print: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  const result: ReportResult = JSON.parse(await Deno.readTextFile(json));
  const { paintedSeconds, readSeconds, drawnSeconds, processorSeconds } = result;
  assert.equal(result.runs, 508);
  assert.ok(result.bytes > result.scriptBytes && result.scriptBytes > 1e6);
  assert.ok(paintedSeconds.median > 0 && drawnSeconds.median > readSeconds.median);
  assert.ok(processorSeconds.median > 0);
  assert.equal(lines.at(-1), openingReport(result));
});
