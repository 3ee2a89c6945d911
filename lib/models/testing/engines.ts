import assert from "node:assert/strict";
import { type EngineName, useEngine } from "../../engine/engine.ts";

const native = await useEngine("native");
const engines: readonly { readonly name: EngineName; readonly missing: string | null }[] = [
  { name: "cpu", missing: null },
  { name: "wasm", missing: null },
  { name: "relaxed", missing: null },
  { name: "native", missing: native.name === "native" ? null : native.reason },
];

/** Registers a test for each engine, skipped with its reason where the machine does not have it. */
export function testOnEachEngine(
  title: string,
  use: (engine: EngineName) => void | Promise<void>,
): void {
  const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
  for (const { name, missing } of engines) {
    Deno.test({
      name: `${title}, on ${name}${missing === null ? "" : ` (skipped: ${missing})`}`,
      ignore: missing !== null && !required,
      async fn() {
        assert.equal(missing, null);
        await useEngine(name);
        await use(name);
      },
    });
  }
}
