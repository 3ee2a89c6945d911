import { type Addition, additions } from "./additions.ts";
import { type Configuration, configurations } from "./configurations.ts";
import { fastest, quantile, ratioSpread, type Spread, spread } from "./statistics.ts";
import { markdownTable, threeDigits } from "./table.ts";
import { type Target, targetOf, verdict } from "./targets.ts";

/** A comparison of one of our engines with PyTorch. */
export interface BenchRow {
  readonly configuration: Configuration["name"];
  readonly task: "training" | "evaluation";
  readonly addition: Addition;
  readonly engine: string;
  /** Median of a step. */
  readonly milliseconds: number;
  readonly quartiles: readonly [lower: number, upper: number];
  /** The faster of PyTorch's modes. */
  readonly peer: string;
  readonly peerMilliseconds: number;
  readonly peerQuartiles: readonly [lower: number, upper: number];
  /** Medians of all modes that ran. */
  readonly peerModes: Readonly<Record<string, number>>;
  /** Median of our time through the peer's in the same turn. */
  readonly ratio: number;
  readonly ratioQuartiles: readonly [lower: number, upper: number];
  readonly alternations: number;
  /** Matrix products of a step. */
  readonly gigaflop: number;
  /** Time of those at the engine's measured peak. */
  readonly floorMilliseconds: number;
  /** Time of the step's own products, each at the speed of its shape; results of before have none. */
  readonly shapesFloorMilliseconds?: number;
}

/** What was measured of one side in turns. */
export interface Measurement {
  readonly name: string;
  readonly milliseconds: readonly number[];
  /** The least that the products of a step take, ms; of ours. */
  readonly shapesFloor?: number;
}

/**
 * Rows of one configuration, task and addition: each of our engines against the faster mode.
 *
 * @param peaks GFLOP/s of each engine's matrix products, in the order of `ours`.
 */
export function makeRows(
  what: Pick<BenchRow, "configuration" | "task" | "addition">,
  ours: readonly Measurement[],
  modes: readonly Measurement[],
  peer: string,
  peaks: readonly number[],
): BenchRow[] {
  const best = modes[fastest(modes.map(({ milliseconds }) => milliseconds))];
  const flop = configurations[what.configuration].flop[what.task];
  const ends = ({ lower, upper }: Spread): [number, number] => [lower, upper];
  return ours.map(({ name, milliseconds, shapesFloor }, index) => {
    const [own, other] = [spread(milliseconds), spread(best.milliseconds)];
    const ratio = ratioSpread(milliseconds, best.milliseconds);
    return {
      ...what,
      engine: name,
      milliseconds: own.median,
      quartiles: ends(own),
      peer: `${peer} ${best.name}`,
      peerMilliseconds: other.median,
      peerQuartiles: ends(other),
      peerModes: Object.fromEntries(
        modes.map((mode) => [mode.name, quantile(mode.milliseconds, 0.5)]),
      ),
      ratio: ratio.median,
      ratioQuartiles: ends(ratio),
      alternations: milliseconds.length,
      gigaflop: flop / 1e9,
      floorMilliseconds: flop / peaks[index] / 1e6,
      ...shapesFloor === undefined ? {} : { shapesFloorMilliseconds: shapesFloor },
    };
  });
}

/** The rows as a table. */
export function rowsTable(rows: readonly BenchRow[]): string {
  const range = ([lower, upper]: readonly [number, number], show = threeDigits) =>
    `${show(lower)}–${show(upper)}`;
  // Results of before have the floor at one speed only.
  const hasShapes = rows.some((row) => row.shapesFloorMilliseconds !== undefined);
  const ofShapes = hasShapes ? ["its shapes'", "above it"] : [];
  return markdownTable(
    ["", "task", "with", "engine", "ms", "quartiles", "floor", ...ofShapes]
      .concat("PyTorch", "ms", "quartiles", "ratio", "quartiles"),
    rows.map((row) => [
      row.configuration,
      row.task,
      additions[row.addition].short,
      row.engine.split("/")[0],
      threeDigits(row.milliseconds),
      range(row.quartiles),
      threeDigits(row.floorMilliseconds),
      ...hasShapes ? aboveFloor(row) : [],
      modeOf(row),
      threeDigits(row.peerMilliseconds),
      range(row.peerQuartiles),
      two(row.ratio),
      range(row.ratioQuartiles, two),
    ]),
    4,
  );
}

function aboveFloor({ milliseconds, shapesFloorMilliseconds: floor }: BenchRow): string[] {
  return floor === undefined ? ["", ""] : [threeDigits(floor), percent(milliseconds / floor - 1)];
}

function modeOf({ peer, peerModes }: BenchRow): string {
  const names = Object.keys(peerModes).sort((a, b) => b.length - a.length);
  return names.find((name) => peer.endsWith(name)) ?? peer;
}

/** What the rows say about the targets, a line each. */
export function targetLines(rows: readonly BenchRow[]): string[] {
  return rows.flatMap((row) => {
    const engine = row.engine.split("/")[0];
    const target = targetOf(row.configuration, engine);
    if (target === null) return [];
    const name = `${row.configuration} ${engine}`;
    if (row.task === "evaluation") return evaluationLine(name, row, rows);
    return trainingLines(name, row, target, plainOf(row, rows));
  });
}

/** The step without anything added, of the same configuration and engine. */
function plainOf(row: BenchRow, rows: readonly BenchRow[]): BenchRow | undefined {
  return rows.find(({ task, addition, engine, configuration }) =>
    task === "training" && addition === "none" && engine === row.engine &&
    configuration === row.configuration
  );
}

function evaluationLine(name: string, row: BenchRow, rows: readonly BenchRow[]): string[] {
  const training = plainOf(row, rows);
  if (training === undefined) return [];
  const good = row.ratio <= training.ratio ? "met" : "MISSED";
  return [
    `${name} evaluation: ${two(row.ratio)}, ${good} (must be at most that of training, ` +
    `${two(training.ratio)})`,
  ];
}

function trainingLines(
  name: string,
  { addition, ratio, milliseconds, engine }: BenchRow,
  target: Target,
  plain: BenchRow | undefined,
): string[] {
  const { short, mostShare, mostRatio } = additions[addition];
  const what = addition === "none" ? "training" : `with ${short}`;
  const native = engine.startsWith("native");
  // A target of an addition's own is of our fastest engine.
  const own = mostRatio === null ? target : { must: mostRatio, hoped: null };
  const lines = mostRatio === null || native
    ? [`${name} ${what}: ${two(ratio)}, ${verdict(ratio, own)}`]
    : [];
  if (!native || addition === "none" || plain === undefined) return lines;
  const share = milliseconds / plain.milliseconds - 1;
  const added = `${name}: ${short} adds ${(100 * share).toFixed(1)} % to a step`;
  if (mostShare === null) return [...lines, added];
  const good = share <= mostShare ? "met" : "MISSED";
  return [...lines, `${added}, ${good} (must ${100 * mostShare} %)`];
}

const two = (value: number) => value.toFixed(2);
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
