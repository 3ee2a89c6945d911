import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import reference from "./_reference/ensemble_means.json" with { type: "json" };
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { useEngine } from "../engine/engine.ts";
import { ensembleMeans, logMeans, targetLogMeans } from "./mean.ts";
import { meanModel, type MemberModel } from "./mean_model.ts";

const close = (found: number, expected: number, tolerance: number, where: string) =>
  assert.ok(
    Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${where}: ${found} is not ${expected}`,
  );

Deno.test("means of two models by hand: probabilities are averaged, or multiplied and rooted", () => {
  // Probabilities (1/2, 1/2) and (4/5, 1/5).
  const members = [Float32Array.of(0, 0), Float32Array.of(Math.log(4), 0)];
  const [mean] = logMeans(members, 2, "probabilities").map(Math.exp);
  close(mean, (1 / 2 + 4 / 5) / 2, 1e-7, "probabilities");
  // √(1/2 · 4/5) : √(1/2 · 1/5) = 2 : 1.
  const [geometric] = logMeans(members, 2, "logits").map(Math.exp);
  close(geometric, 2 / 3, 1e-7, "logits");
});

Deno.test("a token that one model rules out has the mean of the others' probabilities, and none of logits", () => {
  const members = [Float32Array.of(0, 0), Float32Array.of(0, -Infinity)];
  assert.deepEqual([...logMeans(members, 2, "logits")], [0, -Infinity]);
  close(
    targetLogMeans(members, 2, Int32Array.of(1), "probabilities")[0],
    Math.log(1 / 4),
    1e-15,
    "",
  );
  const none = [Float32Array.of(0, -Infinity), Float32Array.of(0, -Infinity)];
  assert.deepEqual([...logMeans(none, 2, "probabilities")], [0, -Infinity]);
});

Deno.test("a score that is no number stays none", () => {
  for (const mean of ensembleMeans) {
    const members = [Float32Array.of(0, NaN, 1), Float32Array.of(0, 1, 2)];
    assert.ok(Number.isNaN(logMeans(members, 3, mean)[0]), mean);
    assert.ok(Number.isNaN(targetLogMeans(members, 3, Int32Array.of(0), mean)[0]), mean);
  }
});

Deno.test("means and their losses are PyTorch's in double precision", async () => {
  await useEngine("wasm");
  for (const { name, logits, size, rows, targets, mask, means, losses } of reference.cases) {
    const members = logits.map((values) => Float32Array.from(values));
    const ids = Int32Array.from(targets);
    for (const mean of ensembleMeans) {
      const where = `${name}, ${mean}`;
      const found = logMeans(members, size, mean);
      found.forEach((value, index) => close(value, means[mean][index], 1e-12, where));
      targetLogMeans(members, size, ids, mean).forEach((value, row) =>
        close(value, found[row * size + ids[row]], 1e-13, where)
      );
      const model = meanModel(members.map((values) => scoring(values, size)), mean);
      const batch = {
        inputs: ids,
        targets: ids,
        time: rows,
        batch: 1,
        mask: Float32Array.from(mask),
        tokens: mask.reduce((sum, one) => sum + one, 0),
      };
      const loss = model.loss(batch, null);
      // Single precision holds the loss.
      close(loss.dataSync()[0], losses[mean], 2 ** -23, where);
      const scores = model.logits(batch);
      scores.dataSync().forEach((value, index) =>
        close(value, means[mean][index], 2 ** -23, where)
      );
      tf.dispose([loss, scores]);
    }
  }
});

Deno.test("the loss of mean probabilities is at most the mean loss of the models", () => {
  const [rows, size] = [40, 11];
  const random = randomStream(16, "Jensen");
  for (let round = 0; round < 50; round++) {
    const members = Array.from(
      { length: 1 + random.integer(6) },
      () => Float32Array.from({ length: rows * size }, () => 4 * random.normal()),
    );
    const targets = Int32Array.from({ length: rows }, () => random.integer(size));
    const lossOf = (some: readonly Float32Array[]) =>
      -targetLogMeans(some, size, targets, "probabilities").reduce((sum, one) => sum + one, 0);
    const single = members.reduce((sum, one) => sum + lossOf([one]), 0) / members.length;
    assert.ok(lossOf(members) <= single + 1e-9, `${lossOf(members)} > ${single}`);
  }
});

Deno.test("a mean refuses training, no models, and vocabularies of different sizes", () => {
  const batch = {
    inputs: new Int32Array(1),
    targets: new Int32Array(1),
    time: 1,
    batch: 1,
    tokens: 1,
  };
  const model = meanModel([scoring(new Float32Array(2), 2)], "logits");
  assert.throws(() => model.loss(batch, randomStream(1, "dropout") as never), /not trained/);
  assert.throws(() => meanModel([], "logits"), /at least 1 model, .* found none/);
  assert.throws(
    () => meanModel([scoring(new Float32Array(2), 2), scoring(new Float32Array(3), 3)], "logits"),
    /the same size, found sizes 2, 3/,
  );
});

/** A model that gives these scores whatever it reads. */
function scoring(values: Float32Array, size: number): MemberModel<Batch, number> {
  return {
    parameters: [],
    vocabularySize: size,
    loss: () => tf.scalar(0),
    logits: () => tf.tensor2d(values, [values.length / size, size]),
    decoder: () => ({ next: () => values, dispose() {} }),
    dispose() {},
  };
}
