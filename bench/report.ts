import { join } from "node:path";
import { checkInteger } from "../lib/core/check.ts";
import { type CommandContext, CommandError, parseCommand } from "../lib/commands/command.ts";
import { plotlyScript } from "../lib/plots/plotly_script.ts";
import { chromiumPath, launchChromium } from "../lib/plots/testing/chromium.ts";
import { writeReport } from "../lib/reports/report.ts";
import { syntheticStudy } from "../lib/statistics/testing/synthetic_study.ts";
import { describeMachine } from "./machine.ts";
import { openingReport } from "./reports.ts";
import { type OpenedReport, type ReportResult, writeJson } from "./results.ts";
import { spread } from "./statistics.ts";

/** Words for `deno task bench report --help`. */
export const reportUsage = `deno task bench report [options]

Writes the report of a study of 508 made-up runs and opens it from the disk in headless Chromium, each
time in a new browser: when text and figures as images are painted, when the page is read whole, and
when the first figure that answers to a pointer stands, scrolled to as soon as the page is read.

  --rounds 10     how often it is opened
  --json FILE     write what was measured, in this project's folder`;

/** The most that a report of 500 runs may take to stand, figures that answer included, in seconds. */
export const mostSeconds = 2;

/** `bench report`: exit code 1 when the median of the first answering figure is later than the target. */
export async function benchReport({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: { rounds: { type: "string", default: "10" }, json: { type: "string" } },
    positionals: [0, 0],
  });
  const rounds = checkInteger("--rounds", Number(values.rounds), { from: 1, to: 1000 });
  if (chromiumPath === undefined) throw new CommandError("Chromium is not installed.", 2);
  const machine = describeMachine();
  const { study, runs } = syntheticStudy({
    axes: { lambda: [0, 1e-5, 3e-5, 1e-4, 3e-4], alpha: [0, 0.03, 0.1, 0.3, 1] },
    folds: 5,
    seeds: [1, 2, 3, 4],
    finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }],
  });
  const folder = await Deno.makeTempDir();
  try {
    const began = performance.now();
    const path = await writeReport({ record: study, records: runs, folder });
    const writeSeconds = (performance.now() - began) / 1000;
    const opened: OpenedReport[] = [];
    for (let round = 0; round < rounds; round++) {
      opened.push(await open(path, join(folder, `profile-${round}`)));
    }
    const of = (read: (each: OpenedReport) => number) => spread(opened.map(read));
    const result: ReportResult = {
      machine,
      chromium: opened[0].chromium,
      runs: runs.length,
      bytes: (await Deno.stat(path)).size,
      scriptBytes: (await plotlyScript()).length,
      writeSeconds,
      rounds,
      paintedSeconds: of(({ paintedSeconds }) => paintedSeconds),
      readSeconds: of(({ readSeconds }) => readSeconds),
      drawnSeconds: of(({ drawnSeconds }) => drawnSeconds),
      processorSeconds: of(({ processorSeconds }) => processorSeconds),
    };
    print(openingReport(result));
    if (values.json !== undefined) await writeJson(values.json, result);
    return result.drawnSeconds.median <= mostSeconds ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Scrolls to the first figure once the page is read, and notes when that and when the figure stood. */
const watch = `addEventListener("DOMContentLoaded", () => {
  const plot = document.getElementById("figure-0");
  new MutationObserver(() => window.drawn ??= performance.now())
    .observe(plot, { attributeFilter: ["data-drawn"] });
  window.read = performance.now();
  plot.scrollIntoView();
});`;

/** Opens a report in a new browser until its first figure answers to a pointer. */
async function open(path: string, profile: string): Promise<OpenedReport> {
  const browser = await launchChromium(profile);
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 900 });
    const protocol = await page.createCDPSession();
    // Time that the thread of the page had a processor: other work of the machine is not in it.
    await protocol.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.evaluateOnNewDocument(watch);
    await page.goto(`file://${path}`);
    await page.waitForFunction("window.drawn", { timeout: 120_000, polling: 50 });
    const { metrics } = await protocol.send("Performance.getMetrics");
    const seconds = await page.evaluate(`[
      performance.getEntriesByName("first-contentful-paint")[0].startTime, window.read, window.drawn,
    ].map((milliseconds) => milliseconds / 1000)`) as [number, number, number];
    return {
      chromium: await browser.version(),
      paintedSeconds: seconds[0],
      readSeconds: seconds[1],
      drawnSeconds: seconds[2],
      processorSeconds: metrics.find(({ name }) => name === "TaskDuration")!.value,
    };
  } finally {
    await browser.close();
  }
}
