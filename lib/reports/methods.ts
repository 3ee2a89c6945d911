import { sha256 } from "../core/hash.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { ParameterSummary, RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord, TokenSpan } from "../records/study_record.ts";
import { axesOf } from "../plots/axis_data.ts";
import { axisMeaning } from "../statistics/axis_meaning.ts";
import { formatAxis, formatNumber, formatSetting, formatShare } from "../statistics/format.ts";
import { learnedMargin } from "../statistics/summarize.ts";
import { differingPaths } from "../statistics/specification_paths.ts";
import { optimizerFormula, penaltyFormula } from "./formulas.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";
import { math } from "./math.ts";
import { partName, partOptions } from "./own_part.ts";
import { methodTex, optimizerTex, penaltyTex } from "./tex.ts";

/** How the numbers were made: text, folds, model, penalties, training, selection and tests. */
export function methodsSection(study: StudyRecord, runs: readonly RunRecord[]): Markup {
  const specification = study.specifications[0] ?? {};
  const penalties = asList(specification.penalties);
  const training = asObject(specification.training);
  const optimizer = asObject(specification.optimizer);
  const model = asObject(specification.model);
  const differing = differingPaths(study.specifications);
  const example = runs.find((run) => run.parameters.some((each) => each.penalties.length > 0)) ??
    runs.find((run) => run.parameters.length > 0);
  const seeds = `${study.seeds.length} ${study.seeds.length === 1 ? "seed" : "seeds"}`;
  const { kind, metric, axes } = study.select;
  const rule = `${kind === "mean" ? "lowest mean" : "one standard error"} of ${metric}` +
    (axes.length === 0 ? "" : `, strongest on ${axes.map(formatAxis).join(", then ")}`);
  const penaltyItems = penalties.map((penalty) => {
    const kinds = asTexts(penalty.targets).join(", ") || "what the model computes, not on weights";
    const layers = asTexts(penalty.layers).join(", ");
    const targets = layers === "" ? kinds : `${kinds} of ${layers}`;
    return fragment`<li><strong>${partName(penalty)}</strong> on ${targets}:
${formula(penaltyTex(penalty))}<code>${penaltyFormula(penalty)}</code></li>
`;
  });
  const varied = [...differing].map(([path, values], index) => {
    const distinct = [...new Set(values.map((value) => formatSetting(value)))].join(", ");
    return fragment`${index === 0 ? "" : "; "}<code>${path}</code> (${distinct})`;
  });
  const meanings = axesOf({ record: study, records: [] }).map((axis) => ({
    axis,
    meaning: axisMeaning(study, axis),
  }))
    .filter(({ meaning }) => meaning !== null)
    .map(({ axis, meaning }) => `${formatAxis(axis)} is the setting of ${meaning}`).join(", ");
  return fragment`<h3>Text and folds</h3>
<p>${study.corpus.name} (${study.corpus.licence}; ${study.corpus.source}), ${
    excerptInWords(asObject(specification.corpus))
  }${corpusSize(study)}; tokens: ${optionInWords(specification.tokenizer ?? "unnamed")}.
${foldsInWords(study)}${choosingInWords(study)} ${seeds} (${
    study.seeds.join(", ")
  }) for each point and fold. Random streams
derive from seed, fold and purpose, never from the point, so that points share initial weights and batches
and their differences are paired.</p>
${foldsTable(study, runs)}
<h3>Model and training</h3>
<p>${partName(model)} with ${listOptions(partOptions(model), [])}. Optimizer: ${
    text(optimizer.kind)
  }
(${listOptions(optimizer, ["kind"])}): ${optimizerFormula(optimizer)}.</p>
${formula(optimizerTex(optimizer))}<p>Training:
${listOptions(training, ["samples"])}; clipping: ${
    clipping(specification.clipping)
  }. The loss is the mean
cross-entropy per token in nats; all losses are measured in evaluation mode, without dropout and without
penalty. The generalization gap is held-out minus training loss.</p>
${formula(methodTex.loss)}${formula(methodTex.gap)}
<h3>Penalties</h3>
${penaltyItems.length === 0 ? fragment`<p>None.</p>` : fragment`<ul>${penaltyItems}</ul>`}
<p>Order in a step: gradient with loss-term penalties, clipping, coupled decay, decoupled decay, optimizer
step, proximal map. η is the learning rate.</p>
${
    varied.length === 0
      ? null
      : fragment`<p>The points differ in: ${varied}.${
        meanings === "" ? "" : ` In tables and figures ${meanings}.`
      }</p>`
  }
${example === undefined ? null : parametersTable(example)}
<h3>Selection and tests</h3>
<p>Seeds are averaged within a fold; the standard error is the standard deviation of the fold means divided
by √${study.folds.length}.</p>
${formula(methodTex.standardError)}
<p>Rule of the study: ${rule}. Differences from the unpenalized point are paired over
fold × seed, averaged over seeds, and tested with the corrected resampled t-test (Nadeau and Bengio 2003) at
K − 1 = ${study.folds.length - 1} degrees of freedom, with the tokens that the runs used:</p>
${formula(methodTex.correctedT)}
<p>p-values are adjusted by Holm over all points of a table. The effect size is the mean difference over the standard
deviation of the differences. A point counts as closing the gap only if its training loss is at least
${learnedMargin} nats below the unigram entropy of the training text.</p>
<details><summary>The whole specification of the first point</summary>
<pre>${JSON.stringify(specification, null, 2)}</pre></details>
`;
}

/** A formula on a line of its own; nothing where there is none. */
function formula(tex: string | null): Insertion {
  return tex === null ? null : fragment`<div class="formula">${math(tex, { display: true })}</div>
`;
}

/** Which part of the text was used; excerpts are counted in code points, of pairs in pairs. */
function excerptInWords({ excerpt, kind }: JsonObject): string {
  const { start, length } = asObject(excerpt);
  if (typeof start !== "number" || typeof length !== "number") return "";
  return `${String(kind).endsWith("Pairs") ? "pairs" : "characters"} ${start} to ${
    start + length
  } of it, `;
}

function corpusSize({ corpus: { pairs, tokens } }: StudyRecord): string {
  return pairs === undefined ? `${tokens} tokens` : `${pairs} pairs with ${tokens} target tokens`;
}

function foldsInWords({ corpus, folds }: StudyRecord): string {
  if (folds.length === 1) {
    return "One fold, given by its spans, as with a published split: it says nothing about other data. " +
      "The vocabulary is of the training part only.";
  }
  return corpus.pairs === undefined
    ? "Each fold holds out a contiguous block, with a gap between it and the training text, and has a " +
      "vocabulary of its training text only."
    : "Each fold holds out a contiguous block, with all pairs of one source in the same block, and has " +
      "vocabularies of its training pairs only. Targets are predicted from the source and the true " +
      "tokens before; their end counts as a token.";
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

function foldsTable(study: StudyRecord, runs: readonly RunRecord[]): Markup {
  const folds: FoldRecord[] = [...study.folds, ...(study.finalFold ? [study.finalFold] : [])];
  const run = (fold: FoldRecord) => runs.find((each) => each.fold === fold.index);
  const spans = (list: readonly TokenSpan[]) =>
    list.map(({ start, end }) => `${start}–${end}`).join(", ");
  return table<FoldRecord>(
    `Folds: positions in ${
      study.corpus.pairs === undefined ? "tokens" : "pairs"
    } [start–end); tokens that the runs trained on and were scored on, which the tests use; entropy of ` +
      `the training text.`,
    [
      { title: "fold", numeric: false, cell: (fold) => fold.index },
      { title: "training", numeric: false, cell: (fold) => spans(fold.training) },
      { title: "held out", numeric: false, cell: (fold) => spans(fold.heldOut) },
      ...(study.folds.some(({ choosing }) => choosing !== undefined)
        ? [choosingColumn((fold) => spans(fold.choosing ?? []))]
        : []),
      { title: "training tokens", cell: (fold) => run(fold)?.tokens.training ?? "–" },
      { title: "scored tokens", cell: (fold) => run(fold)?.tokens.heldOut ?? "–" },
      { title: "vocabulary", cell: (fold) => run(fold)?.tokens.vocabulary ?? "–" },
      {
        title: "unknown tokens",
        cell: (fold) => run(fold) ? formatShare(run(fold)!.tokens.unknownShare) : "–",
      },
      {
        title: "unigram entropy (nats)",
        cell: (fold) => formatNumber(run(fold)?.tokens.unigramEntropy ?? null),
      },
    ],
    folds,
  );
}

function parametersTable({ parameters, fold }: RunRecord): Markup {
  const sizeOf = ({ shape }: ParameterSummary) =>
    shape.reduce((product, extent) => product * extent, 1);
  const total = (list: readonly ParameterSummary[]) =>
    list.reduce((sum, each) => sum + sizeOf(each), 0);
  const penalized = parameters.filter(({ penalties }) => penalties.length > 0);
  return table<ParameterSummary>(
    `Parameters and the penalties that act on them, at the first penalized point on ${
      fold === "final" ? "all but the final block" : `fold ${fold}`
    } (other folds have other vocabularies): ${total(penalized)} of ${
      total(parameters)
    } weights are ` +
      `penalized.`,
    [
      { title: "parameter", numeric: false, cell: (each) => fragment`<code>${each.name}</code>` },
      { title: "kind", numeric: false, cell: (each) => each.kind },
      { title: "shape", cell: (each) => each.shape.join(" × ") },
      {
        title: "penalties",
        numeric: false,
        cell: (each) => each.penalties.length === 0 ? "none" : each.penalties.join(", "),
      },
    ],
    parameters,
  );
}

/**
 * SHA-256 of all that the records say, durations and hosts included: a report made from them can be
 * told from one of records in which anything was changed.
 */
export function recordsHash(runs: readonly RunRecord[]): string {
  const lines = runs.map((run) => canonicalJson(run)).sort();
  return sha256(lines.map((line) => `${line}\n`).join(""));
}

/** Where and with what the numbers were made, and how to make this page again. */
export function provenanceSection(
  study: StudyRecord,
  runs: readonly RunRecord[],
  command: string | null,
): Markup {
  const { provenance } = study;
  const commit = provenance.gitCommit === null
    ? "not under git"
    : `${provenance.gitCommit}${provenance.gitDirty ? ", with uncommitted changes" : ""}`;
  const entries: readonly (readonly [string, Insertion])[] = [
    ["study", study.name],
    ["definition", fragment`<code>${study.definitionHash}</code>`],
    ["created", study.createdAt],
    ["records", fragment`SHA-256 <code>${recordsHash(runs)}</code>`],
    ["corpus", fragment`${study.corpus.name}, SHA-256 <code>${study.corpus.sha256}</code>`],
    ["Parsimony", `${provenance.parsimony}, numerics version ${provenance.numericsVersion}`],
    ["git commit", fragment`<code>${commit}</code>`],
    ["engine", provenance.engine],
    ["machine", `${provenance.cpu}, ${provenance.cores} cores, ${provenance.operatingSystem}`],
    [
      "software",
      `Deno ${provenance.deno}, V8 ${provenance.v8}, TypeScript ${provenance.typescript}`,
    ],
    [
      "packages",
      Object.entries(provenance.packages).map(([name, version]) => `${name} ${version}`).join(", "),
    ],
  ];
  const finished = runs.filter(({ status }) => status === "completed" || status === "diverged");
  const commands = [
    provenance.gitCommit === null ? null : `git checkout ${provenance.gitCommit}`,
    command,
    `deno task verify ${study.name} --sample ${finished.length}`,
    `deno task report ${study.name}`,
    `deno task study digest ${study.name}`,
  ].filter((line) => line !== null).join("\n");
  const list = entries.map(([name, value]) =>
    fragment`<dt>${name}</dt><dd>${value}</dd>
`
  );
  return fragment`<dl>${list}</dl>
<h3>To reproduce</h3>
<pre>${commands}</pre>
<p>${
    command === null ? null : fragment`The command before <code>verify</code> runs the study. `
  }<code>verify</code> reads the definition of every run from <code>study.json</code>, trains it again
and compares it with its record; a smaller sample takes less time. The last command prints one SHA-256 of the
records: two studies with the same one have the same numbers. Every number on this page is computed from
<code>study.json</code> and <code>runs.jsonl</code> beside it.</p>
`;
}

function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

function asList(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function asTexts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "unnamed";
}

function clipping(value: Json | undefined): string {
  const { norm, value: limit } = asObject(value);
  if (typeof limit === "number") return `each component at most ${limit} away from 0`;
  return typeof norm === "number" ? `global norm at most ${norm}` : "none";
}

function listOptions(options: JsonObject, without: readonly string[]): string {
  const entries = Object.entries(options).filter(([name]) => !without.includes(name))
    .map(([name, value]) => `${name} ${optionInWords(value)}`);
  return entries.join(", ") || "no options";
}

/** An option's value: `none` for null, a part by its kind with its own options in brackets. */
function optionInWords(value: Json): string {
  if (value === null) return "none";
  const { kind, ...options } = asObject(value);
  if (typeof kind !== "string") return formatSetting(value);
  return Object.keys(options).length === 0 ? kind : `${kind} (${listOptions(options, [])})`;
}
