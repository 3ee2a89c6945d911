import assert from "node:assert/strict";
import { join } from "node:path";
import { readJsonFile } from "./json_file.ts";

Deno.test("readJsonFile gives the value, undefined for no file, and names a file that is not JSON", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "a.json");
    assert.equal(readJsonFile(path), undefined);
    Deno.writeTextFileSync(path, '{"a": [1, null]}');
    assert.deepEqual(readJsonFile(path), { a: [1, null] });
    Deno.writeTextFileSync(path, '{"a": ');
    assert.throws(
      () => readJsonFile(path),
      (error: Error) => error instanceof SyntaxError && error.message.includes(path),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
