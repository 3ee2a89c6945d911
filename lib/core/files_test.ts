import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFileAtomically, writeFilesAtomically } from "./files.ts";

async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("writeFilesAtomically replaces files that belong together, and removes those that they replace", () =>
  inTemporaryFolder(async (folder) => {
    const path = (name: string) => join(folder, name);
    await writeFileAtomically(path("a"), "old");
    await writeFileAtomically(path("c"), "old");
    const files = [{ path: path("a"), content: "new" }, {
      path: path("b"),
      content: new Uint8Array([98]),
    }];
    await writeFilesAtomically(files, [path("c"), path("not-there")]);
    assert.deepEqual(filesIn(folder), ["a", "b"]);
    assert.equal(await Deno.readTextFile(path("a")), "new");
    assert.equal(await Deno.readTextFile(path("b")), "b");
  }));

Deno.test("F8: a write that fails, as on a full disk, names the file, keeps its class, and leaves all files as they were", () =>
  inTemporaryFolder(async (folder) => {
    const path = (name: string) => join(folder, name);
    await writeFileAtomically(path("a"), "old");
    // A folder below a file cannot be made, and a file cannot be renamed to a folder.
    await Deno.mkdir(join(folder, "taken", "inner"), { recursive: true });
    for (const wrong of [join(folder, "a", "b"), path("taken")]) {
      const files = [{ path: path("new"), content: "1" }, { path: wrong, content: "2" }];
      await assert.rejects(writeFilesAtomically(files), (error: Error) => {
        assert.ok(error.message.startsWith(`Cannot write ${wrong}: `), error.message);
        assert.notEqual(error.constructor, Error);
        return true;
      });
      assert.equal(filesIn(folder).some((name) => name.endsWith(".tmp")), false);
      assert.equal(await Deno.readTextFile(path("a")), "old");
    }
  }));

Deno.test("F6: an end waits for the write that is at work, and no other begins", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    const script = new URL("./testing/interrupted_writes.ts", import.meta.url).pathname;
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", `--allow-write=${folder}`, script, path],
      stdin: "null",
    }).output();
    assert.equal(code, 130);
    assert.equal(await Deno.readTextFile(path), "half half");
  }));
