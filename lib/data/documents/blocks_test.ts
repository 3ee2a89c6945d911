import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { blocksOf } from "./blocks.ts";

Deno.test("documents are read from files beyond 2^32 bytes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "text");
    // A block has 256 KiB; the disk keeps what is written alone.
    const empty = new Uint8Array(1 << 18);
    const last = empty.slice();
    last.set(new TextEncoder().encode("Call me"), last.length - 7);
    const length = 20_000 * last.length;
    {
      using file = await Deno.open(path, { write: true, createNew: true });
      file.truncateSync(length);
      file.seekSync(length - last.length, Deno.SeekMode.Start);
      assert.equal(file.writeSync(last), last.length);
    }
    const text = blocksOf(path, [...Array(19_999).fill(sha256(empty)), sha256(last)]);
    assert.equal(new TextDecoder().decode(text.read(length - 7, length)), "Call me");
    assert.equal(text.at(length - 7), "C".charCodeAt(0));
    // Over the border of two blocks.
    const both = text.read(length - last.length - 3, length);
    assert.deepEqual([both.length, both[2], both.at(-1)], [last.length + 3, 0, "e".charCodeAt(0)]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
