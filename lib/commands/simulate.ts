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
import { foldCounts } from "../experiments/simulations/family.ts";
import { foldCorrelation } from "../experiments/simulations/fold_correlation.ts";
import { type Correlations, simulate as simulateAll } from "../experiments/simulations/simulate.ts";
import {
  type VarianceComponents,
  varianceComponents,
} from "../experiments/simulations/variance_components.ts";
import { type CommandContext, CommandError, parseCommand, wholeNumber } from "./command.ts";

/** Characters of each text by which the correlation of folds is measured. */
const textLength = 12_000;

/** Characters on which folds train that train on the first ones only. */
const firstCharacters = 1000;

/** `simulate [--write] [--count N] [--seed S] [--texts FILE]`: how often the library is wrong. */
export async function simulate({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      write: { type: "boolean", default: false },
      count: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      texts: { type: "string" },
    },
    positionals: [0, 0],
  });
  const project = projectFolder();
  const path = join(project, "docs/simulations.json");
  const stored = checkStored(JSON.parse(await readTextFile(path)));
  const authors = values.texts === undefined
    ? stored.correlations.authors
    : correlationsOf(await readTexts(values.texts));
  const input = {
    seed: wholeNumber("--seed", values.seed, { from: 0 })!,
    count: wholeNumber("--count", values.count, { from: 1, to: 1_000_000 })!,
    variances: await keptVariances(project, print),
    correlations: { ...await correlationsOfPages(), authors },
  };
  const rows = simulateAll(input, {
    onRow: (
      { family, null: hypothesis, folds, count, falseVerdicts, plainFalseVerdicts, covered },
    ) => {
      const share = (value: number | null) => value === null ? "–" : (value / count).toFixed(3);
      print(
        `${family}, ${hypothesis}, K = ${folds}: false ${share(falseVerdicts)}, plainer ` +
          `${share(plainFalseVerdicts)}, coverage ` +
          `${
            covered === null ? "–" : (covered.holding / covered.given).toFixed(3)
          } (${count} studies)`,
      );
    },
  });
  if (values.write) {
    const result: StoredSimulation = { ...input, rows };
    await writeFileAtomically(path, JSON.stringify(result, null, 2) + "\n");
    const document = join(project, "docs/simulations.md");
    const text = renderSimulations(await readTextFile(document), result);
    await writeFileAtomically(document, text);
    print("docs/simulations.md, docs/simulations.json");
  }
  return 0;
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
