import assert from "node:assert/strict";
import { sha256 } from "../core/hash.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readWeights, writeWeights } from "../models/sparse_safetensors.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { executeRun } from "../training/run.ts";
import { validateSpecification } from "../training/specification.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { simplificationCurve, simplify } from "./simplify.ts";
import { sizes } from "./_testing/cases.ts";
import { lossOf, planted, plantRecurrent, text } from "./_testing/planted.ts";

/** A GRU that proximal penalties have made sparse. */
async function sparseModel(): Promise<TrainedModel> {
  const folder = await Deno.makeTempDir();
  try {
    const weightsPath = `${folder}/model.safetensors`;
    const specification = validateSpecification({
      corpus: inlineText(text.repeat(20)),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 6, hiddenSize: 24 }),
      penalties: [
        proximalL1({ strength: 3e-3 }),
        proximalGroupLasso({ strength: 2e-3, groups: "row", layers: ["output"] }),
      ],
      optimizer: adam({ learningRate: 0.02 }),
      training: { steps: 150, batchSize: 8, windowLength: 12 },
    });
    const record = await executeRun({
      id: "0".repeat(64),
      specification: JSON.parse(JSON.stringify(specification)),
      point: {},
      fold: {
        index: 0,
        training: [{ start: 0, end: 1400 }],
        heldOut: [{ start: 1450, end: 1800 }],
      },
      seed: 1,
      engine: "wasm",
      weightsPath,
    });
    assert.equal(record.status, "completed");
    return await readTrainedModel(await Deno.readFile(weightsPath));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a GRU trained under proximal penalties gets smaller at the same loss, and smaller still by pruning", async () => {
  const trained = await sparseModel();
  const { model, report } = await simplify(trained, { loss: lossOf });
  const [before, after] = report.stages;
  assert.ok(before.nonZero < 0.8 * before.parameters, `${before.nonZero} of ${before.parameters}`);
  assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6);
  assert.ok(before.bytes.smallest < before.bytes.dense);
  assert.ok(after.bytes.smallest <= before.bytes.smallest);
  const records = await simplificationCurve(trained, { shares: [0, 0.9, 0.99], loss: lossOf });
  assert.deepEqual(JSON.parse(JSON.stringify(records)), records);
  assert.equal(records[0].loss, after.loss);
  assert.ok(records[2].nonZero < records[1].nonZero && records[1].nonZero <= records[0].nonZero);
  assert.ok(records[2].bytes.smallest < records[1].bytes.smallest);
  assert.ok(records[2].loss! > records[0].loss! + 0.01);
  const pruned = await simplify(trained, { loss: lossOf, share: 0.9 });
  assert.deepEqual(pruned.report.stages.map(({ stage }) => stage), [
    "trained",
    "pruned",
    "simplified",
  ]);
  const [, cut, smaller] = pruned.report.stages;
  assert.ok(Math.abs(cut.loss! - smaller.loss!) < 3e-6);
  for (const each of [trained, model, pruned.model]) each.dispose();
});

Deno.test("readWeights refuses sparse files whose parts do not fit", () => {
  const weights = new Map([["w", { shape: [3, 16], values: new Float32Array(48).fill(1, 5, 9) }]]);
  for (const format of ["bitmap", "csr"] as const) {
    const { tensors } = readWeights(writeWeights(weights, {}, format));
    assert.deepEqual(tensors, weights);
  }
  // What the header says of two parts is longer than twenty zeros.
  const short = new Map([["w", { shape: [20], values: new Float32Array(20) }]]);
  assert.deepEqual(writeWeights(short, {}, "smallest"), writeWeights(short, {}, "dense"));
  const lie = JSON.stringify({ w: { format: "bitmap", shape: [3, 16] } });
  assert.throws(
    () => readWeights(writeWeights(weights, { sparse: lie }, "dense")),
    /"w\.values" is missing/,
  );
  const bitmap = writeWeights(weights, {}, "bitmap");
  assert.throws(() => readWeights(bitmap.subarray(0, -1)), /bytes 16 to 22 of 21 bytes of data/);
});

const python = Deno.env.get("PARSIMONY_PYTHON") ?? "python3";
const hasSafetensors = await new Deno.Command(python, {
  args: ["-c", "import numpy, safetensors"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

Deno.test({
  name:
    "files of a model load in Python with safetensors, dense as they are and sparse by their parts" +
    (hasSafetensors
      ? ""
      : " (skipped: no Python with numpy and safetensors; PARSIMONY_PYTHON names one)"),
  ignore: !hasSafetensors && Deno.env.get("PARSIMONY_REQUIRE_ALL") !== "1",
  async fn() {
    const trained = await planted(gruLanguageModel(sizes), plantRecurrent("gru", 3, 2));
    const { model } = await simplify(trained, { share: 0.5 });
    const folder = await Deno.makeTempDir();
    try {
      for (const format of ["dense", "bitmap", "csr"] as const) {
        await Deno.writeFile(`${folder}/${format}`, model.file(format));
      }
      const script = `
import hashlib, json, sys
import numpy
from safetensors import safe_open
from safetensors.numpy import load_file
folder = sys.argv[1]
dense = load_file(folder + "/dense")
for form in ["bitmap", "csr"]:
    parts = load_file(folder + "/" + form)
    with safe_open(folder + "/" + form, "numpy") as file:
        sparse = json.loads(file.metadata()["sparse"])
    assert sorted(sparse) == sorted(dense)
    for name, entry in sparse.items():
        full = numpy.zeros(entry["shape"], "float32")
        values = parts[name + ".values"]
        if form == "bitmap":
            bits = numpy.unpackbits(parts[name + ".bitmap"], bitorder="little")[: full.size]
            full.reshape(-1)[bits == 1] = values
        else:
            matrix = full.reshape(-1, full.shape[-1])
            rows, columns = parts[name + ".rows"], parts[name + ".columns"]
            for row in range(len(rows) - 1):
                matrix[row, columns[rows[row]:rows[row + 1]]] = values[rows[row]:rows[row + 1]]
        assert numpy.array_equal(full, dense[name]), (form, name)
print(json.dumps({
    name: [list(each.shape), str(each.dtype), hashlib.sha256(each.tobytes()).hexdigest()]
    for name, each in dense.items()
}))
`;
      const { stdout, stderr, success } = await new Deno.Command(python, {
        args: ["-c", script, folder],
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const found = JSON.parse(new TextDecoder().decode(stdout));
      const weights = model.weights();
      assert.deepEqual(Object.keys(found).sort(), [...weights.keys()].sort());
      for (const [name, { shape, values }] of weights) {
        const bytes = new Uint8Array(values.slice().buffer);
        assert.deepEqual(found[name], [[...shape], "float32", sha256(bytes)], name);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
      trained.dispose();
      model.dispose();
    }
  },
});
