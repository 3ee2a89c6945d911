import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { openSafetensors } from "./safetensors_file.ts";
import { findPython, runPython } from "./testing/python.ts";
import {
  lookIntoFolder,
  openFolder,
  sha256OfFolder,
  type WeightsSource,
} from "./weights_folder.ts";

const { command, missing } = await findPython(["numpy", "safetensors"]);
const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Answers = { readonly [name: string]: { shape: number[]; bits: number[] } };

Deno.test({
  name:
    "what Python's safetensors writes of F16, BF16 and F32, in one file or in shards, is read to the " +
    `bit${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== null && !required,
  fn: () =>
    inFolder(async (folder) => {
      assert.equal(missing, null);
      const script = new URL("./testing/tensors.py", import.meta.url).pathname;
      const answers = await runPython<Answers>(command!, script, { folder });
      const compare = (source: WeightsSource, names: readonly string[]) => {
        assert.deepEqual([...source.tensors.keys()].sort(), [...names].sort());
        for (const name of names) {
          assert.deepEqual(source.tensors.get(name)!.shape, answers[name].shape, name);
          const bits = new Uint32Array(source.read(name).slice().buffer);
          assert.deepEqual([...bits], answers[name].bits, name);
        }
      };
      const names = Object.keys(answers);
      assert.equal(names.length, 9);
      using whole = openFolder(folder, lookIntoFolder(folder));
      compare(whole, names);
      const bytes = readSafetensors(await Deno.readFile(join(folder, "model.safetensors")));
      for (const name of names) {
        const { values } = bytes.tensors.get(name)!;
        assert.deepEqual([...new Uint32Array(values.slice().buffer)], answers[name].bits, name);
      }
      const sharded = join(folder, "sharded");
      const looked = lookIntoFolder(sharded);
      assert.equal(looked.files.length, 4);
      using parts = openFolder(sharded, looked);
      compare(parts, names.filter((name) => !name.startsWith("brain.")));
    }),
});

const tensors = new Map([
  ["a", { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
  ["b", { shape: [3], values: Float32Array.of(5, 6, 7) }],
]);

/** A folder of two shards. */
async function writeShards(folder: string): Promise<void> {
  await Deno.writeTextFile(join(folder, "config.json"), '{"model_type":"some"}');
  await Deno.writeTextFile(
    join(folder, "model.safetensors.index.json"),
    JSON.stringify({ weight_map: { a: "one.safetensors", b: "two.safetensors" } }),
  );
  for (const [file, name] of [["one", "a"], ["two", "b"]]) {
    const bytes = writeSafetensors(new Map([[name, tensors.get(name)!]]));
    await Deno.writeFile(join(folder, `${file}.safetensors`), bytes);
  }
}

Deno.test("the SHA-256 of a folder is that of what sha256sum prints of its files", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "config.json"), "{}");
    await Deno.writeFile(join(folder, "model.safetensors"), writeSafetensors(tensors));
    await Deno.writeTextFile(join(folder, "README.md"), "not of the model");
    const lines = await Promise.all(
      ["config.json", "model.safetensors"].map(async (name) =>
        `${sha256(await Deno.readFile(join(folder, name)))}  ${name}\n`
      ),
    );
    assert.equal(sha256OfFolder(folder, lookIntoFolder(folder)), sha256(lines.join("")));
    const file = join(folder, "config.json");
    assert.throws(() => lookIntoFolder(file, "F"), /F holds no config.json: it is no folder/);
  }));

const refused: readonly [string, (folder: string) => Promise<void>, RegExp][] = [
  [
    "without config",
    (folder) => Deno.remove(join(folder, "config.json")),
    /^NotFound: F holds no config.json: it is no folder of a Hugging Face model\.$/,
  ],
  [
    "without weights",
    (folder) => Deno.remove(join(folder, "model.safetensors.index.json")),
    /^NotFound: F holds neither model.safetensors nor model.safetensors.index.json/,
  ],
  [
    "whose config is no JSON",
    (folder) => Deno.writeTextFile(join(folder, "config.json"), "{"),
    /^SyntaxError: F\/config.json is not JSON/,
  ],
  [
    "whose index has no map",
    (folder) => Deno.writeTextFile(join(folder, "model.safetensors.index.json"), "{}"),
    /^SyntaxError: F: model.safetensors.index.json must have a weight_map, found none\.$/,
  ],
  [
    "whose index leads out of it",
    (folder) =>
      Deno.writeTextFile(
        join(folder, "model.safetensors.index.json"),
        '{"weight_map":{"a":"../one.safetensors"}}',
      ),
    /must name a safetensors file of the folder for "a", found "..\/one.safetensors"\.$/,
  ],
  [
    "without a shard",
    (folder) => Deno.remove(join(folder, "two.safetensors")),
    /^NotFound: F: model.safetensors.index.json names the shard two.safetensors, which is not there\.$/,
  ],
  [
    "with a cut shard",
    (folder) => Deno.truncate(join(folder, "two.safetensors"), 70),
    /^SyntaxError: F\/two.safetensors: Cannot read safetensors: /,
  ],
  [
    "with a shard of other tensors",
    (folder) => Deno.copyFile(join(folder, "one.safetensors"), join(folder, "two.safetensors")),
    /^RangeError: F\/two.safetensors: tensor "b" is missing, which model.safetensors.index.json says/,
  ],
];

for (const [what, spoil, message] of refused) {
  Deno.test(`a folder ${what} is refused with its file`, () =>
    inFolder(async (folder) => {
      await writeShards(folder);
      openFolder(folder, lookIntoFolder(folder, "F"), "F")[Symbol.dispose]();
      await spoil(folder);
      assert.throws(
        () => openFolder(folder, lookIntoFolder(folder, "F"), "F"),
        (error) => message.test(String(error)),
      );
    }));
}

Deno.test("tensors that no training can begin with are refused by file, name and place", () =>
  inFolder(async (folder) => {
    const path = join(folder, "w.safetensors");
    const numbers = new Map<string, { shape: number[]; values: Float32Array | Int32Array }>([
      ["nan", { shape: [2, 3], values: Float32Array.of(0, 0, 0, 0, NaN, 0) }],
      ["infinite", { shape: [1], values: Float32Array.of(-Infinity) }],
      ["whole", { shape: [1], values: Int32Array.of(1) }],
    ]);
    await Deno.writeFile(path, writeSafetensors(numbers));
    using file = openSafetensors(path, "w.safetensors");
    assert.throws(
      () => file.read("nan"),
      /^RangeError: w.safetensors: tensor "nan" must hold finite numbers, found NaN at \[1, 1\]\.$/,
    );
    assert.throws(() => file.read("infinite"), /"infinite" must .* found -Infinity at \[0\]/);
    assert.throws(() => file.read("whole"), /"whole" must hold F32, F16 or BF16, found I32/);
    assert.throws(() => file.read("other"), /w.safetensors: tensor "other" is missing/);
    // Cut after it was opened.
    await Deno.truncate(path, (await Deno.stat(path)).size - 9);
    assert.throws(() => file.read("infinite"), /tensor "infinite" is cut: 0 of its 4 bytes are/);
  }));
