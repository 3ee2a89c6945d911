import { canonicalJson } from "../core/json.ts";
import { forestChart } from "../plots/forest.ts";
import { figureOf } from "../plots/figure.ts";
import { settingsOf } from "../statistics/arms_study.ts";
import { adjustedOverTexts } from "../statistics/combine_studies.ts";
import type {
  ManyStudies,
  ManyStudiesOptions,
  StudyAmongMany,
} from "../statistics/compare_many_studies.ts";
import { compareStudies } from "../statistics/compare_studies.ts";
import { spanOf } from "../statistics/describe_arms.ts";
import { describeManyStudies } from "../statistics/describe_many_studies.ts";
import {
  counted,
  formatPoint,
  formatShare,
  formatSigned,
  listInWords,
} from "../statistics/format.ts";
import { contrastName, sharedArms } from "../statistics/study_contrast.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { untraced } from "../statistics/trace_numbers.ts";
import { definitionsTable } from "./comparison.ts";
import { type ReportDocument, reportFigures } from "./document.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { keep, tight } from "./sections.ts";

/**
 * The contrasts that a page of several studies shows: the one that is named, or each arm that all studies have
 * with the same parent, or what each study selects against its baseline.
 *
 * @throws {TypeError | RangeError} As `compareStudies` does.
 */
function contrastsOf(
  sources: readonly StudyRecords[],
  options: ManyStudiesOptions,
): ManyStudiesOptions[] {
  if (options.arm !== undefined || options.point !== undefined) return [options];
  const shared = sources.length === 0 ? [] : sharedArms(sources.map(({ record }) => record));
  return shared.length === 0 ? [options] : shared.map((each) => ({ ...options, ...each }));
}

/** What the comparison of several studies is written from, a contrast each. */
export function comparedMany(
  sources: readonly StudyRecords[],
  options: ManyStudiesOptions = {},
): ManyStudies[] {
  return adjustedOverTexts(
    contrastsOf(sources, options).map((each) => compareStudies(sources, each)),
  );
}

/**
 * The comparison of several studies, from their records alone.
 *
 * @param sources From two studies on.
 * @param options As those of `compareStudies`; without a contrast all are shown that the studies share.
 * @param compared What it is written from, where that is known already: each contrast takes its draws.
 */
export function manyStudiesDocument(
  sources: readonly StudyRecords[],
  options: ManyStudiesOptions = {},
  compared: readonly ManyStudies[] = comparedMany(sources, options),
): ReportDocument {
  const contrasts = compared.filter(({ overTexts }) => overTexts?.pValue != null).length;
  const records = sources.map(({ record }) => record);
  const names = records.map(({ name }) => name);
  const section = (id: string, title: string, body: Insertion) => ({
    id,
    title,
    shortTitle: title,
    body: fragment`${body}`,
  });
  // Charts are laid out by the lengths of their texts.
  const figures = untraced(() =>
    reportFigures(
      compared.filter(({ studies }) => studies.some(({ difference }) => difference.test !== null))
        .map((each) => [
          `${
            contrastName(each.contrast)
          } in each study with its 95 % interval, and over the studies.`,
          figureOf(forestChart(each)),
        ]),
    )
  );
  const said = compared.map((each) => describeManyStudies(each, { contrasts }));
  return {
    title: listInWords(names),
    byline: `${sources.length} regularization studies by ${
      listInWords(compared.map(({ contrast }) => contrastName(contrast)))
    }`,
    figures,
    sections: [
      section("abstract", "Abstract", [
        compared.map((each, index) =>
          fragment`<p class="abstract">${tight(abstractOf(each, said[index]))}</p>
`
        ),
        pairingNotice(compared[0]),
      ]),
      section(
        "differences",
        "Differences",
        compared.map((each, index) => differencesOf(each, said[index])),
      ),
      section(
        "figures",
        "Figures",
        figures.length === 0 ? fragment`<p>No study has a difference.</p>` : null,
      ),
      section("definitions", "What differs", definitionsTable(records)),
      section("methods", "How studies are compared", methodsOf(compared[0])),
    ],
  };
}

/** What the studies come to, or where that is not known, what each shows. */
function abstractOf({ overTexts, onOneText }: ManyStudies, said: readonly string[]): string {
  return said.slice(0, overTexts === null && onOneText === null ? 1 : 2).join(" ");
}

function pairingNotice({ shared, onOneText }: ManyStudies): Markup {
  if (shared.length === 0) {
    return fragment`<p>Each study reads a text of its own. Differences are paired by fold and seed within each
study, and nothing is paired between studies.</p>`;
  }
  return fragment`<p class="notice">Not all studies are independent: ${
    shared.map(({ studies, text, stretches }) =>
      `${listInWords(studies)} read ${
        stretches === "same" ? "the same stretch" : "different stretches"
      } of ${text}`
    ).join("; ")
  }. ${
    onOneText === null
      ? "They count as one text, and nothing is paired between studies."
      : "They have the same folds, over which their mean is tested."
  }</p>`;
}

function differencesOf(comparison: ManyStudies, said: readonly string[]): Markup {
  const { contrast, unit } = comparison;
  return fragment`<h3>${keep(contrastName(contrast))}</h3>
${
    said.map((sentence) =>
      fragment`<p>${tight(sentence)}</p>
`
    )
  }${studiesTable(comparison)}
${combinedTable(comparison, unit.words)}
`;
}

interface StudyRow {
  readonly study: StudyAmongMany;
  readonly index: number;
}

function studiesTable({ contrast, studies, hierarchical, unit }: ManyStudies): Markup {
  const posterior = hierarchical.state === "estimated" ? hierarchical : null;
  const chose = studies.some(({ choices }) => choices.length > 0);
  const drawn: Column<StudyRow>[] = posterior === null ? [] : [
    {
      title: "drawn towards the others",
      cell: ({ index }) => formatSigned(posterior.studies[index].median),
    },
    {
      title: "its 95 % interval",
      cell: ({ index }) => keep(spanOf(posterior.studies[index].interval)),
    },
    { title: "weight", cell: ({ index }) => formatShare(posterior.studies[index].weight) },
  ];
  return table<StudyRow>(
    `${
      contrastName(contrast)
    } within each study, ${unit.words}; the 95 % interval is of the corrected ` +
      `resampled t-test, and nothing adjusts it.${
        posterior === null
          ? ""
          : " Drawn towards the others by the hierarchical model: median and central 95 %; the weight is " +
            "that in its mean."
      }`,
    [
      { title: "study", numeric: false, cell: ({ study }) => keep(study.study) },
      { title: "text", numeric: false, cell: ({ study }) => keep(study.text) },
      {
        title: "folds",
        cell: ({ study: { difference } }) => difference.foldDifferences.length || "–",
      },
      {
        title: "difference",
        cell: ({ study: { difference: { test } } }) =>
          test === null ? "–" : formatSigned(test.mean),
      },
      {
        title: "95 % interval",
        cell: ({ study: { difference: { test } } }) =>
          test?.interval ? keep(spanOf(test.interval)) : "–",
      },
      ...drawn,
      ...(chose
        ? [{
          title: "chosen most often",
          numeric: false,
          cell: ({ study }: StudyRow) => chosen(study),
        }]
        : []),
    ],
    studies.map((study, index) => ({ study, index })),
  );
}

function chosen({ choices }: StudyAmongMany): Insertion {
  if (choices.length === 0) return "–";
  const groups = [...Map.groupBy(choices, ({ point }) => canonicalJson(point)).values()];
  const most = groups.reduce((a, b) => b.length > a.length ? b : a);
  return `${formatPoint(settingsOf(most[0].point))} (${most.length} of ${
    counted(choices.length, "fold")
  })`;
}

interface CombinedRow {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

function combinedTable(comparison: ManyStudies, unit: string): Markup | null {
  const { overTexts, onOneText, hierarchical } = comparison;
  const rows: CombinedRow[] = [];
  if (overTexts !== null && overTexts.differences.length > 0) {
    const { texts, interval: { mean, interval }, prediction } = overTexts;
    rows.push({
      name: `mean of ${counted(texts.length, "text")}, paired t`,
      value: mean,
      interval,
    });
    if (prediction !== null) {
      rows.push({ name: "one more text, paired t", value: mean, interval: prediction });
    }
  }
  if (onOneText !== null) {
    const { test } = onOneText;
    rows.push({
      name: "mean on this text, corrected t",
      value: test.mean,
      interval: test.interval,
    });
  }
  if (hierarchical.state === "estimated") {
    const { mean, prediction, spread } = hierarchical;
    rows.push(
      { name: "mean over such studies, hierarchical", value: mean.median, interval: mean.interval },
      {
        name: "one more study, hierarchical",
        value: prediction.median,
        interval: prediction.interval,
      },
      {
        name: "spread between studies (σ0), hierarchical",
        value: spread.median,
        interval: spread.interval,
      },
    );
  }
  return rows.length === 0 ? null : table<CombinedRow>(
    `Over the studies, ${unit}: means with 95 % intervals; of the hierarchical model median and central 95 %.`,
    [
      { title: "what", numeric: false, cell: ({ name }) => name },
      { title: "estimate", cell: ({ value }) => formatSigned(value) },
      {
        title: "95 % interval",
        cell: ({ interval }) => interval === null ? "–" : keep(spanOf(interval)),
      },
    ],
    rows,
  );
}

function methodsOf({ hierarchical }: ManyStudies): Markup {
  const model = hierarchical.state === "estimated" || hierarchical.state === "notConverged"
    ? fragment`<p>In the hierarchical model (Corani, Benavoli and others 2017) the differences of the folds of study
<i>i</i> are normal around δ<sub>i</sub>, with standard deviation σ<sub>i</sub> and correlation
n<sub>test</sub>/(n<sub>test</sub> + n<sub>train</sub>) of any two; the δ<sub>i</sub> have Student's t distribution
with ν degrees of freedom, centre δ<sub>0</sub> and scale σ<sub>0</sub>. Priors are those of baycomp 1.0.3: δ<sub>0</sub>
uniform within the largest difference of any fold, σ<sub>i</sub> and σ<sub>0</sub> uniform up to 1000 times what the data
show, ν − 1 gamma with shape from 1 to 2 and rate from 0.01 to 0.1. It was sampled by ${
      counted(hierarchical.convergence.chains, "chain")
    } of ${
      hierarchical.convergence.draws / hierarchical.convergence.chains
    } kept draws from a fixed seed.</p>
`
    : null;
  return fragment`<p>Within a study differences are paired by fold and seed, seeds averaged, and tested by the
corrected resampled t-test (Nadeau and Bengio 2003); its interval is of the mean over stretches of text such as its
folds. Over texts each text is one value, the mean of its studies, and the values are tested by a paired t-test, with a
verdict from six texts on and p-values adjusted by Holm over the contrasts of this page.</p>
${model}`;
}
