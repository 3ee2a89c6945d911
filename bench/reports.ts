/**
 * Results of the benches in Markdown: what they print, and what docs/benchmarks.md shows.
 *
 * @module
 */
import type { TimedShape } from "../lib/engine/product_shapes.ts";
import { flopOf } from "../lib/engine/product_timing.ts";
import { machineLine } from "./machine.ts";
import type {
  MemoryResult,
  PeakMemory,
  ProfileResult,
  ReportResult,
  ScaleResult,
  SearchResult,
  Sides,
  SweepResult,
  TrainingResult,
} from "./results.ts";
import { rowsTable, targetLines } from "./rows.ts";
import type { Spread } from "./statistics.ts";
import type { ProfileKind, ProfileRow } from "./step_profile.ts";
import { markdownTable, threeDigits } from "./table.ts";
import { targetOf, verdict } from "./targets.ts";

const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
const paragraphs = (...parts: readonly string[]) =>
  parts.filter((part) => part !== "").join("\n\n");

/** Result of `bench training`. */
export function trainingReport(result: TrainingResult): string {
  return paragraphs(
    list([machineLine(result.machine), ...sidesLines(result), ...result.notes]),
    rowsTable(result.rows),
    peakTable(result.memory),
    list(targetLines(result.rows)),
  );
}

function sidesLines({ engines, peer }: Sides): string[] {
  const speed = (value: number) => `1024³ product ${value.toFixed(0)} GFLOP/s`;
  const { torch, python, blas, threads, instructions, gigaflopsPerSecond } = peer;
  return [
    ...engines.map((engine) => `Ours: ${engine.id}, 1 thread, ${speed(engine.gigaflopsPerSecond)}`),
    `Peer: PyTorch ${torch}, Python ${python}, ${blas}, ${instructions}, ${threads} thread, ${
      speed(gigaflopsPerSecond)
    }`,
  ];
}

function peakTable(memory: readonly PeakMemory[]): string {
  return markdownTable(
    ["peak memory", "engine", "MiB", "PyTorch eager, MiB"],
    memory.map(({ configuration, engine, peakMebibytes, peerPeakMebibytes }) => [
      configuration,
      engine,
      peakMebibytes.toFixed(0),
      peerPeakMebibytes.toFixed(0),
    ]),
    2,
  );
}

/** Result of `bench sweep`. */
export function sweepReport({ machine, steps, workers, rounds, rows }: SweepResult): string {
  const peer = rows[rows.length - 1];
  const table = markdownTable(
    ["side", "runs a minute", "command to first step, s", "to first run, s", "to last run, s"]
      .concat("best loss", "ratio"),
    rows.map((row) => [
      row.engine,
      threeDigits(row.runsPerMinute),
      row.secondsToTraining.toFixed(2),
      row.secondsToFirstRun.toFixed(2),
      row.seconds.toFixed(1),
      row.bestLoss.toFixed(3),
      (row.seconds / peer.seconds).toFixed(2),
    ]),
  );
  const targets = rows.flatMap((row) => {
    const [engine] = row.engine.split("/");
    const target = targetOf("sweep", engine);
    const ratio = row.seconds / peer.seconds;
    return target === null
      ? []
      : [`sweep ${engine}: ${ratio.toFixed(2)}, ${verdict(ratio, target)}`];
  });
  const what = `${peer.runs} runs of ${steps} steps in ${workers} processes, ${rounds} sweeps of ` +
    `each side in turns, medians`;
  return paragraphs(list([machineLine(machine), what]), table, list(targets));
}

/** Result of `bench memory`. */
export function memoryReport({ machine, rows }: MemoryResult): string {
  const parts = rows.map(({ configuration, engine, flat, problems, samples }) =>
    paragraphs(
      `${configuration}, ${engine}: ${flat ? "flat" : `GROWS: ${problems.join("; ")}`}.`,
      markdownTable(
        [
          "step",
          "tensors",
          "tfjs, MiB",
          "engine, MiB",
          "engine at most, MiB",
          "V8's heap, MiB",
          "process, MiB",
        ],
        samples.map((sample) => [
          String(sample.step),
          String(sample.tensors),
          sample.tensorMebibytes.toFixed(2),
          sample.engineMebibytes.toFixed(2),
          sample.enginePeakMebibytes.toFixed(2),
          sample.heapMebibytes.toFixed(1),
          sample.residentMebibytes.toFixed(1),
        ]),
        0,
      ),
    )
  );
  return paragraphs(list([machineLine(machine)]), ...parts);
}

/** Result of `bench scale`. */
export function scaleReport({ machine, rows }: ScaleResult): string {
  const columns = [
    "where",
    "processes",
    "runs",
    "all, s",
    "a run, ms",
    "its CPU here, ms",
    "process, MiB",
    "runs.jsonl, MiB",
    "complete again, s",
    "resumed, s",
    "opened, s",
  ];
  const table = markdownTable(
    columns,
    rows.map((row) => [
      row.where,
      String(row.workers),
      String(row.runs),
      row.runSeconds.toFixed(1),
      row.overheadMilliseconds.toFixed(2),
      row.coordinatorMilliseconds.toFixed(2),
      row.residentMebibytes.toFixed(0),
      row.journalMebibytes.toFixed(1),
      row.completeSeconds.toFixed(2),
      row.resumeSeconds.toFixed(2),
      row.openSeconds.toFixed(2),
    ]),
  );
  return paragraphs(list([machineLine(machine)]), table);
}

/** Result of `bench report`. */
export function openingReport(result: ReportResult): string {
  const { machine, chromium, runs, bytes, scriptBytes, writeSeconds, rounds } = result;
  const megabytes = (size: number) => `${(size / 1e6).toFixed(2)} MB`;
  const row = (what: string, { lower, median, upper }: Spread) => [
    what,
    ...[lower, median, upper].map((seconds) => seconds.toFixed(2)),
  ];
  const table = markdownTable(
    ["seconds since the browser was told to open", "lower quartile", "median", "upper quartile"],
    [
      row("text and figures as images painted", result.paintedSeconds),
      row("page read whole", result.readSeconds),
      row("first figure answers to a pointer", result.drawnSeconds),
      row("until then, of a processor", result.processorSeconds),
    ],
  );
  const what = `${runs} runs, ${megabytes(bytes)}, ${
    megabytes(scriptBytes)
  } of it the script of plotly.js; written in ${
    writeSeconds.toFixed(1)
  } s; opened ${rounds} times in ${chromium}`;
  return paragraphs(list([machineLine(machine), what]), table);
}

/** Result of `bench search`. */
export function searchReport({ machine, peer, seeds, rows, halving, discards }: SearchResult) {
  const objectives = [...new Set(rows.map(({ objective }) => objective))];
  const searches = [...new Set(rows.map(({ search }) => search))];
  const regret = ({ lower, median, upper }: Spread) =>
    `${threeDigits(median)} [${threeDigits(lower)}, ${threeDigits(upper)}]`;
  const rowOf = (objective: string, search: string) =>
    rows.find((row) => row.objective === objective && row.search === search)!;
  const { rungs, reductionFactor, steps } = halving;
  return paragraphs(
    list([
      machineLine(machine),
      `Peer: Optuna ${peer.optuna}, Python ${peer.python}`,
      `${seeds} seeds; median regret [quartiles]`,
    ]),
    markdownTable(
      ["regret", ...objectives],
      [
        ["evaluations", ...objectives.map((objective) => evaluationsOf(rows, objective))],
        ...searches.map((search) => [
          search,
          ...objectives.map((objective) => regret(rowOf(objective, search).regret)),
        ]),
      ],
    ),
    `With rungs at steps ${rungs.join(" and ")} of the λ × α surface, reduction factor ` +
      `${reductionFactor}, and ${steps} steps in all, as many as the searches above train:`,
    markdownTable(
      ["search with rungs", "points begun", "regret on λ × α"],
      halving.rows.map((row) => [row.search, row.points.median.toFixed(0), regret(row.regret)]),
    ),
    "What a first rung would have done to the point that is best at full length:",
    markdownTable(
      [
        "study",
        "points",
        "rung at step",
        "points that pass",
        "the winner's rank there",
        "draws whose winner is discarded",
        "mean loss added, nats",
      ],
      discards.map((row) => [
        row.from,
        String(row.points),
        String(row.step),
        String(row.passing),
        String(row.winnerRank),
        `${(100 * row.discardedShare).toFixed(1)} %`,
        row.meanRegret.toFixed(4),
      ]),
    ),
  );
}

/** The grid may have fewer than the others. */
function evaluationsOf(rows: SearchResult["rows"], objective: string): string {
  const counts = rows.filter((row) => row.objective === objective)
    .map(({ evaluations }) => evaluations);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${most}` : `${most} (grid ${least})`;
}

/** Words for the kinds of a profile, in the order of its table. */
export const kindWords: Readonly<Record<ProfileKind, string>> = {
  product: "matrix products",
  kernel: "other kernels",
  lib: "our TypeScript",
  tfjs: "tfjs",
  rest: "garbage collection and the rest",
};

/** Result of `bench profile`. */
export function profileReport({ machine, profiles }: ProfileResult): string {
  const line = (name: string, { kind, milliseconds, share }: ProfileRow) => [
    name,
    kindWords[kind],
    milliseconds.toFixed(3),
    `${(100 * share).toFixed(1)} %`,
  ];
  const parts = profiles.map(({ configuration, task, engine, rows, kinds, ...rest }) => {
    const { gigaflop, gigaflopsPerSecond } = rest;
    const total = kinds.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const floor = 1000 * gigaflop / gigaflopsPerSecond;
    const { milliseconds, shapesFloorMilliseconds, shapes } = rest;
    return paragraphs(
      `${configuration} ${task}, ${engine}: ${threeDigits(total)} ms a step; floor ${
        threeDigits(floor)
      } ms (${threeDigits(gigaflop)} GFLOP at ${gigaflopsPerSecond.toFixed(0)} GFLOP/s).`,
      markdownTable(["function", "kind", "ms", "share"], [
        ...kinds.map((row) => line(row.name, row)),
        ...rows.map((row) => line(row.name, row)),
      ], 2),
      milliseconds === undefined || shapesFloorMilliseconds === undefined
        ? ""
        : aboveLine(milliseconds, shapesFloorMilliseconds, floor),
      shapes === undefined ? "" : shapesTable(shapes),
    );
  });
  return paragraphs(list([machineLine(machine)]), ...parts);
}

function aboveLine(milliseconds: number, ofShapes: number, floor: number): string {
  const above = `${(100 * (milliseconds / ofShapes - 1)).toFixed(0)} %`;
  return `Without the profiler a step takes ${threeDigits(milliseconds)} ms, ${above} above ` +
    `${threeDigits(ofShapes)} ms, the floor of its products at the speeds of their own shapes ` +
    `(${threeDigits(floor)} ms at that of 1024³).`;
}

function shapesTable(shapes: readonly TimedShape[]): string {
  return markdownTable(
    ["product m × n × k", "how", "times", "GFLOP/s", "ms in all"],
    shapes.map(({ m, n, k, count, milliseconds, ...how }) => [
      `${m} × ${n} × ${k}`,
      [
        how.transposeA ? "A" : "",
        how.transposeB ? "B" : "",
        how.packed ? "packed" : "",
        how.accumulate ? "added" : "",
      ]
        .filter((word) => word !== "").join(", "),
      String(count),
      (flopOf({ m, n, k }) / milliseconds / 1e6).toFixed(0),
      threeDigits(count * milliseconds),
    ]),
    2,
  );
}
