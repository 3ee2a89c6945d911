import { resolve } from "node:path";
import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { addDataset } from "../data/add_dataset.ts";
import { type DatasetEntry, readCatalogue } from "../data/catalogue.ts";
import { fetchDataset } from "../data/fetch_dataset.ts";
import { verifyDataset } from "../data/verify_dataset.ts";
import { type CommandContext, CommandError, oneOf, parseCommand } from "./command.ts";

/** `datasets list | add | verify | fetch`: the catalogue of corpora, and the files it needs. */
export async function datasets({ args, print, signal }: CommandContext): Promise<number> {
  const [action, ...rest] = args;
  if (action === "list") return await list(rest, print);
  if (action === "verify") return await verify(rest, print);
  if (action === "fetch") return await fetch(rest, print, signal);
  if (action === "add") return await add(rest, print, signal);
  const actions = ["list", "add", "verify", "fetch"];
  throw new CommandError(
    action === undefined
      ? `datasets needs one of ${actions.join(", ")}, found nothing.`
      : `datasets takes ${actions.join(", ")}, found ${show(action)}.${
        didYouMean(action, actions)
      }`,
    2,
    true,
  );
}

type Print = (line: string) => void;

async function list(args: readonly string[], print: Print): Promise<number> {
  parseCommand(args, { options: {}, positionals: [0, 0] });
  const { datasets } = readCatalogue();
  const rows = await Promise.all(datasets.map(async (entry) => [
    entry.name,
    entry.kind,
    sizeOf(entry),
    await whereabouts(entry),
    visibleLine(entry.licence),
  ]));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) print(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "));
  return 0;
}

function sizeOf({ size, pairs, source }: DatasetEntry): string {
  if (pairs !== undefined) return `${pairs} pairs`;
  if (size !== null) return `${size.codePoints} characters`;
  const parts = "parts" in source ? Object.values(source.parts) : [];
  return `${parts.reduce((sum, { tokens }) => sum + tokens, 0)} words`;
}

async function whereabouts(entry: DatasetEntry): Promise<string> {
  if ("npm" in entry.source) return "in a package, no network needed";
  const { state } = await verifyDataset(entry);
  if (state === "verified") return "here";
  if (state === "different") return "here, but another text";
  const files = "parts" in entry.source ? Object.values(entry.source.parts) : [entry.source];
  return files.every((file) => "url" in file && file.url !== undefined)
    ? "to be fetched"
    : "to be fetched from your folder";
}

async function verify(args: readonly string[], print: Print): Promise<number> {
  const { positionals } = parseCommand(args, { options: {}, positionals: [0, 99] });
  const chosen = positionals.length === 0
    ? readCatalogue().datasets
    : positionals.map((name) => entryOf(name));
  const counts = { verified: 0, absent: 0, different: 0 };
  for (const entry of chosen) {
    const { state, problems } = await verifyDataset(entry);
    counts[state]++;
    print(
      `${state === "verified" ? "✓" : state === "absent" ? "–" : "✗"} ${entry.name}: ${
        state === "absent" ? "not fetched" : state
      }`,
    );
    if (state === "different" || positionals.length > 0) {
      for (const problem of problems) print(`    ${visibleLine(problem)}`);
    }
  }
  print(
    `${counts.verified} verified, ${counts.absent} not fetched, ${counts.different} different.`,
  );
  // What was asked for by name has to be here.
  return counts.different > 0 || (positionals.length > 0 && counts.absent > 0) ? 1 : 0;
}

function entryOf(name: string): DatasetEntry {
  const { datasets } = readCatalogue();
  const entry = datasets.find((each) => each.name === name);
  if (entry === undefined) {
    throw new CommandError(
      `There is no dataset ${show(name)}; there are: ${
        datasets.map((each) => each.name).join(", ")
      }.${didYouMean(name, datasets.map((each) => each.name))}`,
      2,
    );
  }
  return entry;
}

async function fetch(args: readonly string[], print: Print, signal: AbortSignal): Promise<number> {
  const { positionals: [name], values } = parseCommand(args, {
    options: { from: { type: "string" } },
    positionals: [1, 1],
  });
  const entry = entryOf(name);
  const from = values.from === undefined ? undefined : resolve(values.from);
  const files = await fetchDataset(name, { from, signal });
  if (files.length === 0) print(`${name} is in a package: nothing to fetch.`);
  for (const file of files) {
    print(
      visibleLine(
        `${file.path}: ${file.from === null ? "was here already" : `from ${file.from}`}, verified`,
      ),
    );
  }
  print(`Licence: ${visibleLine(entry.licence)}`);
  const use = { text: "corpus", pairs: "pairCorpus", documents: "documentCorpus" }[entry.kind];
  print(`In a study: ${use}(${JSON.stringify(name)})`);
  return 0;
}

async function add(args: readonly string[], print: Print, signal: AbortSignal): Promise<number> {
  const { positionals: [name, source], values } = parseCommand(args, {
    options: {
      kind: { type: "string", default: "text" },
      licence: { type: "string" },
      description: { type: "string" },
    },
    positionals: [2, 2],
  });
  const { kind, licence, description } = values;
  if (licence === undefined) {
    throw new CommandError("Under which terms may it be used? Give --licence TEXT.", 2, true);
  }
  const entry = await addDataset(name, source, {
    kind: oneOf("--kind", kind, ["text", "pairs", "documents"]),
    licence,
    description,
    signal,
  });
  print(`${name}: ${sizeOf(entry)}, SHA-256 ${entry.sha256}, in datasets/catalogue.json`);
  return 0;
}
