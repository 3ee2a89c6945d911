import { join } from "node:path";
import { show } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { visibleLine } from "../core/html.ts";
import { projectFolder } from "../core/project.ts";
import { readFolder, readTextFile } from "../core/runtime/files.ts";
import { corpus, loadCorpus } from "../data/corpora.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import {
  checkStored,
  renderSimulations,
  type StoredSimulation,
} from "../experiments/simulations/document.ts";
import { parts } from "../experiments/simulations/parts.ts";
import { foldCounts } from "../experiments/simulations/family.ts";
import { foldCorrelation } from "../experiments/simulations/fold_correlation.ts";
import { type Correlations, simulate as simulateAll } from "../experiments/simulations/simulate.ts";
import {
  type VarianceComponents,
  varianceComponents,
} from "../experiments/simulations/variance_components.ts";
import { type CommandContext, CommandError, oneOf, parseCommand, wholeNumber } from "./command.ts";

/** Characters of each text by which the correlation of folds is measured. */
const textLength = 12_000;

/** Characters on which folds train that train on the first ones only. */
const firstCharacters = 1000;

/** What `--only` calls the table of studies without any effect. */
const table = "table";

/** Studies of each row of that table where `--count` says nothing else. */
const studiesOfTable = 1000;

/** `simulate [--only PART] [--write] [--count N] [--seed S] [--texts FILE]`: how often the library is wrong. */
export async function simulate({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      only: { type: "string" },
      write: { type: "boolean", default: false },
      count: { type: "string" },
      seed: { type: "string", default: "1" },
      texts: { type: "string" },
    },
    positionals: [0, 0],
  });
  const names = [table, ...parts.map(({ name }) => name)];
  const wanted = values.only === undefined ? names : [oneOf("--only", values.only, names)];
  if (values.texts !== undefined && !wanted.includes(table)) {
    throw new CommandError(`--texts belongs to the table, found --only ${wanted[0]}.`, 2, true);
  }
  const seed = wholeNumber("--seed", values.seed, { from: 0 })!;
  const count = wholeNumber("--count", values.count, { from: 1, to: 1_000_000 });
  const project = projectFolder();
  const path = join(project, "docs/simulations.json");
  let stored = checkStored(JSON.parse(await readTextFile(path)));
  if (wanted.includes(table)) {
    const authors = values.texts === undefined
      ? stored.correlations.authors
      : correlationsOf(await readTexts(values.texts));
    const drawn = { seed, count: count ?? studiesOfTable, authors };
    stored = { ...stored, ...await tableAnew(project, drawn, print) };
  }
  for (const part of parts.filter(({ name }) => wanted.includes(name))) {
    const input = { seed, count: count ?? part.count };
    const rows = part.simulate({ ...input, onRow: (row) => print(part.line(row)) });
    const anew = { ...stored.parts, [part.name]: { ...input, rows } };
    // In the order of the document, whichever was drawn last.
    const inOrder = parts.flatMap(({ name }) => name in anew ? [[name, anew[name]]] : []);
    stored = { ...stored, parts: Object.fromEntries(inOrder) };
  }
  if (values.write) {
    await writeFileAtomically(path, JSON.stringify(stored, null, 2) + "\n");
    const document = join(project, "docs/simulations.md");
    const text = renderSimulations(await readTextFile(document), stored);
    await writeFileAtomically(document, text);
    print("docs/simulations.md, docs/simulations.json");
  }
  return 0;
}

/** The table of studies without any effect, drawn with the variances of the kept studies. */
async function tableAnew(
  project: string,
  { seed, count, authors }: {
    readonly seed: number;
    readonly count: number;
    readonly authors: Correlations["authors"];
  },
  print: CommandContext["print"],
): Promise<Omit<StoredSimulation, "parts">> {
  const input = {
    seed,
    count,
    variances: await keptVariances(project, print),
    correlations: { ...await correlationsOfPages(), authors },
  };
  const share = (value: number | null, of: number) =>
    value === null ? "–" : (value / of).toFixed(3);
  const rows = simulateAll(input, {
    onRow: (row) =>
      print(
        `${row.family}, ${row.null}, K = ${row.folds}: false ` +
          `${share(row.falseVerdicts, row.count)}, plainer ` +
          `${share(row.plainFalseVerdicts, row.count)}, coverage ` +
          `${share(row.covered?.holding ?? null, row.covered?.given ?? 1)} (${row.count} studies)`,
      ),
  });
  return { ...input, rows };
}

/** The median of each standard deviation over the studies in results/findings, squared. */
async function keptVariances(
  project: string,
  print: CommandContext["print"],
): Promise<VarianceComponents> {
  const folder = join(project, "results/findings");
  const names = (await Array.fromAsync(readFolder(folder))).map(({ name }) => name).sort();
  const all = names.flatMap((name) => {
    const record = readStudyRecord(join(folder, name, "study.json"));
    if (record === null) return [];
    const found = varianceComponents({
      record,
      records: readRuns(join(folder, name, "runs.jsonl")),
    });
    const shown = Object.entries(found).map(([what, value]) =>
      `${what} ${Math.sqrt(value).toFixed(4)}`
    );
    print(`${visibleLine(name)}: standard deviations ${shown.join(", ")}`);
    return [found];
  });
  const median = (of: keyof VarianceComponents) => {
    const sorted = all.map((each) => each[of]).sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  };
  if (all.length === 0) {
    throw new CommandError("results/findings holds no study to take variances from.");
  }
  return {
    fold: median("fold"),
    foldSeed: median("foldSeed"),
    pointFold: median("pointFold"),
    residual: median("residual"),
  };
}

async function correlationsOfPages(): Promise<Pick<Correlations, "pages" | "firstTokens">> {
  const book = await loadCorpus(corpus("moby-dick"));
  const pages = Array.from(
    { length: Math.floor(book.length / textLength) },
    (_, index) => book.slice(index * textLength, (index + 1) * textLength),
  );
  return { pages: correlationsOf(pages), firstTokens: correlationsOf(pages, firstCharacters) };
}

function correlationsOf(texts: readonly string[], trainingTokens?: number) {
  return foldCounts.map((folds) =>
    foldCorrelation(texts, { folds, ...(trainingTokens === undefined ? {} : { trainingTokens }) })
  );
}

/** The beginnings of the texts of a file that are long enough. */
async function readTexts(path: string): Promise<string[]> {
  const texts: unknown = JSON.parse(await readTextFile(path));
  if (!Array.isArray(texts) || texts.some((each) => typeof each !== "string")) {
    throw new CommandError(
      `--texts must name a JSON file with a list of texts, found ${show(path)}.`,
    );
  }
  return texts.filter((text: string) => text.length >= textLength)
    .map((text: string) => text.slice(0, textLength));
}
