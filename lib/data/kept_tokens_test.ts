import assert from "node:assert/strict";
import { join } from "node:path";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { randomStream } from "../core/random.ts";
import { keptTokens } from "./kept_tokens.ts";
import { readTokens } from "./tokens.ts";

async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-tokens-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const script = new URL("./_testing/keep_tokens.ts", import.meta.url).pathname;

function start(store: string, pause: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--allow-read"],
      ...[`--allow-write=${store}`, script, store, `${pause}`],
    ],
    stdout: "piped",
  }).spawn();
}

/** Names of what is below the store, without locks. */
async function left(store: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(store), ({ name }) => name);
  return names.filter((name) => !name.endsWith(".lock")).sort();
}

/** Tokens of numbers, and how often they were made. */
function numbers(store: string | null, ids: readonly Int32Array[], vocabularySize: number) {
  const count = { made: 0 };
  const open = () =>
    keptTokens({
      store,
      key: { sizes: ids.map(({ length }) => length), vocabularySize },
      make(begin) {
        count.made++;
        const writer = begin(vocabularySize);
        for (const span of ids) {
          writer.write(span.subarray(0, 3));
          if (span.length > 3) writer.endDocument();
          writer.write(span.subarray(3));
          if (span.length > 100) writer.endDocument();
          writer.endSpan();
        }
        return { vocabulary: ["�", "a"], share: 0.25 };
      },
    });
  return { count, open };
}

Deno.test("tokens on the disk are those that were written, of two bytes each or of four", () =>
  inTemporaryFolder(async (store) => {
    const stream = randomStream(1, "ids");
    for (const vocabularySize of [65_536, 65_537, 2 ** 31]) {
      // Shorter and longer than blocks of 64 KiB, and a span without tokens.
      const ids = [5, 0, 16_384, 40_001].map((length) =>
        Int32Array.from(
          { length },
          (_, index) => index === 0 ? vocabularySize - 1 : stream.integer(vocabularySize),
        )
      );
      const ends = [[3], [], [3, 16_384], [3, 40_001]];
      const { count, open } = numbers(store, ids, vocabularySize);
      for (const made of [await open(), await open()]) {
        assert.deepEqual(made.said, { vocabulary: ["�", "a"], share: 0.25 });
        assert.deepEqual(made.spans.map((span) => readTokens(span)), ids);
        assert.deepEqual(made.spans.map(({ documentEnds = [] }) => [...documentEnds]), ends);
        for (let draw = 0; draw < 50; draw++) {
          const span = stream.integer(4);
          const start = stream.integer(ids[span].length + 1);
          const end = start + stream.integer(ids[span].length - start + 1);
          assert.deepEqual(readTokens(made.spans[span], start, end), ids[span].slice(start, end));
        }
        assert.throws(() => made.spans[0].read(3, new Int32Array(3)), /5 tokens has none from 3/);
      }
      assert.equal(count.made, 1);
      const inMemory = await numbers(null, ids, vocabularySize).open();
      assert.deepEqual(inMemory.spans.map((span) => readTokens(span)), ids);
      assert.deepEqual(inMemory.spans.map(({ documentEnds = [] }) => [...documentEnds]), ends);
    }
  }));

Deno.test("what is damaged is found and made again: length, index, checksums, one bit of the tokens", () =>
  inTemporaryFolder(async (store) => {
    const ids = [Int32Array.from({ length: 200_000 }, (_, index) => index % 50_000)];
    const { count, open } = numbers(store, ids, 50_000);
    await open();
    const [name] = await left(store);
    const path = (file: string) => join(store, name, file);
    const change = (file: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array) =>
      Deno.writeFileSync(path(file), change(Deno.readFileSync(path(file))));
    const flip = (at: number) => (bytes: Uint8Array<ArrayBuffer>) => {
      bytes[at] ^= 1;
      return bytes;
    };
    const damages: (() => void)[] = [
      () => change("tokens", (bytes) => bytes.subarray(0, -2)),
      () => change("index.json", flip(100)),
      () => change("index.json", (bytes) => bytes.subarray(0, -9)),
      () => change("checksums", flip(0)),
      () => change("documents", flip(0)),
      () => Deno.removeSync(path("checksums")),
    ];
    for (const [index, damage] of damages.entries()) {
      damage();
      assert.deepEqual(readTokens((await open()).spans[0]), ids[0]);
      assert.equal(count.made, index + 2);
    }
    change("tokens", flip(150_000));
    const { spans: [span] } = await open();
    // Blocks of 32,768 ids: the third is damaged, and the others are not.
    assert.deepEqual(readTokens(span, 0, 65_536), ids[0].slice(0, 65_536));
    const error = await Promise.try(() => readTokens(span, 60_000, 70_000)).catch((error) => error);
    assert.ok(error instanceof OutsideTrouble, `${error}`);
    assert.match(error.message, /tokens is not as it was written, from byte 131072 on/);
    assert.equal(count.made, damages.length + 1);
    assert.deepEqual(readTokens((await open()).spans[0]), ids[0]);
    assert.equal(count.made, damages.length + 2);
  }));

Deno.test("tokens that are cut after they were compared are refused, and not read as zeros", async () => {
  const store = await Deno.makeTempDir({ prefix: "parsimony-tokens-" });
  try {
    const { spans } = await numbers(store, [new Int32Array(1000).fill(2)], 3).open();
    assert.equal(readTokens(spans[0])[999], 2);
    const [folder] = await left(store);
    Deno.truncateSync(join(store, folder, "tokens"), 1000);
    assert.throws(() => readTokens(spans[0]), /is not as it was written, from byte 1000 on/);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("of several processes one makes the tokens, and the others wait for it", () =>
  inTemporaryFolder(async (store) => {
    const outputs = await Promise.all([0, 1, 2].map(() => start(store, 20).output()));
    const said = outputs.map(({ stdout }) =>
      new TextDecoder().decode(stdout).trim().split("\n").at(-1)
    );
    assert.deepEqual(said.sort(), ["made true", "read true", "read true"]);
    assert.equal((await left(store)).length, 1);
  }));

Deno.test("a process that is killed on the way leaves no tokens, and the next makes them", () =>
  inTemporaryFolder(async (store) => {
    const killed = start(store, 500);
    const reader = killed.stdout.getReader();
    await reader.read();
    killed.kill("SIGKILL");
    await killed.status;
    await reader.cancel();
    const [unfinished, ...others] = await left(store);
    assert.match(unfinished, /^[0-9a-f]{64}\.unfinished$/);
    assert.deepEqual(others, []);
    const { stdout } = await start(store, 0).output();
    assert.match(new TextDecoder().decode(stdout), /made true\n$/);
    assert.deepEqual(await left(store), [unfinished.replace(".unfinished", "")]);
  }));

Deno.test("a process that may not write reads tokens that are there, and makes others in memory", () =>
  inTemporaryFolder(async (store) => {
    const run = () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-check", "--no-prompt", "--allow-read", script, store],
      }).output();
    const last = ({ stdout }: Deno.CommandOutput) =>
      new TextDecoder().decode(stdout).trim().split("\n").at(-1);
    assert.equal(last(await run()), "made true");
    assert.deepEqual(await left(store), []);
    await start(store, 0).output();
    assert.equal(last(await run()), "read true");
  }));
