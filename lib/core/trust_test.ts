import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { withTemporaryProject } from "./testing/temporary_project.ts";
import { readModuleCode } from "./module_graph.ts";
import { moduleCode } from "./own_module.ts";
import {
  checkOwnCode,
  ForeignCode,
  foreignFiles,
  loadOwnExport,
  receivedFolders,
} from "./trust.ts";

async function write(project: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(project, path)), { recursive: true });
    await Deno.writeTextFile(join(project, path), text);
  }
}

const one = "export default 1;\n";

Deno.test("foreignFiles finds what lies in a folder of others or outside, by links in any direction", () =>
  withTemporaryProject(async (project) => {
    const outside = await Deno.makeTempDir();
    await write(outside, { "x.ts": one, "deep/x.ts": one });
    await write(project, {
      "parts/own.ts": one,
      "a/results/own.ts": one,
      "results-of-mine/own.ts": one,
      ...Object.fromEntries(receivedFolders.map((name) => [`${name}/gift/x.ts`, one])),
    });
    const link = (to: string, from: string) => Deno.symlink(to, join(project, from));
    await link(join(project, "results/gift/x.ts"), "parts/file-link.ts");
    await link(join(project, "results/gift"), "parts/folder-link");
    await link(join(project, "results"), "parts/whole");
    await link("../parts/folder-link", "parts/link-of-link");
    await link(join(project, "parts/own.ts"), "results/gift/back.ts");
    await link(join(outside, "x.ts"), "parts/out.ts");
    await link(outside, "parts/out");
    await link(join(project, "parts"), "again");
    // On a disk that does not tell names by case, Results is this folder as well.
    await link(join(project, "results"), "Results");
    const expected: Record<string, string | null> = {
      "parts/own.ts": null,
      "again/own.ts": null,
      "a/results/own.ts": null,
      "results-of-mine/own.ts": null,
      "parts/not-there.ts": null,
      "results/gift/x.ts": "is in results/",
      "results/gift/../gift/x.ts": "is in results/",
      "datasets/gift/x.ts": "is in datasets/",
      ".temporary/gift/x.ts": "is in .temporary/",
      "Results/gift/x.ts": "is in results/",
      "parts/whole/gift/x.ts": "is in results/",
      "parts/file-link.ts": "leads into results/, by a link",
      "parts/folder-link/x.ts": "leads into results/, by a link",
      "parts/link-of-link/x.ts": "leads into results/, by a link",
      "results/gift/back.ts": "is in results/",
      "parts/out.ts": "leads out of the project, by a link",
      "parts/out/deep/x.ts": "leads out of the project, by a link",
    };
    for (const [path, reason] of Object.entries(expected)) {
      const found = foreignFiles(project, [path]);
      assert.deepEqual(found, reason === null ? [] : [`${path} ${reason}`]);
    }
    assert.throws(() => foreignFiles(project, ["../x.ts"]), /must stay inside/);
    await Deno.remove(outside, { recursive: true });
  }));

Deno.test("foreignFiles knows results/ that is itself a link, inside of the project or out of it", () =>
  withTemporaryProject(async (project) => {
    const outside = await Deno.makeTempDir();
    for (const store of [join(project, "store"), outside]) {
      await write(store, { "gift/x.ts": one });
      await Deno.symlink(store, join(project, "results"));
      assert.deepEqual(foreignFiles(project, ["results/gift/x.ts"]), [
        "results/gift/x.ts is in results/",
      ]);
      if (store !== outside) {
        assert.deepEqual(foreignFiles(project, ["store/gift/x.ts"]), [
          "store/gift/x.ts is in results/",
        ]);
      }
      await Deno.remove(join(project, "results"));
    }
    await Deno.remove(outside, { recursive: true });
  }));

Deno.test("checkOwnCode takes the project's own code as it was said, and code of others by its SHA-256 only", () =>
  withTemporaryProject(async (project) => {
    await write(project, {
      "parts/own.ts": `import { two } from "./two.ts";\nexport default two;\n`,
      "parts/two.ts": "export const two = 2;\n",
      "results/gift/x.ts": `import "../../parts/two.ts";\n${one}`,
      "parts/outer.ts": `export { default } from "../results/gift/x.ts";\n`,
    });
    const part = async (module: string) => ({
      module,
      export: "default",
      code: await readModuleCode(project, module),
    });
    const own = await part("parts/own.ts");
    await checkOwnCode(project, own);
    assert.equal(await loadOwnExport(project, own), 2);
    for (const module of ["results/gift/x.ts", "parts/outer.ts"]) {
      const gift = await part(module);
      const { code } = gift;
      await assert.rejects(checkOwnCode(project, gift), (error: ForeignCode) => {
        assert.ok(error instanceof ForeignCode);
        assert.deepEqual([error.module, error.sha256], [module, code.sha256]);
        assert.deepEqual(error.files, ["results/gift/x.ts is in results/"]);
        return true;
      });
      await assert.rejects(checkOwnCode(project, gift, ["0".repeat(64)]), ForeignCode);
      await assert.rejects(loadOwnExport(project, gift), ForeignCode);
      await checkOwnCode(project, gift, [code.sha256]);
    }
    // What a study leaves out of its list is found by what the file imports.
    const { files } = own.code;
    const partial = moduleCode({ "parts/own.ts": files["parts/own.ts"] }, {});
    await assert.rejects(
      checkOwnCode(project, { ...own, code: partial }),
      /parts\/two\.ts is .* here/,
    );
    await assert.rejects(
      checkOwnCode(project, { ...own, code: undefined }),
      /must come with the hash/,
    );
    await Deno.writeTextFile(join(project, "parts/two.ts"), "export const two = 3;\n");
    await assert.rejects(checkOwnCode(project, own), /two\.ts is [0-9a-f]{64} here, not/);
  }));
