import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { readTrainedModel } from "../training/trained_model.ts";
import { simplify } from "./simplify.ts";
import { cases, sizes } from "./_testing/cases.ts";
import { lossOf, planted } from "./_testing/planted.ts";

for (const { name, model, plant, removed, rows } of cases) {
  Deno.test(`simplify takes exactly the dead units out of a ${name} and leaves its loss`, async () => {
    for (const engine of ["wasm", "cpu"] as const) {
      const trained = await planted(model, plant, engine);
      const { model: simple, report } = await simplify(trained, { loss: lossOf });
      assert.deepEqual(report.removed, removed);
      assert.deepEqual(report.sharedRows, rows);
      const [before, after] = report.stages;
      assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6, `${before.loss}, ${after.loss}`);
      assert.ok(after.parameters < before.parameters);
      assert.ok(after.bytes.smallest < before.bytes.smallest);
      const writing = { prompt: "abc", length: 30, seed: 1, temperature: 0 };
      assert.equal(simple.generate(writing), trained.generate(writing));
      // Nothing is left to take out, and a file in any format gives the same bits.
      const again = await simplify(simple);
      assert.deepEqual([again.report.removed, again.report.sharedRows], [[], {}]);
      for (const format of ["dense", "bitmap", "csr", "smallest"] as const) {
        const bytes = simple.file(format);
        assert.equal(bytes.length, after.bytes[format]);
        const read = await readTrainedModel(bytes, engine);
        assert.equal(lossOf(read), after.loss);
        read.dispose();
      }
      for (const each of [trained, simple, again.model]) each.dispose();
    }
  });
}

Deno.test("simplify leaves the loss of 72 models with random zeros as it is", async () => {
  let removed = 0;
  for (const { model } of cases) {
    for (let seed = 0; seed < 6; seed++) {
      const stream = randomStream(seed, "zeros");
      const trained = await planted(model, (weights) =>
        weights.each((name, values, columns) => {
          if (name.includes("Norm")) return;
          for (let i = 0; i < values.length; i++) if (stream.uniform() < 0.8) values[i] = 0;
          // Whole rows and columns too: those are what units die of.
          for (let column = 0; column < columns; column++) {
            const dead = stream.uniform() < 0.5;
            for (let i = column; dead && i < values.length; i += columns) values[i] = 0;
          }
        }));
      const { model: simple, report } = await simplify(trained, { loss: lossOf });
      const [before, after] = report.stages;
      assert.ok(Math.abs(after.loss! - before.loss!) < 3e-6, `${model.kind}, seed ${seed}`);
      removed += report.removed.reduce((sum, each) => sum + each.removed, 0);
      trained.dispose();
      simple.dispose();
    }
  }
  assert.ok(removed > 72 * 3, `${removed} units`);
});

Deno.test("simplify leaves alone what is nearly dead, and a model without zeros to its bits", async () => {
  const trained = await planted(gruLanguageModel(sizes), (weights) => {
    weights.row("output/kernel", 0, 0, [3]);
    weights.row("gru1/recurrentKernel", 0);
    weights.column("gru1/kernel", 13);
    weights.column("gru1/recurrentKernel", 13);
    weights.column("gru1/bias", 13);
    weights.column("gru1/recurrentBias", 13, 1e-6);
  });
  const { model, report } = await simplify(trained, { loss: lossOf });
  assert.deepEqual(report.removed, []);
  assert.equal(report.stages[1].loss, report.stages[0].loss);
  trained.dispose();
  model.dispose();
});

Deno.test("simplify keeps one unit of a layer that is dead altogether", async () => {
  const trained = await planted(
    lstmLanguageModel({ embeddingSize: 3, hiddenSize: 4 }),
    (weights) => {
      for (let unit = 0; unit < 4; unit++) weights.row("output/kernel", unit);
    },
  );
  const { model, report } = await simplify(trained, { loss: lossOf });
  assert.equal(model.weights().get("lstm0/recurrentKernel")!.shape.join(), "1,4");
  assert.ok(Math.abs(report.stages[1].loss! - report.stages[0].loss!) < 3e-6);
  trained.dispose();
  model.dispose();
});
