import assert from "node:assert/strict";
import { join } from "node:path";
import { libraryFolder } from "./core/testing/documented.ts";
import { withSecondProject } from "./core/testing/second_project.ts";

const page = await Deno.readTextFile(join(libraryFolder, "docs/ensembles.md"));

for (const part of page.split(/^## /m).slice(1)) {
  const title = part.slice(0, part.indexOf("\n"));
  const code = [...part.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block).join("\n");
  Deno.test(`what docs/ensembles.md says of ${title.toLowerCase()} holds in a user's project`, () =>
    withSecondProject({ "example.ts": code }, async ({ deno }) => {
      assert.match(code, /\bassert\./);
      const { code: exit, stderr } = await deno("run", "-A", "--check", "example.ts");
      assert.equal(exit, 0, stderr);
    }));
}
