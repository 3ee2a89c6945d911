import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { wordLstmShort } from "../experiments/reproductions/ptb_small.ts";
import { reproduce } from "../experiments/reproductions/reproduce.ts";
import { silentReporter } from "../studies/reporter.ts";
import { cliIn, outcomeOf } from "./_testing/cli.ts";

Deno.test("report --archive makes one file that verify checks in another project with one command", () =>
  withTemporaryProject(async (project) => {
    const quick = { project, quick: true, reporter: silentReporter };
    const { study: { name } } = await reproduce(wordLstmShort, quick);
    const inProject = async (folder: string, ...[command, ...args]: string[]) =>
      await outcomeOf(await cliIn(folder, command, ...args));

    const written = await inProject(project, "report", name, "--archive");
    assert.equal(written.code, 0, written.errors);
    const path = `results/${name}/${name.split("/").at(-1)}.tar`;
    const [first, second, last] = written.output.trimEnd().split("\n");
    assert.match(first, new RegExp(`^${path}: \\d+ files, \\d+ bytes$`));
    assert.match(second, /^SHA-256 [0-9a-f]{64}$/);
    assert.equal(last, `Checked by deno task verify ${path}, in any project.`);

    await withTemporaryProject(async (elsewhere) => {
      await Deno.copyFile(join(project, path), join(elsewhere, "given.tar"));
      const found = await inProject(elsewhere, "verify", "given.tar", "--sample", "1");
      assert.equal(found.code, 0, found.output + found.errors);
      assert.match(found.output, /trained again on wasm: the same bits/);
      assert.match(found.output, /^✓ reproduction\.md: every number and text/m);
      assert.ok(found.output.includes(second), found.output);

      const outside = await inProject(elsewhere, "verify", join(project, path));
      assert.equal(outside.code, 1);
      assert.match(
        outside.errors,
        /Requires read access to .* Keep the file inside of the project/,
      );
      const missing = await inProject(elsewhere, "verify", "absent.tar");
      assert.equal(missing.code, 1);
      assert.match(missing.errors, /absent\.tar/);
    });

    for (const args of [[name, "--with-text"], [name, name, "--compare", "--archive"]]) {
      const refused = await inProject(project, "report", ...args);
      assert.equal(refused.code, 2, refused.output);
      assert.match(refused.errors, /--archive/);
    }
  }));
