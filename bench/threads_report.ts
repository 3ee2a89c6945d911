import { machineLine } from "./machine.ts";
import type { ThreadsResult } from "./results.ts";
import type { Spread } from "./statistics.ts";
import { markdownTable, threeDigits } from "./table.ts";

/** Of what as many processes gain, one training on several threads must gain this share. */
export const leastShare = 0.85;

/** The results of `bench threads` as Markdown. */
export function threadsReport({ machine, torch, threads, rows }: ThreadsResult): string {
  const times = ({ median }: Spread) => threeDigits(median);
  const gains = (spread: Spread | null) => {
    if (spread === null) return "";
    const { lower, median, upper } = spread;
    return `${median.toFixed(2)} [${lower.toFixed(2)}, ${upper.toFixed(2)}]`;
  };
  const table = markdownTable(
    [
      "",
      "engine",
      "1 thread, ms",
      `${threads} threads, ms`,
      "gain",
      `gain of ${threads} processes`,
      "share of it",
      "PyTorch, ms",
      "ratio",
      "MiB",
      `MiB, ${threads} threads`,
    ],
    rows.map((row) => [
      row.configuration,
      row.engine.split("/")[0],
      times(row.milliseconds),
      times(row.threadsMilliseconds),
      gains(row.gain),
      gains(row.processesGain),
      gains(row.share),
      times(row.peerMilliseconds),
      gains(row.ratio),
      row.peakMebibytes.toFixed(0),
      row.threadsPeakMebibytes.toFixed(0),
    ]),
    2,
  );
  const engines = [...new Set(rows.map(({ engine }) => engine))].join(", ");
  const verdicts = rows.flatMap(({ configuration, engine, share }) => {
    if (share === null) return [];
    const { median } = share;
    const met = median >= leastShare ? "met" : "MISSED";
    const [name] = engine.split("/");
    return `- ${configuration} ${name}: ${
      median.toFixed(2)
    } of the processes' gain, ${met} (must ` +
      `${leastShare})`;
  });
  return [
    `- ${
      machineLine(machine)
    }\n- Ours: ${engines}\n- Peer: PyTorch ${torch}, eager, ${threads} threads`,
    table,
    ...verdicts.length === 0 ? [] : [verdicts.join("\n")],
  ].join("\n\n");
}
