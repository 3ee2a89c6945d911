import assert from "node:assert/strict";
import { incoming } from "./_incoming.ts";
import { decodeMessage, encodeMessage } from "./_wire.ts";
import { startKernel } from "./kernel.ts";
import { project } from "./_testing/notebooks.ts";

const encoder = new TextEncoder();
/** Bytes of a message's first frame. */
const delimiterLength = 11;

/** A message as it stands on the wire, with its content's length in one byte or in eight. */
function message(name: string, length = 3, buffers: Uint8Array[] = []): Uint8Array {
  const { frames } = encodeMessage({
    ...{ key: "key", session: "session", type: name, buffers },
    content: { text: "x".repeat(length) },
  });
  const bytes = frames.flatMap((frame, index) => {
    const content = typeof frame === "string" ? encoder.encode(frame) : frame;
    const more = index < frames.length - 1 ? 1 : 0;
    return content.length > 255
      ? [more | 2, 0, 0, 0, 0, 0, 0, content.length >> 8, content.length & 255, ...content]
      : [more, content.length, ...content];
  });
  return Uint8Array.from(bytes);
}

/** Types of the messages that are read when the bytes come in pieces of a size. */
async function typesIn(bytes: Uint8Array, piece: number, insertions = true): Promise<string[]> {
  let at = 0;
  const source = incoming({
    read(target) {
      if (at === bytes.length) return Promise.resolve(null);
      const part = bytes.subarray(at, at + Math.min(piece, target.length));
      target.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
  }, { insertions });
  const types: string[] = [];
  for (let frames = await source.message(); frames; frames = await source.message()) {
    types.push(decodeMessage("key", frames).type);
  }
  return types;
}

const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

Deno.test("a message that stands anywhere in the middle of another is taken out, and both are whole", async () => {
  const [outer, status, last] = [message("outer", 400), message("status"), message("last")];
  for (let at = delimiterLength; at < outer.length; at++) {
    for (const piece of [1, 7, 1e6]) {
      const bytes = join(outer.subarray(0, at), status, outer.subarray(at), last);
      assert.deepEqual(await typesIn(bytes, piece), ["status", "outer", "last"], `${at}`);
    }
  }
});

Deno.test("several messages are taken out of one, in one place or in two", async () => {
  const outer = message("outer", 10_000);
  const [idle, busy] = [message("idle"), message("busy")];
  const [first, second] = [5000, 9000];
  const together = join(outer.subarray(0, first), idle, busy, outer.subarray(first));
  const apart = join(
    ...[outer.subarray(0, first), idle, outer.subarray(first, second), busy],
    outer.subarray(second),
  );
  for (const bytes of [together, apart]) {
    assert.deepEqual(await typesIn(bytes, 4096), ["idle", "busy", "outer"]);
  }
});

Deno.test("bytes of a binary buffer that look like a message's beginning stay where they are", async () => {
  const data = encoder.encode("\x01\x09<IDS|MSG>");
  assert.deepEqual(await typesIn(message("binary", 3, [data, data]), 5), ["binary"]);
});

Deno.test("a message that has a topic is given as soon as it is whole", async () => {
  const topic = Uint8Array.of(1, 6, ...encoder.encode("status"));
  const bytes = join(topic, message("status"));
  let given = false;
  const source = incoming({
    read(target) {
      if (given) return new Promise(() => {});
      given = true;
      target.set(bytes);
      return Promise.resolve(bytes.length);
    },
  }, { insertions: true });
  assert.equal(decodeMessage("key", (await source.message())!).type, "status");
});

Deno.test("what came whole before a connection ends is given, the rest is not", async () => {
  const [outer, status] = [message("outer", 400), message("status")];
  const cut = join(outer.subarray(0, 300), status, outer.subarray(300, 320));
  assert.deepEqual(await typesIn(cut, 50), ["status"]);
  assert.deepEqual(await typesIn(new Uint8Array(), 50), []);
});

Deno.test("without insertions a mixed message is refused by its signature", async () => {
  const outer = message("outer", 400);
  const mixed = join(outer.subarray(0, 600), message("status"), outer.subarray(600));
  await assert.rejects(typesIn(mixed, 50, false));
});

Deno.test("outputs of megabytes come whole from Deno's kernel, also when they are read slowly", async () => {
  await using kernel = await startKernel({ folder: project });
  const lengths: number[] = [];
  for (let cell = 0; cell < 6; cell++) {
    await kernel.execute(
      `for (let index = 0; index < 6; index++) {
         await Deno.jupyter.display({ "text/plain": "x".repeat(2e6) }, { raw: true });
       }`,
      {
        onOutput({ content }) {
          lengths.push((content.data as Record<string, string>)["text/plain"].length);
          // Time in which this process reads nothing, so that the connection fills.
          const until = performance.now() + 50;
          while (performance.now() < until);
        },
      },
    );
  }
  assert.deepEqual(lengths, Array(36).fill(2e6));
});
