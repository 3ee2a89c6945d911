import { checkKeys } from "../../core/check.ts";
import { replaceBetweenMarks } from "../between_marks.ts";
import { markdownTable } from "../markdown_table.ts";
import { families } from "./families.ts";
import type { FoldCorrelation } from "./fold_correlation.ts";
import type { StoredPart } from "./part.ts";
import { parts } from "./parts.ts";
import type { Correlations, SimulationInput, SimulationRow } from "./simulate.ts";

/** What `docs/simulations.json` holds: how studies were drawn, and what the library said of them. */
export interface StoredSimulation extends SimulationInput {
  /** All rows of the table. */
  readonly rows: readonly SimulationRow[];
  /** By name, the parts that are drawn on their own. */
  readonly parts: { readonly [name: string]: StoredPart };
}

/** What of the document is written from the table of studies without any effect, by the name of its marks. */
const ofTable = {
  drawn: drawnPart,
  correlations: correlationsPart,
  table: tablePart,
};

/**
 * Puts the stored numbers into a document, those of a name between its marks
 * `<!-- simulations: NAME -->` and `<!-- /simulations -->`.
 *
 * @throws {RangeError} If a name has no marks.
 */
export function renderSimulations(text: string, stored: StoredSimulation): string {
  const written = [
    ...Object.entries(ofTable).map(([name, render]) => [name, render(stored)]),
    ...parts.flatMap((part) => {
      const own = stored.parts[part.name];
      return own === undefined ? [] : [[part.name, part.markdown(own)]];
    }),
  ];
  let rendered = text;
  for (const [name, content] of written) {
    const marks = {
      begin: `<!-- simulations: ${name} -->`,
      end: "<!-- /simulations -->",
      document: "docs/simulations.md",
    };
    rendered = replaceBetweenMarks(rendered, marks, () => `\n\n${content.trimEnd()}\n\n`);
  }
  return rendered;
}

/** Checks that a value read from JSON is a stored simulation, as far as rendering needs. */
export function checkStored(value: unknown): StoredSimulation {
  checkKeys("docs/simulations.json", value, [
    "seed",
    "count",
    "variances",
    "correlations",
    "rows",
    "parts",
  ]);
  return value as StoredSimulation;
}

function drawnPart({ seed, count, variances }: StoredSimulation): string {
  const summands: readonly (readonly [string, keyof typeof variances])[] = [
    ["f: between folds", "fold"],
    ["g: between seeds of a fold", "foldSeed"],
    ["d: between folds of one point, besides what points share", "pointFold"],
    ["e: between single runs", "residual"],
  ];
  const deviations = summands.map(([what, part]) => [what, Math.sqrt(variances[part]).toFixed(4)]);
  return `${markdownTable([["part", "standard deviation, nats per token"], ...deviations])}
Two seeds; ${count} studies a row where n does not say otherwise; seed ${seed}.`;
}

function correlationsPart({ correlations }: StoredSimulation): string {
  const kinds: readonly (readonly [string, keyof Correlations])[] = [
    ["stretches of one book", "pages"],
    ["the same, all folds trained on the first 1,000 characters", "firstTokens"],
    ["texts of many authors", "authors"],
  ];
  const cells = (each: FoldCorrelation) =>
    [each.largest, each.weak].map((value) => value.toFixed(2));
  const rows = kinds.flatMap(([name, kind]) =>
    correlations[kind].map((each) => [
      name,
      `${each.texts}`,
      `${each.folds}`,
      (1 / each.folds).toFixed(2),
      ...cells(each),
    ])
  );
  return markdownTable([
    ["folds of", "texts", "K", "1/K", "largest of 15 differences", "weakest difference"],
    ...rows,
  ]);
}

function tablePart({ rows }: StoredSimulation): string {
  const share = (count: number, of: number) => (count / of).toFixed(3);
  return markdownTable([
    ["family", "null", "K", "n", "false verdicts", "plainer procedure", "coverage", "claimed"],
    ...rows.map((row) => {
      const family = families.find((each) => each.name === row.family && each.null === row.null)!;
      const plainly = row.plainFalseVerdicts === null
        ? "–"
        : `${share(row.plainFalseVerdicts, row.count)} (${family.plain})`;
      return [
        family.what,
        row.null,
        `${row.folds}`,
        `${row.count}`,
        row.falseVerdicts === null ? "–" : share(row.falseVerdicts, row.count),
        plainly,
        row.covered === null ? "–" : share(row.covered.holding, row.covered.given),
        family.claimed ? "yes" : "no",
      ];
    }),
  ]);
}
