import assert from "node:assert/strict";
import { join } from "node:path";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { writeReport } from "../reports/report.ts";
import { filesOf, withFile, withManifest, writeFiles } from "./_testing/archived.ts";
import { command, contents, withStudy } from "./_testing/changed_study.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { withGifts } from "./testing/received_folders.ts";
import { verifyArchive } from "./verify_archive.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";
import { writeArchive } from "./write_archive.ts";

const problemsOf = (parts: readonly VerifiedPart[]) => parts.flatMap(({ problems }) => problems);
const saidOf = (parts: readonly VerifiedPart[]) =>
  parts.flatMap(({ what, notes }) => [what, ...notes]).join("\n");

/** All paths of a project, to see that nothing was written. */
const paths = async (project: string) => [...(await contents(project)).keys()].sort();

Deno.test("an archive with its text verifies in a project that has neither study nor text, trains two runs, and leaves nothing", () =>
  withSmallStudy(async ({ folder }) => {
    await writeReport(folder, { command });
    const { path, bytes, sha256, files, needs } = await writeArchive("small", { withText: true });
    assert.equal(path, join(folder, "small.tar"));
    assert.equal(bytes, (await Deno.stat(path)).size);
    assert.equal(needs.texts[0].found, "elsewhere");
    const archive = await Deno.readFile(path);
    const again = await writeArchive("small", { withText: true });
    assert.deepEqual([again.sha256, await Deno.readFile(path)], [sha256, archive]);
    // It is a file of the study's folder, and not of the next archive.
    assert.match(
      saidOf(await verifyStudy("small", { command })),
      /small\.tar: not looked at, because/,
    );
    await inTemporaryProject(async (project) => {
      await Deno.writeFile("given.tar", archive);
      const before = await paths(project);
      const parts = await verifyArchive("given.tar", { command });
      assert.deepEqual(problemsOf(parts), []);
      const said = saidOf(parts);
      assert.ok(said.startsWith(`given.tar: ${files} files, ${bytes} bytes, SHA-256 ${sha256}\n`));
      assert.match(said, /its source is the word of study\.json: no catalogue here names "whales"/);
      assert.equal(said.match(/trained again on wasm: the same bits/g)?.length, 2);
      assert.deepEqual(await paths(project), before);
      // Reports of an archive show the command of those in the folder, or no archive would verify.
      assert.match(
        problemsOf(await verifyArchive("given.tar", { sample: 0 })).join(),
        /its command, .* is not in the records/,
      );
    });
  }));

Deno.test("an archive without its text says which text it is, and that nothing can be trained", () =>
  withStudy(async () => {
    const { path } = await writeArchive("small");
    const files = await filesOf(path);
    assert.ok([...files.keys()].every((path) => !/weights|\/text\//.test(path)));
    const archive = await Deno.readFile(path);
    assert.deepEqual(problemsOf(await verifyArchive(path)), []);
    await inTemporaryProject(async () => {
      await Deno.writeFile("given.tar", archive);
      const problems = problemsOf(await verifyArchive("given.tar", { sample: 1 })).join("\n");
      assert.match(problems, /It may also lie in the study's folder, as text\/[0-9a-f]{64}\.txt/);
    });
  }));

Deno.test("a hostile archive writes nothing, whatever its paths, and one that ends within is said", () =>
  withStudy(async (_, project) => {
    const { path } = await writeArchive("small");
    const bytes = await Deno.readFile(path);
    const before = await paths(project);
    const place = (name: string) => new TextDecoder("latin1").decode(bytes).indexOf(`${name}\0`);
    for (const name of ["../../escape.txt", "/tmp/escape.txt", "small/study/../../escape.txt"]) {
      const changed = bytes.slice();
      const at = place("small/study/NEEDS.md");
      changed.set(new TextEncoder().encode(`${name}\0`), at);
      await Deno.writeFile(path, changed);
      const parts = await verifyArchive(path);
      assert.equal(parts.length, 1);
      assert.match(problemsOf(parts)[0], /leads outside.*nothing of it was unpacked$/);
      assert.deepEqual(await paths(project), before);
    }
  }));

Deno.test("a manifest that names a folder of others, or is no manifest, stops before anything is unpacked", () =>
  withStudy(async (_, project) => {
    const { path } = await writeArchive("small");
    const files = await filesOf(path);
    const before = await paths(project);
    for (
      const [manifest, says] of [
        ['{"study":"../../x"}', /A study must have a name of letters/],
        ['{"study":7}', /A study must have a name of letters/],
        ["[]", /manifest\.json must be an object/],
        ["null", /manifest\.json must be an object/],
        ["{", /manifest\.json is not JSON/],
        ["[".repeat(100_000), /manifest\.json is not JSON|nested at most 500/],
      ] as const
    ) {
      await writeFiles(path, withFile("small/manifest.json", manifest)(files));
      const parts = await verifyArchive(path);
      assert.equal(parts.length, 1, manifest.slice(0, 20));
      assert.match(problemsOf(parts)[0], says);
    }
    // What cannot be compared is said of every file.
    await writeFiles(
      path,
      withFile("small/manifest.json", '{"study":"small","files":[null]}')(files),
    );
    assert.match(problemsOf(await verifyArchive(path, { sample: 0 })).join(), /does not name it/);
    assert.deepEqual(await paths(project), before);
  }));

Deno.test("no code of an archive is run, whether its modules came along or lie where it says", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    const { path } = await writeArchive("gift", { withModules: true });
    const parts = await verifyArchive(path);
    assert.match(problemsOf(parts).join(), /gift\.ts is not code of this project's own/);
    assert.equal(await hasRun(), false);
    const files = await filesOf(path);
    const module = "gift/study/modules/results/gift/gift.ts";
    assert.ok(files.has(module), [...files.keys()].join());
    await writeFiles(path, withManifest(withFile("gift/study/gift.ts", "export {};")(files)));
    assert.match(
      problemsOf(await verifyArchive(path, { sample: 0 })).join(),
      /"study\/gift\.ts" is no file of its study/,
    );
    await writeFiles(path, files);
    const trusted = await verifyArchive(path, { sample: 1, trust: [sha256("gift")] });
    assert.deepEqual(problemsOf(trusted), []);
    assert.equal(await hasRun(), false);
    assert.deepEqual([...Deno.readDirSync(join(project, ".temporary", "archives"))], []);
  }));

Deno.test("no archive is made of what is not there, and none is verified", () =>
  withStudy(async (_, project) => {
    await assert.rejects(writeArchive("large"), Deno.errors.NotFound);
    await assert.rejects(writeArchive("small", { text: true } as object), /unknown option/i);
    await assert.rejects(verifyArchive("large.tar"), Deno.errors.NotFound);
    await assert.rejects(verifyArchive("small.tar", { documents: 1 } as object));
    await assert.rejects(verifyArchive(project));
  }));
