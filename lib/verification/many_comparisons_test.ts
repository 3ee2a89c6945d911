import assert from "node:assert/strict";
import { join } from "node:path";
import { writeComparison, writeMarkdownComparison } from "../reports/write_comparison.ts";
import { contents, edit, putBack, said, withStudy, wrong } from "./_testing/changed_study.ts";
import { verifyStudy } from "./verify_study.ts";

Deno.test("pages of several studies are verified by their definition, every text and picture", () =>
  withStudy(async (folder, project) => {
    const definition = await Deno.readTextFile(join(folder, "study.json"));
    const sha256 = JSON.parse(definition).corpus.sha256;
    const folders = [folder];
    for (const [index, name] of ["second", "third"].entries()) {
      const other = join(project, "results", name);
      await Deno.mkdir(other);
      await Deno.copyFile(join(folder, "runs.jsonl"), join(other, "runs.jsonl"));
      const own = definition.replace('"name": "small"', `"name": "${name}"`)
        .replaceAll(sha256, String(index).repeat(64));
      await Deno.writeTextFile(join(other, "study.json"), own);
      folders.push(other);
    }
    await writeComparison(folders);
    await writeMarkdownComparison(folders);
    const name = "compare-with-second-and-third";
    const verified = () => verifyStudy("small", { project });
    const before = await contents(folder);
    const clean = await verified();
    assert.deepEqual(wrong(clean), []);
    for (const ending of ["html", "md", "json"]) {
      assert.match(
        said(clean),
        new RegExp(`${name}\\.${ending}: every number.* all studies again`),
      );
    }
    assert.doesNotMatch(said(clean), /not looked at|nothing of the study names/);
    const changes: readonly (readonly [string, RegExp | string, string])[] = [
      [`${name}.html`, /(<td[^>]*>[+−]?\d\.\d)\d/, "$1x"],
      [`${name}.md`, "## What differs", "## What"],
      [`${name}.json`, "{\n", "{ \n"],
    ];
    for (const [file, from, to] of changes) {
      await edit(file, (content) => content.replace(from, to))(folder);
      assert.match(wrong(await verified()).join("\n"), /not what the records give/, file);
      await putBack(folder, before);
    }
    const notLookedAt = async (from: string, to: string, reason: RegExp) => {
      await edit(`${name}.json`, (content) => content.replace(from, to))(folder);
      assert.match(said(await verified()), reason);
      await putBack(folder, before);
    };
    await notLookedAt(
      '"second"',
      '"../second"',
      /not looked at, because they cannot be compared again/,
    );
    await notLookedAt(
      '"third"',
      '"second"',
      /it should be called "compare-with-second-and-second"/,
    );
    await notLookedAt('"small"', '"second"', /its first study should be small, found "second"/);
    await notLookedAt('"options": {}', '"options": 1', /options must be an object/);
    await Deno.remove(folders[2], { recursive: true });
    assert.match(said(await verified()), /because the other study, third, is not there/);
  }));
