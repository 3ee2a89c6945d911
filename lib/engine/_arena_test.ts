import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { createAllocator, reserveMemory } from "./_arena.ts";

Deno.test("createAllocator never hands out overlapping blocks and gives all of its memory back", () => {
  const memory = createAllocator(64, 1 << 20);
  const stream = randomStream(1, "blocks");
  const blocks: { start: number; bytes: number }[] = [];
  for (let i = 0; i < 5000; i++) {
    if (blocks.length > 40 || (blocks.length > 0 && stream.uniform() < 0.45)) {
      memory.free(blocks.splice(stream.integer(blocks.length), 1)[0].start);
    } else {
      const bytes = 1 + stream.integer(9000);
      const start = memory.allocate(bytes, () => "a block");
      assert.equal(start % 64, 0);
      for (const other of blocks) {
        assert.ok(start + bytes <= other.start || other.start + other.bytes <= start);
      }
      blocks.push({ start, bytes });
    }
  }
  for (const { start } of blocks) memory.free(start);
  assert.equal(memory.liveBytes(), 0);
  assert.equal(memory.freeBlocks(), 0);
  assert.equal(memory.allocate((1 << 20) - 64, () => "everything"), 64);
});

Deno.test("createAllocator does not grow when the same sizes come and go", () => {
  const memory = createAllocator(0, 1 << 20);
  const step = () => {
    const blocks = [3000, 100, 7000, 100, 64].map((bytes) => memory.allocate(bytes, () => "x"));
    for (const index of [1, 3, 0, 4, 2]) memory.free(blocks[index]);
  };
  step();
  const peak = memory.peakBytes();
  for (let i = 0; i < 100; i++) step();
  assert.equal(memory.peakBytes(), peak);
});

Deno.test("createAllocator says what has no room, and refuses to free what is not live", () => {
  const memory = createAllocator(0, 1024);
  const pointer = memory.allocate(512, () => "a block");
  assert.throws(
    () => memory.allocate(1024, () => "a float32 tensor of shape [16,16]"),
    (error) =>
      error instanceof RangeError &&
      /shape \[16,16\] \(1024 bytes\): 512 of 1024 bytes/.test(error.message),
  );
  memory.free(pointer);
  assert.throws(() => memory.free(pointer), /no live block/);
});

/** A machine that grants so many pages, and what it was asked for. */
function machineOf(granted: number) {
  const asked: number[] = [];
  const create = (pages: number) => {
    asked.push(pages);
    if (pages > granted) throw new RangeError("could not allocate memory");
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  };
  return { asked, create };
}

Deno.test("reserveMemory halves from 4 GiB until the system grants it, and takes that", () => {
  const { asked, create } = machineOf(1000);
  assert.equal(reserveMemory(create).buffer.byteLength, 512 * 65536);
  assert.deepEqual(asked, [65536, 32768, 16384, 8192, 4096, 2048, 1024, 512]);
});

Deno.test("reserveMemory throws when 16 MiB are refused, and at once what is no refusal", () => {
  const { asked, create } = machineOf(255);
  assert.throws(() => reserveMemory(create), /could not allocate memory/);
  assert.equal(asked.at(-1), 256);
  let calls = 0;
  const broken = () => {
    calls++;
    throw new TypeError("no shared memory here");
  };
  assert.throws(() => reserveMemory(broken), /no shared memory here/);
  assert.equal(calls, 1);
});
