import { sha256 } from "../core/hash.ts";
import { canonicalJson, hashJson } from "../core/json.ts";
import { copiedRuns } from "../records/copied_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { studyArgument, type StudyCommands } from "../core/study_commands.ts";
import { counted } from "../statistics/format.ts";
import { initialWeightsOf } from "../statistics/describe_initial_weights.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";
import { needsSection } from "./needs.ts";

/**
 * SHA-256 of all that the records say, durations and hosts included: a report made from them can be
 * told from one of records in which anything was changed.
 */
export function recordsHash(runs: readonly RunRecord[]): string {
  const lines = runs.map((run) => canonicalJson(run)).sort();
  return sha256(lines.map((line) => `${line}\n`).join(""));
}

/** Of later sessions that trained elsewhere or with other versions. */
function resumedWith({ resumedWith: later = [] }: StudyRecord): [string, Insertion][] {
  return later.map(({ parsimony, deno, engine, cpu, operatingSystem, gitCommit }) => [
    "resumed with",
    `Parsimony ${parsimony}, Deno ${deno}, engine ${engine}, ${cpu}, ${operatingSystem}, ` +
    `git commit ${gitCommit ?? "none"}`,
  ]);
}

/** Of runs that other studies of the project trained. */
function copies(runs: readonly RunRecord[]): [string, Insertion][] {
  return copiedRuns(runs).map(([study, copied]) => [
    "copied",
    `${copied} of ${counted(runs.length, "run")} from study ${study}, which trained ` +
    `${copied === 1 ? "it" : "them"}`,
  ]);
}

/** What training began with where that was not drawn. */
function weights(study: StudyRecord): [string, Insertion][] {
  return initialWeightsOf(study).map(({ name, sha256 }) => [
    "initial weights",
    sha256 === null ? name : fragment`${name}, SHA-256 <code>${sha256}</code>`,
  ]);
}

/**
 * Where and with what the numbers were made, and how to make this page again.
 *
 * @param command Command that runs the study, or null.
 * @param commands Commands of the project that holds it.
 */
export function provenanceSection(
  { record: study, records: runs, ensembles = [] }: StudyRecords,
  command: string | null,
  { verify, report, study: onStudies }: StudyCommands,
): Markup {
  const { provenance } = study;
  const commit = provenance.gitCommit === null
    ? "not under git"
    : `${provenance.gitCommit}${provenance.gitDirty ? ", with uncommitted changes" : ""}`;
  const entries: readonly (readonly [string, Insertion])[] = [
    ["study", study.name],
    ["definition", fragment`<code>${study.definitionHash}</code>`],
    ["created", study.createdAt],
    ["study.json", fragment`SHA-256 <code>${hashJson(study)}</code>`],
    ["records", fragment`SHA-256 <code>${recordsHash(runs)}</code>`],
    ...(ensembles.length === 0 ? [] : [
      ["ensembles", fragment`SHA-256 <code>${recordsHash(ensembles)}</code>`] as const,
    ]),
    ...copies(runs),
    ["corpus", fragment`${study.corpus.name}, SHA-256 <code>${study.corpus.sha256}</code>`],
    ...weights(study),
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
    ...resumedWith(study),
  ];
  const finished = runs.filter(({ status }) => status === "completed" || status === "diverged");
  const name = studyArgument(study.name);
  const commands = [
    provenance.gitCommit === null ? null : `git checkout ${provenance.gitCommit}`,
    command,
    `${verify} ${name} --sample ${finished.length}`,
    `${report} ${name}`,
    `${onStudies} digest ${name}`,
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
<code>study.json</code>${
    ensembles.length === 0
      ? fragment` and <code>runs.jsonl</code>`
      : fragment`, <code>runs.jsonl</code> and <code>ensembles.jsonl</code>`
  } beside it.</p>
<p>Without a sample <code>verify</code> sees that records, page and kept weights agree, not that the records
were ever trained: whoever changes records without a contradiction can write this page anew. Only a run that
is trained again shows that its numbers are real, and only for itself.</p>
${needsSection(study)}<h3>To cite</h3>
<pre>${citation(study, runs)}</pre>
`;
}

/** The software and this study as BibTeX. */
function citation(study: StudyRecord, runs: readonly RunRecord[]): string {
  const { provenance, createdAt, definitionHash, name, corpus } = study;
  const year = createdAt.slice(0, 4);
  return `@software{parsimony,
  title = {Parsimony},
  author = {{The Parsimony authors}},
  version = {${bibtex(provenance.parsimony)}},
  year = {${year}}
}

@misc{study-${definitionHash.slice(0, 12)},
  title = {Study ${bibtex(name)}: regularization on ${bibtex(corpus.name)}},
  year = {${year}},
  note = {Definition ${definitionHash.slice(0, 12)}, records ${
    recordsHash(runs).slice(0, 12)
  }, made with Parsimony ${bibtex(provenance.parsimony)}}
}`;
}

/** A text as it may stand in braces of BibTeX. */
function bibtex(text: string): string {
  return text.replace(/[{}\\~^]/g, " ").replace(/[&%$#_]/g, "\\$&").replace(/\s+/g, " ");
}
