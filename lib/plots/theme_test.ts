import assert from "node:assert/strict";
import { heatColor, orderedColors, textColorOn } from "./theme.ts";

Deno.test("theme gives colours that run from light to dark and text that can be read on them", () => {
  assert.equal(orderedColors(1).length, 1);
  assert.equal(new Set(orderedColors(8)).size, 8);
  assert.equal(textColorOn(heatColor(0)), "#111111");
  assert.equal(textColorOn(heatColor(1)), "white");
});
