import assert from "node:assert/strict";
import { join } from "node:path";
import { readConfiguration } from "./project.ts";
import { withTemporaryProject } from "./testing/temporary_project.ts";

Deno.test("readConfiguration reads comments and last commas, and leaves texts as they are", () =>
  withTemporaryProject(async (project) => {
    const text = `// deno.json
{
  "name": "a // b /* c */, }", /* links: */ "links": ["../x",], // last
}`;
    await Deno.writeTextFile(join(project, "deno.json"), text);
    assert.deepEqual(readConfiguration(project), { name: "a // b /* c */, }", links: ["../x"] });
    await Deno.rename(join(project, "deno.json"), join(project, "deno.jsonc"));
    assert.deepEqual(readConfiguration(project).links, ["../x"]);
    await Deno.remove(join(project, "deno.jsonc"));
    assert.throws(() => readConfiguration(project), Deno.errors.NotFound);
  }));
