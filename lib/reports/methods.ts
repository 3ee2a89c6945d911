import { inWords } from "../core/in_words.ts";
import type { JsonObject } from "../core/json.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { ParameterSummary, RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord, TokenSpan } from "../records/study_record.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import { axesOfStudy, penaltyNames } from "../statistics/axis_roles.ts";
import { describeInitialWeights } from "../statistics/describe_initial_weights.ts";
import { describeTeachers } from "../statistics/describe_teachers.ts";
import type { Findings } from "../statistics/findings.ts";
import {
  counted,
  formatAxis,
  formatCount,
  formatLimit,
  formatNumber,
  formatPoint,
  formatShare,
} from "../statistics/format.ts";
import {
  arePairsOfTexts,
  corpusSize,
  licenceInWords,
  positionWords,
  sidesInWords,
} from "../statistics/corpus_words.ts";
import { learningRateWords } from "../statistics/learning_rate_words.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import { bringVocabularies, differInTokens } from "../statistics/tokens_of_specification.ts";
import { tokenizersTable } from "./tokenizers_table.ts";
import { equivalenceMethods } from "./equivalence_columns.ts";
import { documentsTable, documentWindowsInWords } from "./documents_section.ts";
import { infillingInWords } from "./infilling_words.ts";
import { type Column, fragment, type Markup, table } from "./html.ts";
import { foldsInWords } from "./folds_in_words.ts";
import { formula } from "./math.ts";
import {
  asObject,
  differingInWords,
  modelAndTraining,
  optionInWords,
  penaltiesList,
} from "./specification_words.ts";
import { methodTex } from "./tex.ts";
import { tuningParagraphs } from "./tuning_words.ts";

/** How the numbers were made: text, folds, model, penalties, training, selection and tests. */
export function methodsSection(findings: Findings, runs: readonly RunRecord[]): Markup {
  const { study, rule, words, arms } = findings;
  const unit = lossUnit(study);
  const specification = study.specifications[0] ?? {};
  const example = runs.find((run) => run.parameters.some((each) => each.penalties.length > 0)) ??
    runs.find((run) => run.parameters.length > 0);
  const seeds = counted(study.seeds.length, "seed");
  const differing = differingInWords(study);
  const meanings = axesOfStudy(study).map(({ name }) => ({
    name,
    meaning: axisMeaning(study, name),
  }))
    .filter(({ meaning }) => meaning !== null)
    .map(({ name, meaning }) => `${formatAxis(name)} is the setting of ${meaning}`).join(", ");
  const rate = learningRateWords(study);
  return fragment`<h3>Text and folds</h3>
<p>${study.corpus.name} (${licenceInWords(study.corpus.licence)}; ${study.corpus.source}), ${
    excerptInWords(asObject(specification.corpus), study.documents !== undefined)
  }${sizeInWords(study)}; ${tokensInWords(study)}.
${foldsInWords(study)}${choosingInWords(study)} ${seeds} (${
    study.seeds.join(", ")
  }) for each point and fold. Random streams
derive from seed, fold and purpose, never from the point, so that points share initial weights and batches
and their differences are paired.</p>
${foldsTable(study, runs)}${tokenizersTable(study, runs)}${documentsTable(study)}
<h3>Model and training</h3>
${modelAndTraining(study)}${paragraph(documentWindowsInWords(study))}${
    paragraph(infillingInWords(study))
  }${paragraph(rate)}${teachersParagraph(study)}${paragraph(initialWeightsInWords(study))}${
    tuningParagraphs(study)
  }<p>The loss is the mean
cross-entropy per token in nats, over n tokens; all losses are measured in evaluation mode, without dropout and without
penalty. The generalization gap is held-out minus training loss.${
    unit === natsPerToken
      ? null
      : ` All losses here are in ${unit.words}: the loss times the tokens that an evaluation predicts, over the ${
        unit.words.slice("bits per ".length)
      }s of the text that these stand for and ln 2. A character that a vocabulary lacks is written out, as one of all others of Unicode.`
  }</p>
${formula(methodTex.loss)}${formula(methodTex.gap)}
<h3>Penalties</h3>
${penaltiesList(study)}
<p>Order in a step: ${
    study.specifications.some((each) => penaltyNames(each).length > 0)
      ? "gradient with loss-term penalties, clipping, coupled decay, decoupled decay, optimizer step, proximal map"
      : "gradient, clipping, optimizer step"
  }. η is the learning rate.</p>
${
    differing.length === 0
      ? null
      : fragment`<p>The points differ in: ${differing.join("; ")}.${
        meanings === "" ? "" : ` In tables and figures ${meanings}.`
      }</p>`
  }
${example === undefined ? null : parametersTable(example, bringVocabularies(study.specifications))}
<h3>Selection and tests</h3>
<p>A point, or setting, is one value for each axis. Seeds are averaged within a fold; the standard error is the standard deviation of the fold means divided
by √${formatCount(study.folds.length, "fold")}.</p>
${formula(methodTex.standardError)}
<p>Rule of the study: ${
    arms === null
      ? ruleName(rule)
      : "for each fold, of each arm the point and step with the lowest choosing loss"
  }.${
    study.baseline === null ? null : fragment` Differences from ${words.name} are paired over
fold × seed, averaged over seeds, and tested with the corrected resampled t-test (Nadeau and Bengio 2003) at
K − 1 = ${formatCount(study.folds.length - 1, "degree")} degrees of freedom, with the ${
      arePairsOfTexts(study) ? "pairs" : study.corpus.bytes === undefined ? "tokens" : "bytes"
    } that the runs used:`
  }</p>
${
    study.baseline === null ? null : fragment`${formula(methodTex.correctedT)}
<p>p-values are adjusted by Holm over the comparisons of a table that have a test. One without (of a point
that did not complete, or whose differences are all alike) has no p-value and does not count. The effect size is the mean difference over the standard
deviation of the differences. A gap counts as over-fitting where its interval by the same test lies above 0, and
as not worth closing where the interval ends below ${
      formatLimit(unit.negligibleGap, "negligibleGap")
    } ${unit.short}. A point counts as closing the gap only if
its training loss is at least ${
      formatLimit(unit.learnedMargin, "learnedMargin")
    } ${unit.short} below the unigram entropy of the training text, and only if it
differs from the baseline in nothing but stronger remedies.</p>
`
  }${
    equivalenceMethods(findings)
  }<details><summary>The whole specification of the first point</summary>
<pre>${JSON.stringify(specification, null, 2)}</pre></details>
`;
}

function paragraph(words: string | null): Markup | null {
  return words === null ? null : fragment`<p>${words}</p>
`;
}

function initialWeightsInWords(study: StudyRecord): string | null {
  const sentences = describeInitialWeights(study);
  return sentences.length === 0 ? null : sentences.join(" ");
}

/** Who teaches, and what is then minimized. */
function teachersParagraph(study: StudyRecord): Markup | null {
  const sentences = describeTeachers(study);
  if (sentences.length === 0) return null;
  return fragment`<p>Distillation (Hinton et al. 2015): ${sentences.join(" ")} With a the share, τ
the temperature, L the loss over the n tokens of a batch that count, l the model's logits and q<sup>(τ)</sup> what
the teacher predicts at that temperature, training minimizes</p>
${formula(methodTex.distillation)}`;
}

/** The rule by which a study selects, in a few words. */
export function ruleName({ kind, metric, axes, smaller = [] }: Findings["rule"]): string {
  if (kind === "mean") return `lowest mean of ${inWords(metric)}`;
  const ends = axes.map((axis) =>
    `the ${smaller.includes(axis) ? "smallest" : "largest"} ${formatAxis(axis)}`
  );
  return `one standard error of ${inWords(metric)}, taking ${ends.join(", then ")}`;
}

/** Which part of the text was used; excerpts are counted in code points, of pairs and documents in these. */
export function excerptInWords({ excerpt, kind }: JsonObject, isDocuments: boolean): string {
  const { start, length } = asObject(excerpt);
  if (typeof start !== "number" || typeof length !== "number") return "";
  const counted = /Rows$/.test(String(kind))
    ? "rows"
    : /Pairs$/.test(String(kind))
    ? "pairs"
    : isDocuments
    ? "documents"
    : "characters";
  return `${counted} ${start} to ${start + length} of it, `;
}

/** What a token is; where points have tokenizers of their own, which there are. */
export function tokensInWords({ specifications }: StudyRecord): string {
  const all = new Set(
    specifications.map(({ tokenizer }) => String(optionInWords(tokenizer ?? "unnamed"))),
  );
  return all.size === 1 ? `tokens: ${[...all][0]}` : `tokenizers: ${[...all].join("; ")}`;
}

export function sizeInWords(study: StudyRecord): string {
  const { corpus } = study;
  const { target } = sidesInWords(study);
  const size = corpusSize(corpus);
  if (corpus.pairs === undefined) return size;
  return arePairsOfTexts(study)
    ? `${size} with ${corpus.bytes} bytes of ${target}s`
    : `${size} with ${corpus.tokens} ${target} tokens`;
}

/** What the second block is for that folds hold out. */
function choosingInWords({ folds }: StudyRecord): string {
  return folds.some(({ choosing }) => choosing !== undefined)
    ? " A second block of each fold is held out as well: it chooses points and steps, and the first scores " +
      "them."
    : "";
}

function choosingColumn(cell: (fold: FoldRecord) => string): Column<FoldRecord> {
  return { title: "chooses", numeric: false, cell: (fold) => cell(fold) || "–" };
}

/** Spans of a fold that its row of the table names; of documents in groups there may be thousands. */
const mostShownSpans = 4;

/** Which part of each fold's text runs read, and what it is made of. */
function foldsTable(study: StudyRecord, runs: readonly RunRecord[]): Markup {
  const folds: FoldRecord[] = [...study.folds, ...(study.finalFold ? [study.finalFold] : [])];
  const run = (fold: FoldRecord) => runs.find((each) => each.fold === fold.index);
  const caps = new Set(
    study.specifications.map(({ training }) => asObject(training).evaluationTokens ?? null),
  );
  const [cap] = caps.size === 1 ? [...caps] : [null];
  const inPairs = arePairsOfTexts(study);
  const inBytes = study.corpus.bytes !== undefined && !inPairs;
  const scored = ({ tokens: { heldOut, text }, pairs }: RunRecord) => {
    if (inPairs) return scoredPairs(study, pairs?.heldOut);
    if (inBytes) return text?.heldOut.bytes ?? "–";
    return typeof cap === "number" && cap < heldOut ? `at most ${cap}` : heldOut;
  };
  // Of several tokenizers, or amounts of text, a fold has several vocabularies.
  const oneTokenizer = !differInTokens(study.specifications) &&
    tokenizersTable(study, runs) === null;
  const positions = inPairs ? "pairs" : inBytes ? "bytes" : "tokens";
  const length = (list: readonly TokenSpan[]) =>
    list.reduce((sum, { start, end }) => sum + end - start, 0);
  const spans = (list: readonly TokenSpan[]) =>
    list.slice(0, mostShownSpans).map(({ start, end }) => `${start}–${end}`).join(", ") +
    (list.length > mostShownSpans ? ` and ${list.length - mostShownSpans} more` : "");
  return table<FoldRecord>(
    `Folds: positions in ${
      positionWords(study)
    } [start–end); ${positions} that the runs trained on, that were held out, and of these the ones that an ` +
      `evaluation scores${
        typeof cap === "number" ? ", in evenly spaced windows" : ""
      }; tests use the first two${oneTokenizer ? "; entropy of the training text" : ""}.`,
    [
      { title: "fold", numeric: false, cell: (fold) => fold.index },
      { title: "training", numeric: false, cell: (fold) => spans(fold.training) },
      { title: "held out", numeric: false, cell: (fold) => spans(fold.heldOut) },
      ...(study.folds.some(({ choosing }) => choosing !== undefined)
        ? [choosingColumn((fold) => spans(fold.choosing ?? []))]
        : []),
      {
        title: `training ${positions}`,
        cell: (fold) =>
          inBytes || inPairs ? length(fold.training) : run(fold)?.tokens.training ?? "–",
      },
      {
        title: `held-out ${positions}`,
        cell: (fold) =>
          inBytes || inPairs ? length(fold.heldOut) : run(fold)?.tokens.heldOut ?? "–",
      },
      { title: `scored ${positions}`, cell: (fold) => run(fold) ? scored(run(fold)!) : "–" },
      ...(oneTokenizer ? vocabularyColumns(run, lossUnit(study)) : []),
    ],
    folds,
  );
}

/** How many held-out pairs an evaluation scores. */
function scoredPairs(
  { specifications }: StudyRecord,
  heldOut: number | undefined,
): string | number {
  if (heldOut === undefined) return "–";
  const caps = specifications.map(({ training }) => asObject(training).evaluationPairs ?? null);
  const all = new Set(
    caps.map((cap) => Math.min(heldOut, typeof cap === "number" ? cap : heldOut)),
  );
  return [...all].sort((a, b) => a - b).join(" or ");
}

/** What a fold's vocabulary is, of the only tokenizer of a study. */
function vocabularyColumns(
  run: (fold: FoldRecord) => RunRecord | undefined,
  unit: LossUnit,
): Column<FoldRecord>[] {
  return [
    { title: "vocabulary", cell: (fold) => run(fold)?.tokens.vocabulary ?? "–" },
    {
      title: "unknown tokens",
      cell: (fold) => run(fold) ? formatShare(run(fold)!.tokens.unknownShare) : "–",
    },
    {
      title: `unigram entropy (${unit === natsPerToken ? "nats" : unit.words})`,
      cell: (fold) => formatNumber(run(fold)?.tokens.unigramEntropy ?? null),
    },
  ];
}

function parametersTable({ parameters, fold, point }: RunRecord, oneVocabulary: boolean): Markup {
  const penalized = parameters.filter(({ penalties }) => penalties.length > 0);
  const where = `${formatPoint(point)}, on ${
    fold === "final" ? "all but the final block" : `fold ${fold}`
  }${oneVocabulary ? "" : " (other folds have other vocabularies)"}`;
  return table<ParameterSummary>(
    penalized.length === 0
      ? `Parameters at ${where}: ${
        parameterCount(parameters)
      } weights, on none of which a penalty acts.`
      : `Parameters and the penalties that act on them at ${where}: ${
        parameterCount(penalized)
      } of ${parameterCount(parameters)} weights are penalized.`,
    [
      { title: "parameter", numeric: false, cell: (each) => fragment`<code>${each.name}</code>` },
      { title: "kind", numeric: false, cell: (each) => each.kind },
      { title: "shape", cell: (each) => each.shape.join(" × ") },
      ...(penalized.length === 0 ? [] : [{
        title: "penalties",
        numeric: false,
        cell: (each: ParameterSummary) =>
          each.penalties.length === 0 ? "none" : each.penalties.join(", "),
      }]),
    ],
    parameters,
  );
}
