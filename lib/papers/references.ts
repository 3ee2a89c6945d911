import { inWords } from "../core/in_words.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { penaltyName } from "../penalties/words.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { asObject } from "../reports/specification_words.ts";
import bibliography from "./_bibliography.json" with { type: "json" };
import { capitalize } from "../statistics/format.ts";
import { asList, kindReferences, optionReferences } from "./_used.ts";
import { escapeTex } from "./escape_tex.ts";

/** A paper, a book or software, as a list of references has it; what is not certain is left out. */
export interface Reference {
  /** Names as they are written; `others` where not all are listed. */
  readonly authors: readonly string[];
  readonly title: string;
  readonly year: number | null;
  /** Journal or proceedings. */
  readonly venue?: string;
  readonly volume?: string;
  readonly pages?: string;
  readonly publisher?: string;
  /** Number at arXiv. */
  readonly arxiv?: string;
  readonly url?: string;
  /** Version of software, or where a text comes from. */
  readonly note?: string;
}

/** Something that a study used, with what stands behind it. */
export interface Source {
  /** What it is, in words. */
  readonly what: string;
  /** Keys of its references. */
  readonly keys: readonly string[];
}

/** The references of a paper. */
export interface References {
  /** What was used, in the order of a specification. */
  readonly sources: readonly Source[];
  /** Every reference that a source names, by its key, in the order of a list. */
  readonly entries: readonly (readonly [key: string, reference: Reference])[];
}

const known: { readonly [key: string]: Reference } = bibliography;

/**
 * The papers behind what studies used, the software, and their texts: model, optimizer, penalties, averages,
 * tokenizers and options of the training, the search, the selection and the tests.
 *
 * @param studies The studies.
 *
 * @example
 * ```ts
 * import { referencesOf } from "./references.ts";
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { sources } = referencesOf([syntheticStudy().study]);
 * assert.ok(sources.some(({ keys }) => keys.includes("nadeau2003inference")));
 * ```
 */
export function referencesOf(studies: readonly StudyRecord[]): References {
  const texts = textsOf(studies);
  const own = new Map([
    ...softwareOf(studies),
    ...texts.map(({ key, entry }) => [key, entry] as const),
  ]);
  const sources = merged([
    ...studies.flatMap(({ specifications }) => specifications).flatMap(sourcesOfSpecification),
    ...studies.flatMap(sourcesOfStudy),
    ...texts.map(({ key, entry }) => ({ what: entry.title, keys: [key] })),
    { what: "software", keys: ["parsimony", "smilkov2019tfjs", "deno"] },
  ]);
  const keys = new Set(sources.flatMap((each) => each.keys));
  const entries = [...keys].map((key) => [key, own.get(key) ?? known[key]] as const);
  return { sources, entries: entries.sort(([, a], [, b]) => compare(placeOf(a), placeOf(b))) };
}

/** Sources of the same name as one, each key once; those without a reference are left out. */
function merged(sources: readonly Source[]): Source[] {
  return [...Map.groupBy(sources, ({ what }) => what)].map(([what, alike]) => ({
    what,
    keys: [...new Set(alike.flatMap(({ keys }) => keys))],
  })).filter(({ keys }) => keys.length > 0);
}

function sourcesOfSpecification(specification: JsonObject): Source[] {
  const parts: readonly (readonly [category: string, part: Json | undefined])[] = [
    ["model", specification.model],
    ["optimizer", specification.optimizer],
    ...asList(specification.penalties).map((each) => ["penalty", each] as const),
    ...asList(asObject(specification.training).averages).map((each) => ["average", each] as const),
    ...tokenizersOf(specification.tokenizer).map((each) => ["tokenizer", each] as const),
  ];
  return [
    ...parts.map(([category, part]) => {
      const { kind } = asObject(part);
      const keys = kindReferences[category][String(kind)] ?? [];
      return { what: category === "penalty" ? penaltyName(asObject(part)) : inNames(kind), keys };
    }),
    ...optionReferences.filter(({ isUsed }) => isUsed(specification))
      .map(({ what, keys }) => ({ what, keys })),
  ];
}

/** A kind in words, with the names of the field as they are written. */
function inNames(kind: Json): string {
  return inWords(String(kind))
    .replace(
      /\b(adam w|gru|lstm|rnn|sgd|asgd|swa|ema)\b/g,
      (name) => written[name] ?? name.toUpperCase(),
    )
    .replace(
      /\b(adam|rmsprop|muon|llama|transformer|glorot)\b/g,
      (name) => written[name] ?? capitalize(name),
    );
}

const written: { readonly [name: string]: string } = { "adam w": "AdamW", rmsprop: "RMSprop" };

/** The tokenizer of a text, or of both sides of pairs. */
function tokenizersOf(tokenizer: Json | undefined): readonly Json[] {
  const own = asObject(tokenizer);
  const sides = Object.values(own).filter((each) => typeof asObject(each).kind === "string");
  return sides.length === 0 ? [own] : sides;
}

function sourcesOfStudy(study: StudyRecord): Source[] {
  const { folds, baseline, space, select, strategy, ensembles = [], documents, refits } = study;
  const tests = folds.length > 1 && (baseline !== null || space.arms !== undefined);
  const halves = strategy !== undefined && "rungs" in strategy;
  const draws = new Set(
    (space.arms ?? []).filter(({ count }) => count > 1).map(({ draw }) => draw),
  );
  const uses: readonly (readonly [boolean, string, readonly string[]])[] = [
    [tests, "corrected resampled t-test", ["nadeau2003inference"]],
    [tests, "adjustment for several comparisons", ["holm1979simple"]],
    [tests, "bootstrap intervals", ["efron1987bootstrap"]],
    ["equivalence" in study, "equivalence tests", ["schuirmann1987comparison"]],
    ["equivalence" in study, "correlated Bayesian t-test", ["corani2015bayesian"]],
    [select.kind === "oneStandardError", "one-standard-error rule", ["breiman1984cart"]],
    [refits !== undefined, "refits to the chosen step", ["goodfellow2016deep"]],
    [halves, "successive halving", ["jamieson2016best"]],
    [draws.has("sobol"), "Sobol points", ["sobol1967distribution", "joe2008sobol"]],
    [draws.has("random"), "random points", ["bergstra2012random"]],
    [draws.has("random"), "expected best of n points", ["dodge2019show"]],
    [ensembles.length > 0, "ensembles", ["hansen1990ensembles", "lakshminarayanan2017ensembles"]],
    [documents !== undefined, "near-duplicates", ["broder1997resemblance"]],
    [true, "count of operations", ["kaplan2020scaling"]],
  ];
  return [
    ...(strategy === undefined
      ? []
      : [{ what: inWords(strategy.kind), keys: kindReferences.strategy[strategy.kind] ?? [] }]),
    ...uses.filter(([used]) => used).map(([, what, keys]) => ({ what, keys })),
  ];
}

function softwareOf(studies: readonly StudyRecord[]): (readonly [string, Reference])[] {
  const versions = (read: (provenance: StudyRecord["provenance"]) => string) =>
    [...new Set(studies.map(({ provenance }) => read(provenance)))].join(", ");
  const years = studies.map(({ createdAt }) => Number(createdAt.slice(0, 4)));
  return [
    ["parsimony", {
      authors: ["The Parsimony authors"],
      title: "Parsimony",
      year: Math.max(...years),
      note: `Software, version ${versions(({ parsimony }) => parsimony)}`,
    }],
    ["deno", {
      authors: ["The Deno authors"],
      title: "Deno",
      year: null,
      url: "https://deno.com",
      note: `Software, version ${versions(({ deno }) => deno)}`,
    }],
  ];
}

/** The texts that studies read; their names are the user's. */
function textsOf(studies: readonly StudyRecord[]): { key: string; entry: Reference }[] {
  const corpora = new Map(studies.map(({ corpus }) => [corpus.sha256, corpus]));
  return [...corpora.values()].map(({ name, source, licence, sha256 }) => ({
    key: `text${sha256.slice(0, 8)}`,
    entry: {
      authors: [],
      title: name,
      year: null,
      note: `Data from ${source}; ${
        licence === "not stated" ? "licence not stated" : `licence: ${licence}`
      }; SHA-256 ${sha256.slice(0, 16)}`,
    },
  }));
}

/** What a list is ordered by: the last name of the first author, the year, the title. */
function placeOf({ authors: [first = ""], year, title }: Reference): string {
  return [first.startsWith("The ") ? first : lastName(first), year ?? "", title].join(" ")
    .normalize("NFD").toLowerCase();
}

function lastName(name: string): string {
  return name.split(" ").at(-1)!;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What was used as a sentence with its citations, such as `Adam \cite{kingma2015adam}`.
 *
 * @param references What {@link referencesOf} found.
 */
export function sourcesTex({ sources }: References): string {
  return `${sourcesStart} ${
    sources.map(({ what, keys }) => `${escapeTex(what)}~\\cite{${keys.join(",")}}`).join("; ")
  }.`;
}

const sourcesStart = "Papers, software and texts behind what was used:";

/** `references.bib`: every cited entry for BibTeX. */
export function renderBib({ entries }: References): string {
  return entries.map(([key, reference]) => bibEntry(key, reference)).join("\n");
}

function bibEntry(key: string, reference: Reference): string {
  const { authors, title, year, venue, volume, pages, publisher, arxiv, url, note } = reference;
  const type = volume !== undefined
    ? "article"
    : venue !== undefined
    ? "inproceedings"
    : publisher !== undefined
    ? "book"
    : "misc";
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["author", authors.length === 0 ? undefined : authors.map(bibName).join(" and ")],
    // What BibTeX sorts by where there is no author.
    ["key", authors.length === 0 ? inBraces(title) : undefined],
    ["title", `{${inBraces(title)}}`],
    [type === "article" ? "journal" : "booktitle", venue && inBraces(venue)],
    ["volume", volume],
    ["pages", pages && inBraces(pages)],
    ["publisher", publisher && inBraces(publisher)],
    ["year", year === null ? undefined : String(year)],
    ["eprint", arxiv],
    ["archiveprefix", arxiv && "arXiv"],
    ["howpublished", url && inBraces(url)],
    ["note", note === undefined ? arxiv && `arXiv:${arxiv}` : inBraces(note)],
  ];
  const lines = fields.filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name} = {${value}}`);
  return `@${type}{${key},\n${lines.join(",\n")}\n}\n`;
}

/** Names of groups are one name for BibTeX. */
function bibName(name: string): string {
  return name.startsWith("The ") ? `{${inBraces(name)}}` : inBraces(name);
}

/** A text in braces of BibTeX, which counts those that are escaped too. */
function inBraces(text: string): string {
  return escapeTex(text.replaceAll("{", "(").replaceAll("}", ")").replaceAll("\\", "/"));
}

/** `article.bbl`: the list of references as BibTeX would make it, so that LaTeX alone is enough. */
export function renderBbl({ entries }: References): string {
  const items = entries.map(([key, reference]) => `\\bibitem{${key}}\n${bblEntry(reference)}\n`);
  return `\\begin{thebibliography}{${entries.length}}\n\n${
    items.join("\n")
  }\n\\end{thebibliography}\n`;
}

function bblEntry(reference: Reference): string {
  const { authors, title, year, venue, volume, pages, publisher, arxiv, url, note } = reference;
  const place = [
    ...(venue === undefined ? [] : [
      `\\emph{${escapeTex(venue)}}${volume === undefined ? "" : `, ${volume}`}${
        pages === undefined ? "" : `${volume === undefined ? ", pages " : ":"}${escapeTex(pages)}`
      }`,
    ]),
    ...(publisher === undefined ? [] : [escapeTex(publisher)]),
    ...(year === null ? [] : [String(year)]),
  ].join(", ");
  const parts = [
    namesTex(authors),
    authors.length > 0 && venue === undefined ? `\\emph{${escapeTex(title)}}` : escapeTex(title),
    place,
    arxiv && `arXiv:${arxiv}`,
    note && escapeTex(note),
    url && escapeTex(url),
  ].filter((part) => part !== "" && part !== undefined);
  return parts.map((part) => `${part}.`).join("\n\\newblock ");
}

function namesTex(authors: readonly string[]): string {
  const names = authors.map((name) => name === "others" ? "et al" : escapeTex(name));
  if (names.length < 2) return names.join("");
  if (names.at(-1) === "et al") return `${names.slice(0, -1).join(", ")} et~al`;
  return `${names.slice(0, -1).join(", ")}${names.length > 2 ? "," : ""} and ${names.at(-1)}`;
}
