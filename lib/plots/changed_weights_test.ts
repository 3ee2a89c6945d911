import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { pulledToStart as pulled } from "../statistics/testing/pulled_to_start.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { changedWeights, plotChangedWeights } from "./changed_weights.ts";

Deno.test("changedWeights give each layer's share over its parameters, in the mean over folds, of points that count", () => {
  const source = pulled(records({ axes: { lambda: [0, 1e-4] }, folds: 2, seeds: [1, 2] }));
  const { layers, points } = changedWeights(source);
  assert.deepEqual(layers, ["embedding", "gru0"]);
  assert.deepEqual(points.map(({ point }) => point), [{ lambda: 0 }, { lambda: 1e-4 }]);
  const [kernel, recurrent] = [64 * 384, 128 * 384];
  const changed = kernel * (1 - 0.15) + recurrent * (1 - 0.2);
  const [{ shares: [table, share], all }] = points;
  // Two parameters, each with none or 10 fewer by fold.
  assertClose(share!.mean, (changed + 10) / (kernel + recurrent), 1e-4);
  assertClose(table!.mean, 1 - 0.1, 2e-3);
  assert.ok(share!.mean < all!.mean && all!.mean < table!.mean);
  assert.ok(points[1].all!.mean < all!.mean);
  assert.match(
    plotChangedWeights(source).chart.title,
    /^\d+(\.\d+)? % of the weights changed with λ = 1e-4, the largest share in embedding \(.* %\)$/,
  );
  const plain = records({ axes: { lambda: [0, 1e-4] } });
  assert.deepEqual(changedWeights(plain), { layers: [], points: [] });
  const none = plotChangedWeights(plain);
  assert.match(none.chart.title, /^No completed run counts/);
  assert.ok(!/NaN|undefined|Infinity/.test(none.svg()));
  assert.throws(
    () => plotChangedWeights(source, { points: [{ lambda: 7 }] }),
    /must be points of study .*found/,
  );
});
