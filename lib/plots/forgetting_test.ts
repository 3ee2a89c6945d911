import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { forgetting, plotForgetting } from "./forgetting.ts";

const start = { name: "the start", newText: [3, 4], otherText: [2, 2] };
const ways = [
  {
    name: "none",
    tuned: { newText: [2, 3.2], otherText: [2.5, 2.7] },
    tried: [{ name: "η = 0.1", newText: [2.9, 4.1], otherText: [6, 7] }],
  },
  { name: "decay", tuned: { newText: [2.4, 3.6], otherText: [2.7, 2.9] } },
  { name: "LoRA", tuned: { newText: [2.5, 3.5], otherText: [2.1, 2.1] } },
];

Deno.test("forgetting pairs losses with the start's fold by fold and marks the front, by value", () => {
  const data = forgetting(start, ways);
  const [none, , lora] = data.ways;
  assertClose(none.tuned.newText.mean, -0.9, 1e-12);
  assertClose(none.tuned.newText.standardError, 0.1, 1e-12);
  assertClose(none.tuned.otherText.mean, 0.6, 1e-12);
  assertClose(none.tried[0].newText.mean, 0, 1e-12);
  assertClose(none.tried[0].otherText.mean, 4.5, 1e-12);
  assertClose(lora.tuned.otherText.mean, 0.1, 1e-12);
  assertClose(lora.tuned.otherText.standardError, 0, 1e-12);
  assert.deepEqual(data.ways.map(({ onFront }) => onFront), [true, false, true]);
});

Deno.test("plotForgetting says what is learned and forgotten at most and at least, in words and marks", () => {
  const { chart, svg } = plotForgetting(start, ways, { unit: "nats per token" });
  assert.equal(
    chart.title,
    "On new text at best −0.900 (none); on other text from +0.100 (LoRA) to +0.800 (decay)",
  );
  assert.match(chart.alt, /none: new text −0\.900, other text \+0\.600, on the front; decay: /);
  const [{ x, y, layers }] = chart.panels;
  assert.equal(x.title, "loss on new text minus the start's (nats per token)");
  for (const layer of layers) {
    if (layer.kind !== "line" && layer.kind !== "marks") continue;
    layer.x.forEach((value, index) => {
      assert.ok(value >= x.range[0] && value <= x.range[1], layer.name);
      assert.ok(layer.y[index] >= y.range[0] && layer.y[index] <= y.range[1], layer.name);
    });
  }
  const hollow = layers.flatMap((layer) => layer.kind === "line" ? layer.hollow ?? [] : []);
  assert.deepEqual(hollow, [true]);
  assert.ok(!/NaN|undefined/.test(svg()));
  const alone = plotForgetting(start, [ways[2]]).chart.title;
  assert.equal(alone, "On new text at best −0.500 (LoRA); on other text +0.100 (LoRA)");
});

Deno.test("plotForgetting refuses other folds than the start's, no way, and another unit", () => {
  const short = { name: "LoRA", tuned: { newText: [1], otherText: [1, 2] } };
  assert.throws(
    () => plotForgetting(start, [short]),
    /LoRA must have losses of 2 folds on both texts, as the start has, found 1 and 2/,
  );
  assert.throws(
    () => plotForgetting({ name: "the start", newText: [], otherText: [] }, [short]),
    /must have losses of 1 fold/,
  );
  assert.throws(() => plotForgetting(start, []), /there must be a way of training/);
  assert.throws(
    () => plotForgetting(start, ways, { unit: "bits" as "bits per byte" }),
    /unit must/,
  );
});
