import {
  describeDeclared,
  formatProbability,
  regionWords,
} from "../statistics/describe_equivalence.ts";
import type { Equivalence } from "../statistics/equivalence.ts";
import type { Findings } from "../statistics/findings.ts";
import { formatPValue } from "../statistics/format.ts";
import { type Judged, type Verdict, verdictOn } from "../statistics/verdict.ts";
import { type Column, fragment, type Markup } from "./html.ts";
import { formula } from "./math.ts";
import { methodTex } from "./tex.ts";

/** What of a comparison its equivalence is read off. */
interface WithEquivalence {
  readonly equivalence?: Equivalence | null;
}

/**
 * Columns on whether differences lie in a region of equivalence, for tables of differences.
 *
 * @param rows All rows of the table.
 * @param differenceOf The difference of a row; null where it has none.
 * @returns No column where no row has a region.
 */
export function equivalenceColumns<Row>(
  rows: readonly Row[],
  differenceOf: (row: Row) => WithEquivalence | null | undefined,
): Column<Row>[] {
  const width = widthOf(rows.map(differenceOf));
  return width === null ? [] : [
    {
      title: `p, within ${width} (Holm)`,
      cell: (row) => formatPValue(differenceOf(row)?.equivalence?.adjustedPValue ?? null),
    },
    {
      title: `probability within ${width}`,
      cell: (row) => {
        const posterior = differenceOf(row)?.equivalence?.posterior;
        return posterior === undefined ? "–" : formatProbability(posterior.inside);
      },
    },
  ];
}

/** The verdicts on differences, for tables that have none without a region. */
export function verdictColumns<Row extends Judged & WithEquivalence>(
  rows: readonly Row[],
): Column<Row>[] {
  return widthOf(rows) === null ? [] : [
    { title: "verdict", numeric: false, cell: (row) => verdictWords(verdictOn(row), row) },
  ];
}

/** What {@link equivalenceColumns} have, for the caption of their table; empty where there are none. */
export function equivalenceNote(rows: readonly (WithEquivalence | null | undefined)[]): string {
  const width = widthOf(rows);
  return width === null
    ? ""
    : ` Within ${width}: the p-value of two one-sided tests that the difference lies there, after Holm, and the ` +
      `probability of that by the correlated Bayesian t-test, which nothing adjusts. Equivalent: no difference ` +
      `is shown, and it lies there; unknown: neither is shown.`;
}

/** A verdict in a word or two, where a region was declared. */
export function verdictWords(verdict: Verdict | null, { equivalence }: WithEquivalence): string {
  if (verdict === null) return "–";
  if (verdict === "notShown") return "unknown";
  return verdict !== "equivalent" && equivalence?.withinRegion
    ? `${verdict}, within ${regionWords({ halfWidth: equivalence.test.region })}`
    : verdict;
}

function widthOf(rows: readonly (WithEquivalence | null | undefined)[]): string | null {
  const first = rows.find((row) => row?.equivalence)?.equivalence;
  return first ? regionWords({ halfWidth: first.test.region }) : null;
}

/** How equivalence is tested, for the methods of a report; null where the study declared no region. */
export function equivalenceMethods(findings: Findings): Markup | null {
  const { region } = findings;
  return region === undefined
    ? null
    : fragment`<p>${
      describeDeclared(findings)
    } A difference lies within the region where two one-sided corrected
t-tests (Schuirmann 1987), at 5 % each and adjusted by Holm as the tests of differences are, both say so. ${
      region.byFold === null
        ? "Without that adjustment this is where its 90 % interval lies inside the region."
        : "δ of each fold stands beside the difference there, so that the noise of both counts."
    } Their p-value, with F the distribution function of Student's t:</p>
${formula(methodTex.equivalence)}
<p>Equivalent is what lies within the region and is not shown to differ. The probability of lying there is that of
the correlated Bayesian t-test (Corani and Benavoli 2015): the posterior of the mean difference is Student's t
around it with the same standard error, under a prior that is flat in the mean and in the logarithm of the
standard deviation.</p>
`;
}
