import assert from "node:assert/strict";
import { heatMaps, plotHeatMaps } from "./heat_maps.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";

Deno.test("heatMaps mark the selected points and the band, and leave incomplete cells empty", () => {
  const source = records({
    status: (point) => point.lambda === 3e-4 && point.alpha === 0 ? "diverged" : "completed",
  });
  const data = heatMaps(source);
  assert.equal(data.cells.length, 20);
  assert.equal(data.cells.filter(({ complete }) => !complete).length, 1);
  assert.ok(data.cells.some(({ inBand }) => inBand));
  assert.ok(data.selectedByMean && data.selectedByOneStandardError);
  const cells = plotHeatMaps(source).chart.panels[0].layers.find(({ kind }) => kind === "cells");
  assert.ok(cells?.kind === "cells");
  assert.equal(cells.values[0][4], null); // α = 0 is the lowest row, λ = 3e-4 the last column
  assert.equal(cells.text[0][4], "–");
  assert.equal(cells.text[1][2], cells.values[1][2]!.toFixed(2));
  assert.deepEqual([cells.values.length, cells.values[0].length], [4, 5]);
});

Deno.test("heatMaps fix further axes at the selected point and refuse a study of one axis", () => {
  const three = records({ axes: { lambda: [0, 1e-4], alpha: [0, 1], hiddenSize: [64, 128] } });
  const data = heatMaps(three);
  assert.deepEqual(Object.keys(data.fixed), ["hiddenSize"]);
  assert.equal(data.cells.length, 4);
  assert.throws(() => plotHeatMaps(records({ axes: { lambda: [0, 1] } })), /must have two axes/);
});
