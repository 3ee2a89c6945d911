import { describeWorth, endsInWords, factorInWords } from "../statistics/describe_worth.ts";
import { formatEstimate, formatPoint, formatSigned, thousands } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { textAxes } from "../statistics/text_axis.ts";
import type { LossAtAmount, TextCurve, Worth } from "../statistics/worth_in_text.ts";
import { type WorthInText, worthInText } from "../statistics/worth_in_text.ts";
import { fragment, type Markup, table } from "./html.ts";
import { keep, tight } from "./sections.ts";

/** What remedies are worth in text, where a study can say: it has three amounts of text without remedy. */
export function worthOfReport(study: StudyRecords): WorthInText | null {
  const [text] = textAxes(study.record);
  if (text === undefined || study.record.space.arms !== undefined) return null;
  const found = worthInText(study, { axis: text.axis });
  return found.curves.some(({ fit }) => fit.state !== "tooFewAmounts") ? found : null;
}

interface Row {
  readonly curve: TextCurve;
  readonly without: LossAtAmount;
  readonly worth: Worth | null;
}

/** The curve of the loss without remedy, and what each remedy is worth on it. */
export function worthSection(found: WorthInText): Markup {
  const rows = found.curves.flatMap((curve): Row[] => {
    const without = (amount: number) => curve.amounts.find((each) => each.amount === amount)!;
    return curve.worths.length === 0
      ? curve.amounts.map((each) => ({ curve, without: each, worth: null }))
      : curve.worths.map((worth) => ({ curve, without: without(worth.amount), worth }));
  });
  const others = found.curves.some((curve) => Object.keys(curve.others).length > 0);
  const remedies = rows.some(({ worth }) => worth !== null);
  return fragment`${
    describeWorth(found).map((text) =>
      fragment`<p>${tight(text)}</p>
`
    )
  }${
    table<Row>(
      `Validation loss by training ${found.unit}, ${found.unitOfLoss.words}: mean ± standard error over the ` +
        `folds, on text that did not choose.${
          remedies
            ? " Worth: the text at which the curve without remedy has the remedy's loss, as a factor, with " +
              `the ${100 * found.confidence} % interval, which nothing adjusts.`
            : ""
        }`,
      [
        { title: found.unit, cell: ({ without }) => thousands(without.amount) },
        ...(others
          ? [{
            title: "at",
            numeric: false,
            cell: ({ curve }: Row) => keep(formatPoint(curve.others)),
          }]
          : []),
        { title: "without remedy", cell: ({ without }) => formatEstimate(without.loss) },
        ...(remedies
          ? [
            { title: "remedy", numeric: false, cell: ({ worth }: Row) => worth?.remedy ?? "–" },
            {
              title: "with it",
              cell: ({ worth }: Row) => worth === null ? "–" : formatEstimate(worth.loss),
            },
            {
              title: "difference",
              cell: ({ worth }: Row) => worth === null ? "–" : formatSigned(worth.difference.mean),
            },
            { title: "worth", cell: ({ worth }: Row) => worthCell(worth) },
            {
              title: "interval",
              cell: ({ worth }: Row) =>
                worth?.interval == null
                  ? "–"
                  : worth.interval[0] === Infinity
                  ? "below the asymptote"
                  : endsInWords(worth.interval, 2),
            },
          ]
          : []),
      ],
      rows,
    )
  }<p>The curve is c + b · n^(−a), fitted by least squares to the losses without remedy. A remedy is worth the text
at which the curve lies as far below its own value as the remedy lies below the model without it, so that one
that changes nothing is worth 1. An interval holds the factors that a corrected resampled t-test over the
folds does not refuse. It takes the curve for right: beyond the amounts that were measured nothing says
so.</p>
`;
}

function worthCell(worth: Worth | null): string {
  if (worth === null || worth.factor === null) return "–";
  if (worth.factor === Infinity) return "more than any amount";
  return `${factorInWords(worth.factor)}${worth.extrapolated ? " (extrapolated)" : ""}`;
}
