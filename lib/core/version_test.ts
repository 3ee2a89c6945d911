import assert from "node:assert/strict";
import configuration from "../../deno.json" with { type: "json" };
import { version } from "./version.ts";

Deno.test("version is the version of deno.json", () => {
  assert.equal(version, configuration.version);
});
