import { join, relative } from "node:path";
import { checkText, show } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { readJsonFile } from "../core/json_file.ts";
import { checkOptions, oneOf, passed, text as textOption } from "../core/options.ts";
import { projectOption, resolveInside } from "../core/project.ts";
import { readFile } from "../core/runtime/files.ts";
import {
  type Catalogue,
  type DatasetEntry,
  readCatalogue,
  validateCatalogue,
} from "./catalogue.ts";
import { catalogueDocuments } from "./documents/document_corpus.ts";
import { downloadBytes } from "./fetch_dataset.ts";
import { decodeUtf8, refuseBlank } from "./_sources.ts";
import { countCodePoints } from "./text.ts";

/** What is said about a corpus that is added. */
export interface AddOptions {
  /**
   * `text`; `pairs`: a pair a line, source and target parted by a tab; `documents`: JSON lines of `text`, and
   * `group` and `time` where documents have them.
   */
  readonly kind: "text" | "pairs" | "documents";
  /** Under which terms it may be used, in words. */
  readonly licence: string;
  /** One sentence; "added by the user" by default. */
  readonly description?: string;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
  /** Ends the download. */
  readonly signal?: AbortSignal;
}

/**
 * Adds a corpus to the project's `datasets/catalogue.json`, with the checksum and the size that its
 * text has now.
 *
 * @param name Lowercase letters, digits, dots and hyphens; not in the catalogue yet.
 * @param source Path of a file inside the project, or an address: that is downloaded to
 * `datasets/fetched/`, and from then on only the same bytes are accepted.
 * @param options See {@link AddOptions}.
 * @returns The new entry.
 * @throws {RangeError} If the name is taken, the path leaves the project, or the file is no text in
 * UTF-8 (the message says where, and how to convert it).
 */
export async function addDataset(
  name: string,
  source: string,
  options: AddOptions,
): Promise<DatasetEntry> {
  const { kind, licence, description, project, signal } = checkOptions("addDataset", options, {
    kind: oneOf(["text", "pairs", "documents"]),
    licence: textOption(),
    description: passed<string>("Added by the user."),
    project: projectOption,
    signal: passed<AbortSignal | undefined>(),
  });
  if (readCatalogue(project).datasets.some((entry) => entry.name === name)) {
    throw new RangeError(`addDataset: the name ${show(name)} is in the catalogue already.`);
  }
  const remote = /^https?:/.test(checkText("addDataset: source", source));
  const path = remote
    ? `datasets/fetched/${name}.${{ text: "txt", pairs: "tsv", documents: "jsonl" }[kind]}`
    : relative(project, resolveInside(project, source)).replaceAll("\\", "/");
  const content = remote
    ? await downloadBytes(source, { bytes: null, idleSeconds: 60, signal })
    : await readFile(join(project, path));
  const text = decodeUtf8(content, `addDataset: ${show(source)}`);
  if (kind === "documents") {
    for (const document of catalogueDocuments(text, source, "addDataset")) {
      refuseBlank(
        `addDataset: ${show(source)}, the document of line ${document.place}`,
        document.text,
      );
    }
  }
  const pairs = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "").length;
  const entry: DatasetEntry = {
    name,
    description,
    kind,
    source: remote ? { url: source, path } : { path },
    sha256: sha256(content),
    licence,
    size: {
      bytes: content.length,
      codePoints: countCodePoints(
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(content),
      ),
    },
    split: null,
    ...(kind === "pairs" ? { pairs } : {}),
  };
  const file = join(project, "datasets", "catalogue.json");
  const known = (readJsonFile(file) ?? { schemaVersion: 1, datasets: [] }) as Catalogue;
  const grown = validateCatalogue({ ...known, datasets: [...known.datasets, entry] });
  if (remote) await writeFileAtomically(join(project, path), content);
  await writeFileAtomically(file, `${JSON.stringify(grown, null, 2)}\n`);
  return entry;
}
