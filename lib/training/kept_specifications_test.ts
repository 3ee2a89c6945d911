import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { complete, stored } from "../core/left_out.ts";
import { projectFolder } from "../core/project.ts";
import { validateSpecification } from "./specification.ts";

for (const path of globSync("results/**/study.json", { cwd: projectFolder() }).sort()) {
  Deno.test(`every specification of ${path} is complete in memory and comes back as it is stored`, async () => {
    const study = JSON.parse(await Deno.readTextFile(`${projectFolder()}/${path}`));
    assert.ok(study.specifications.length > 0);
    for (const json of study.specifications as JsonObject[]) {
      const valid = validateSpecification(json);
      assert.equal(canonicalJson(valid), canonicalJson(complete(valid)));
      for (const whole of [valid, validateSpecification(complete(json)), complete(json)]) {
        assert.equal(canonicalJson(stored(whole)), canonicalJson(json));
      }
    }
  });
}
