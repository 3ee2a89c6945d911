import { show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { FoldIndex, RunRecord, SampleStatistics, TextSample } from "../records/run_record.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import { sidesInWords } from "../statistics/corpus_words.ts";
import type { Findings } from "../statistics/findings.ts";
import { formatPoint, formatShare } from "../statistics/format.ts";
import { fragment, type Markup } from "./html.ts";
import { rolesOf, tags } from "./sections.ts";
import { asObject } from "./specification_words.ts";

/** What one model of a point wrote. */
export interface SamplePanel {
  readonly point: JsonObject;
  /** Roles of the point in the study, such as `no penalty`; none for a point like any other. */
  readonly roles: readonly string[];
  readonly fold: FoldIndex;
  readonly seed: number;
  readonly samples: readonly TextSample[];
  /** Texts at which the model stops to write; none for none. */
  readonly stopStrings: readonly string[];
  /** What the sides of pairs are called. */
  readonly sides: { readonly source: string; readonly target: string };
}

/**
 * Reads the text samples of a study, a panel a point in the study's order: of its refit on all but the
 * final block where there is one, for that is the model that a user would take, else of its first run.
 *
 * @param findings What the study shows.
 * @param runs Its records.
 */
export function samplePanels(findings: Findings, runs: readonly RunRecord[]): SamplePanel[] {
  const written = Map.groupBy(
    runs.filter(({ samples }) => samples.length > 0),
    (run) => canonicalJson(run.point),
  );
  return findings.summaries.flatMap(({ key, point }) => {
    const own = written.get(key) ?? [];
    const run = own.find(({ fold }) => fold === "final") ?? own[0];
    if (run === undefined) return [];
    const { fold, seed, samples } = run;
    const { training } = specificationOf(findings.study, point) ?? {};
    const { stopStrings } = asObject(asObject(training).samples);
    return [{
      ...{ point, roles: rolesOf(findings, key), fold, seed, samples },
      stopStrings: Array.isArray(stopStrings) ? stopStrings.map(String) : [],
      sides: sidesInWords(findings.study),
    }];
  });
}

/** Text samples beside each other, the baseline's and the selected points' open, the others' folded. */
export function samplesSection(panels: readonly SamplePanel[]): Markup {
  if (panels.length === 0) return fragment`<p>No run has recorded a text sample.</p>`;
  const grid = (part: readonly SamplePanel[]) =>
    fragment`<div class="samples">
${part.map(panelMarkup)}</div>
`;
  const chosen = panels.filter(({ roles }) => roles.length > 0);
  const others = panels.filter(({ roles }) => roles.length === 0);
  return fragment`${chosen.length === 0 ? null : grid(chosen)}${
    others.length === 0
      ? null
      : fragment`<details><summary>Samples of the other ${
        others.length === 1 ? "point" : `${others.length} points`
      }</summary>
${grid(others)}</details>`
  }`;
}

function panelMarkup(
  { point, roles, fold, seed, samples, stopStrings, sides }: SamplePanel,
): Markup {
  const stops = stopStrings.length === 0
    ? ""
    : `, ending before ${stopStrings.map((each) => show(each)).join(" or ")}`;
  const model = fold === "final" ? "Trained on all but the final block" : `Fold ${fold}`;
  const one = ({ prompt, text, reference, temperature, beams, statistics }: TextSample) =>
    fragment`<p class="byline">${model}, seed ${seed}, ${
      beams === undefined ? `temperature ${temperature}` : `beam search with ${beams} beams`
    }${stops}; ${
      reference === undefined
        ? "the prompt is set apart"
        : `${sides.source} and true ${sides.target} are set apart`
    }.</p>
<blockquote dir="auto"><span class="prompt">${prompt}</span>${
      reference === undefined
        ? text
        : fragment`<br>${text}<br><span class="prompt">${reference}</span>`
    }</blockquote>
${statistics ? fragment`<p class="byline">${statisticsInWords(statistics)}</p>\n` : null}`;
  return fragment`<div class="sample"><h3>${formatPoint(point)} ${tags(roles)}</h3>
${samples.map(one)}</div>
`;
}

/** The same as lines of text; of pairs source, written and true target. */
export function samplesText(panels: readonly SamplePanel[]): string {
  return panels.flatMap(({ point, fold, seed, samples }) =>
    samples.map(({ prompt, text, reference }) => {
      const quoted = reference === undefined ? [prompt + text] : [prompt, text, reference];
      return `${formatPoint(point)}, fold ${fold}, seed ${seed}: ${
        quoted.map((each) => JSON.stringify(each)).join(" → ")
      }`;
    })
  ).join("\n");
}

/** How a sample repeats itself and what it copies, as one line of text. */
export function statisticsInWords(statistics: SampleStatistics): string {
  const { tokens, distinct, nGramLength: n, repetition, longestCopiedSpan } = statistics;
  const { trainingOverlap, heldOutOverlap, memorizedShare } = statistics;
  const shares = distinct.map((share, index) => `distinct-${index + 1} ${formatShare(share)}`);
  return `${tokens} tokens: ${shares.join(", ")}; repeated ${n}-grams ${
    formatShare(repetition)
  }; ` +
    `memorized share ${formatShare(memorizedShare)} (of its ${n}-grams ` +
    `${formatShare(trainingOverlap)} in a training excerpt as long as the held-out text, ` +
    `${formatShare(heldOutOverlap)} in the held-out text); longest span copied from the training ` +
    `text: ${longestCopiedSpan} tokens.`;
}
