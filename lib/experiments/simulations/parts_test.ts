import assert from "node:assert/strict";
import { commands } from "../../commands/commands.ts";
import stored from "../../../docs/simulations.json" with { type: "json" };
import { checkStored } from "./document.ts";
import { parts } from "./parts.ts";

const simulation = checkStored(stored);

Deno.test("docs/simulations.json has every part, with as many studies as a part draws unasked", () => {
  assert.deepEqual(Object.keys(simulation.parts), parts.map(({ name }) => name));
  for (const { name, count } of parts) {
    assert.ok(simulation.parts[name].count >= count, name);
    assert.ok(simulation.parts[name].rows.length > 0, name);
  }
});

Deno.test("the help of simulate names every part", () => {
  const { usage } = commands.find(({ name }) => name === "simulate")!;
  for (const { name } of parts) assert.match(usage, new RegExp(`^ {4}${name} `, "m"));
});

Deno.test("a row is a line of its part", () => {
  for (const part of parts) {
    for (const row of simulation.parts[part.name].rows) {
      assert.match(part.line(row), /^[^\n]+$/);
    }
  }
});
