/**
 * Makes `_reference/search_surface.json`: a real λ × α surface, the first notebook's study on a finer grid.
 *
 *     deno run --frozen --allow-read --allow-write --allow-env --allow-sys --allow-run \
 *       bench/search/make_surface.ts PROJECT_FOLDER
 *
 * The folder, with a deno.json like this one's, gets the study; the surface comes from its records.
 */
import { join } from "node:path";
import {
  adam,
  blockedFolds,
  characters,
  corpus,
  decoupledWeightDecay,
  grid,
  gruLanguageModel,
  logSpace,
  proximalL1,
  runStudy,
} from "../../lib/mod.ts";
import { canonicalJson } from "../../lib/core/json.ts";
import { curvesOfPoints } from "../../lib/statistics/rungs.ts";
import { writeJson } from "../results.ts";

const study = await runStudy({
  name: "search-surface",
  project: Deno.args[0],
  space: grid({ lambda: logSpace(3e-6, 1e-3, 9), alpha: logSpace(0.03, 10, 9) }),
  specify: ({ lambda, alpha }) => ({
    corpus: corpus("moby-dick", { excerpt: { start: 40_000, length: 12_000 } }),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 24, hiddenSize: 64 }),
    penalties: [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })],
    optimizer: adam({ learningRate: 0.01 }),
    training: { steps: 400, batchSize: 16, windowLength: 32, evaluateEvery: 40 },
  }),
  folds: blockedFolds({ count: 3 }),
  seeds: [1],
  keepWeights: "none",
});
const { record } = study;
await writeJson(join(import.meta.dirname!, "..", "_reference", "search_surface.json"), {
  madeBy: "bench/search/make_surface.ts",
  quantity: "held-out cross-entropy, nats per character, mean over folds",
  digest: study.digest(),
  engine: record.engine,
  numericsVersion: record.provenance.numericsVersion,
  folds: record.folds.length,
  seeds: record.seeds,
  axes: record.space.axes,
  curves: curvesOfPoints({ record, records: study.records }).map(({ point, steps, losses }) => ({
    point: JSON.parse(canonicalJson(point)),
    steps,
    losses: losses.map((loss) => Number(loss.toPrecision(6))),
  })),
});
