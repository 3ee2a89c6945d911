/** How many synthetic studies a part draws, and by what. */
export interface PartInput {
  /** Whole number from which all draws derive. */
  readonly seed: number;
  /** Studies of each row. */
  readonly count: number;
}

/** What `docs/simulations.json` holds of a part: how it was drawn, and what came out. */
export interface StoredPart<Row = unknown> extends PartInput {
  readonly rows: readonly Row[];
}

/**
 * A part of the simulations that is drawn on its own, by `deno task simulate --only NAME`. Its rows stand in
 * `docs/simulations.json` under `parts`, its text between `<!-- simulations: NAME -->` and
 * `<!-- /simulations -->` in `docs/simulations.md`. `parts.ts` lists them.
 */
export interface SimulationPart<Row = unknown> {
  /** One word. */
  readonly name: string;
  /** Studies of each row where `--count` says nothing else. */
  readonly count: number;
  /**
   * Draws all rows. Each has a random stream of its own, named by what the row is, so that it is the
   * same whatever rows stand beside it.
   *
   * @param input.onRow Called with each row as it is done.
   */
  simulate(input: PartInput & { readonly onRow?: (row: Row) => void }): readonly Row[];
  /** A row as a line of the terminal. */
  line(row: Row): string;
  /** What stands between the marks: Markdown as `deno fmt` leaves it. */
  markdown(stored: StoredPart<Row>): string;
}
