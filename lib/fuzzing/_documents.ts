import { join } from "node:path";
import type { RandomStream } from "../core/random.ts";
import { csvFile } from "../data/documents/csv_file.ts";
import { documentCorpus } from "../data/documents/document_corpus.ts";
import { documentFolder } from "../data/documents/document_folder.ts";
import {
  documentFolds,
  makeDocumentFolds,
  validateDocumentFolds,
} from "../data/documents/document_folds.ts";
import { documentText } from "../data/documents/document_source.ts";
import { inlineDocuments } from "../data/documents/inline_documents.ts";
import { jsonLinesFile } from "../data/documents/json_lines_file.ts";
import { type DocumentsSpecification, validateDocuments } from "../data/documents/kinds.ts";
import { openDocuments } from "../data/documents/open_documents.ts";
import { parquetFile } from "../data/documents/parquet_file.ts";
import { splitFile } from "../data/documents/split_file.ts";
import { baseText } from "./_base.ts";
import { type Kind, Nonsense } from "./kind.ts";
import { jsonText, mutateBytes, mutatedJsonText, mutateJson, mutateText, oneOf } from "./mutate.ts";

const encoder = new TextEncoder();

const letters = baseText.split(/\s+/).slice(0, 60).map((word, at) => ({
  text: `${word} ${at}`,
  by: `author ${at % 7}`,
  at: 1800 + at,
}));

const quoted = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;

/** Where documents are, how many bytes they have, and how they are opened. */
interface Form {
  readonly name: string;
  readonly bytes: Uint8Array;
  make(path: string): DocumentsSpecification;
}

const fields = { group: "by", time: "at" } as const;

const forms: readonly Form[] = [
  {
    name: "own.jsonl",
    bytes: encoder.encode(letters.map((each) => `${JSON.stringify(each)}\n`).join("")),
    make: (path) => jsonLinesFile(path, fields),
  },
  {
    name: "own.csv",
    bytes: encoder.encode(
      `text,by,at\n${
        letters.map((each) => Object.values(each).map(quoted).join(",")).join("\n")
      }\n`,
    ),
    make: (path) => csvFile(path, fields),
  },
  {
    name: "own.md",
    bytes: encoder.encode(letters.map(({ text, by, at }) => `# ${by}, ${at}\n${text}\n`).join("")),
    make: (path) => splitFile(path, { at: "^# (?<group>.*), (?<time>.*)$" }),
  },
  {
    name: "own.parquet",
    bytes: await Deno.readFile(
      new URL("../data/documents/_reference/letters.snappy.parquet", import.meta.url),
    ),
    make: (path) => parquetFile(path, { text: "body", group: "author", time: "year" }),
  },
];

function changed({ name, bytes }: Form, stream: RandomStream): Uint8Array {
  if (stream.integer(2) === 0) return mutateBytes(bytes, stream);
  const text = new TextDecoder().decode(bytes);
  if (name !== "own.jsonl") return encoder.encode(mutateText(text, stream));
  const lines = text.split("\n");
  const at = stream.integer(lines.length - 1);
  return encoder.encode(lines.with(at, mutatedJsonText(JSON.parse(lines[at]), stream)).join("\n"));
}

/** Files of documents that came from elsewhere, their specifications, and how they are folded. */
export const documentKinds: readonly Kind[] = [{
  name: "documents",
  share: 8,
  writes: forms.map(({ name }) => name),
  open: ({ project }) => (stream) => {
    const form = oneOf(forms, stream);
    const bytes = changed(form, stream);
    const by = oneOf(["document", "group", "time"] as const, stream);
    return {
      input: `${form.name}, ${bytes.length} bytes: ${new TextDecoder().decode(bytes)}`,
      async run() {
        await Deno.writeFile(join(project, form.name), bytes);
        const source = await openDocuments(form.make(form.name), { project });
        for (const document of source.documentEnds.keys()) {
          if (documentText(source, document).trim() === "") throw new Nonsense("a blank document");
          if (Number.isNaN(source.times?.[document])) throw new Nonsense("a time that is none");
        }
        makeDocumentFolds(documentFolds({ by, count: 3 }), source);
      },
    };
  },
}, {
  name: "documentOptions",
  share: 6,
  writes: ["texts"],
  async open({ project }) {
    // Not those that the other kind changes.
    const path = (name: string) => `texts/${name}`;
    await Deno.mkdir(join(project, "texts"), { recursive: true });
    for (const { name, bytes } of forms) await Deno.writeFile(join(project, path(name)), bytes);
    await Deno.writeTextFile(join(project, "texts", "1851_ann.txt"), baseText);
    const corpora = [
      ...forms.map(({ name, make }) => make(path(name))),
      documentFolder("texts/*.txt", { pathExpression: "(?<time>\\d+)_(?<group>\\w+)" }),
      documentCorpus("moby-dick-chapters", { excerpt: { length: 3 }, order: "shuffled" }),
      inlineDocuments(letters.map(({ text, by, at }) => ({ text, group: by, time: at }))),
    ];
    const folds = (["document", "group", "time"] as const).map((by) =>
      documentFolds({ by, count: 3 })
    );
    return (stream) => {
      const [changes, others] = [stream.integer(3), stream.integer(3)].map((each) =>
        Math.min(1, each)
      );
      const changed = {
        corpus: mutateJson(oneOf(corpora, stream), stream, changes),
        folds: mutateJson(oneOf(folds, stream), stream, others),
      };
      return {
        input: jsonText(changed),
        async run() {
          const corpus = validateDocuments(changed.corpus);
          const laid = validateDocumentFolds(changed.folds);
          makeDocumentFolds(laid, await openDocuments(corpus, { project }));
        },
      };
    };
  },
}];
