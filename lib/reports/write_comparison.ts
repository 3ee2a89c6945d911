import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import { comparisonDocument } from "./comparison.ts";
import {
  comparisonName,
  manyStudiesOptionNames,
  renderComparisonDefinition,
} from "./comparison_definition.ts";
import type { ReportDocument } from "./document.ts";
import { manyStudiesDocument } from "./many_studies.ts";
import { renderPage } from "./page.ts";
import { readStudy, writeMarkdown } from "./report.ts";

/** Options of {@link writeComparison}. */
export interface ComparisonOptions {
  /** Where to write; `compare-with-<second>.html` in the first study's folder when left out. */
  readonly path?: string;
}

/** Options of {@link writeComparison} for a list of studies: those of `compareStudies`, and where to write. */
export interface ManyComparisonOptions extends ManyStudiesOptions, ComparisonOptions {}

/**
 * Writes a page that compares studies.
 *
 * Of two studies: what differs in their definitions, what each selects, and their differences, paired where folds
 * and seeds agree; it says where they do not. Of a list, or with a contrast: the difference within each study, a
 * forest plot, and what they come to over texts and by the hierarchical model; without a contrast, each that all
 * share.
 *
 * @param first Folder of the study that the second is compared with, or folders of a list of studies.
 * @param second Folder of the other study, or options of a list.
 * @param options.path Where to write; in the first study's folder when left out. There a list's definition is
 * written beside it as JSON, by which `verify` makes it again.
 * @returns Path of the file.
 * @throws {Deno.errors.NotFound} If a folder holds no study.
 * @throws {TypeError | RangeError} As `compareStudies` does.
 */
export function writeComparison(
  first: string,
  second: string,
  options?: ComparisonOptions,
): Promise<string>;
/** The same of any number of studies, by one contrast within each. */
export function writeComparison(
  studies: readonly string[],
  options?: ManyComparisonOptions,
): Promise<string>;
export async function writeComparison(
  first: string | readonly string[],
  second: string | ManyComparisonOptions = {},
  options: ComparisonOptions = {},
): Promise<string> {
  const { document, folder, name, define, path } = comparisonOf(
    "writeComparison",
    first,
    second,
    options,
  );
  const target = path ?? join(folder, `${name}.html`);
  await writeFileAtomically(target, renderPage(document, await plotlyScript()));
  if (path === undefined) await define();
  return target;
}

/**
 * Writes the same as Markdown with its figures as PNG, light and dark.
 *
 * @param first Folder of the study that the second is compared with, or folders of a list of studies.
 * @param second Folder of the other study, or options of a list.
 * @param options.path Where to write; in the first study's folder when left out.
 * @returns Path of the file.
 * @throws {Deno.errors.NotFound} If a folder holds no study.
 * @throws {TypeError | RangeError} As `compareStudies` does.
 */
export function writeMarkdownComparison(
  first: string,
  second: string,
  options?: ComparisonOptions,
): Promise<string>;
/** The same of any number of studies, by one contrast within each. */
export function writeMarkdownComparison(
  studies: readonly string[],
  options?: ManyComparisonOptions,
): Promise<string>;
export async function writeMarkdownComparison(
  first: string | readonly string[],
  second: string | ManyComparisonOptions = {},
  options: ComparisonOptions = {},
): Promise<string> {
  const { document, folder, name, define, path } = comparisonOf(
    "writeMarkdownComparison",
    first,
    second,
    options,
  );
  const target = path ?? join(folder, `${name}.md`);
  await writeMarkdown(document, target, name);
  if (path === undefined) await define();
  return target;
}

interface ComparisonToWrite {
  readonly document: ReportDocument;
  /** What its files are called without their endings. */
  readonly name: string;
  /** Folder of the first study. */
  readonly folder: string;
  readonly path: string | undefined;
  /** Writes what a comparison of several is made of. */
  define(): Promise<void>;
}

function comparisonOf(
  subject: string,
  first: string | readonly string[],
  second: string | ManyComparisonOptions,
  pairOptions: ComparisonOptions,
): ComparisonToWrite {
  if (typeof first === "string") {
    checkKeys(subject, pairOptions, ["path"]);
    const sources = [readStudy(first), readStudy(second as string)] as const;
    const names = sources.map(({ record }) => record.name);
    return {
      document: comparisonDocument(...sources),
      folder: first,
      name: comparisonName(names),
      path: pairOptions.path,
      define: () => Promise.resolve(),
    };
  }
  checkKeys(subject, second, ["path", ...manyStudiesOptionNames]);
  const { path, ...options } = second as ManyComparisonOptions;
  const sources = first.map(readStudy);
  const studies = sources.map(({ record }) => record.name);
  const document = manyStudiesDocument(sources, options);
  const name = comparisonName(studies, options);
  return {
    document,
    folder: first[0],
    name,
    path,
    define: () =>
      writeFileAtomically(
        join(first[0], `${name}.json`),
        renderComparisonDefinition({ studies, options }),
      ),
  };
}
