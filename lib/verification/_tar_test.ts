import assert from "node:assert/strict";
import { join } from "node:path";
import { madeFile } from "./_study_files.ts";
import { type PackedFile, readTar, tarOf } from "./_tar.ts";

const files = [
  madeFile("top/b.txt", "Call me Ishmael."),
  madeFile("top/empty", ""),
  madeFile("top/a/block", new Uint8Array(512).fill(7)),
  madeFile(`top/${"long ".repeat(20)}name/${"x".repeat(90)}`, "ω 中文"),
];

/** Uses the archive of some files, changed before it is opened. */
async function withTar(
  packed: readonly PackedFile[],
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
  use: (path: string, read: () => ReturnType<typeof readTar>) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "some.tar");
  try {
    await Deno.writeFile(path, change(bytesOf(packed)));
    await use(path, () => {
      using file = Deno.openSync(path);
      return readTar(file, file.statSync().size);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function bytesOf(packed: readonly PackedFile[]): Uint8Array<ArrayBuffer> {
  const pieces = [...tarOf(packed)];
  const bytes = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const same = (bytes: Uint8Array<ArrayBuffer>) => bytes;

/** Puts text into a header and makes its checksum right again, as whoever changes an archive would. */
function withField(from: number, text: string, header = 0) {
  return (bytes: Uint8Array<ArrayBuffer>) => {
    const start = header * 512;
    bytes.set(new TextEncoder().encode(text), start + from);
    bytes.set(new TextEncoder().encode(" ".repeat(8)), start + 148);
    const sum = bytes.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
    bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), start + 148);
    return bytes;
  };
}

Deno.test("what is packed is read again, in the order of the paths, whatever the order in which it was given", () =>
  withTar(files, same, async (path, read) => {
    const found = read();
    const due = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
    assert.deepEqual(found.map(({ path }) => path), due.map(({ path }) => path));
    const bytes = await Deno.readFile(path);
    for (const [index, { from, bytes: size }] of found.entries()) {
      assert.deepEqual(bytes.slice(from, from + size), due[index].content());
    }
    assert.deepEqual(bytesOf(files.toReversed()), bytes);
  }));

const system = new Deno.Command("tar", { args: ["--version"] });
const hasTar = await system.output().then(({ success }) => success, () => false);

Deno.test({
  name: `the system's tar unpacks it${hasTar ? "" : " (ignored: no tar found)"}`,
  ignore: !hasTar && Deno.env.get("PARSIMONY_REQUIRE_ALL") !== "1",
  fn: () =>
    withTar(files, same, async (path) => {
      const cwd = join(path, "..");
      const args = ["-xf", path];
      const { success, stderr } = await new Deno.Command("tar", { args, cwd }).output();
      assert.ok(success);
      assert.equal(new TextDecoder().decode(stderr), "");
      for (const { path, content } of files) {
        assert.deepEqual(await Deno.readFile(join(cwd, path)), content());
      }
    }),
});

Deno.test("every single bit of header, padding and end that is another one is refused", () =>
  withTar(files.slice(0, 2), same, async (path, read) => {
    const bytes = await Deno.readFile(path);
    const [{ from, bytes: size }] = read();
    using file = Deno.openSync(path, { read: true, write: true });
    const put = (at: number, byte: number) => {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(Uint8Array.of(byte));
    };
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (at >= from && at < from + size) continue;
      put(at, bytes[at] ^ (1 << at % 8));
      assert.throws(() => readTar(file, bytes.length), RangeError, `byte ${at}`);
      put(at, bytes[at]);
      refused++;
    }
    assert.equal(refused, bytes.length - size);
    assert.equal(readTar(file, bytes.length).length, 2);
  }));

const refusals: readonly [what: string, change: ReturnType<typeof withField>, says: RegExp][] = [
  ["a path that leads out", withField(0, "../etc/passwd\0"), /leads outside.*"\.\.\/etc\/passwd"/],
  ["an absolute path", withField(0, "/etc/passwd\0"), /leads outside/],
  ["a path of Windows", withField(0, "C:\\windows\0"), /leads outside/],
  ["a device of Windows", withField(0, "top/con.txt\0"), /not every system takes/],
  ["a folder that leads out", withField(345, "../..\0"), /leads outside/],
  ["a name with a line feed", withField(0, "top/a\n✓ well\0"), /not every system takes/],
  ["a name that turns around", withField(0, "top/\u202egpj.exe\0"), /not every system takes/],
  ["a symbolic link", withField(156, "2/etc/passwd"), /is of a symbolic link, "top\/a\/block"/],
  ["a hard link", withField(156, "1/etc/passwd"), /is of a hard link/],
  ["a device", withField(156, "3"), /is of a device/],
  ["a folder", withField(156, "5"), /is of a folder/],
  ["a pipe", withField(156, "6"), /is of a pipe/],
  ["a header of pax", withField(156, "x"), /is of a header of the format pax/],
  ["a long name of GNU tar", withField(156, "L"), /is of a long name of GNU tar/],
  ["a kind that there is not", withField(156, "\u0001"), /is of kind "/],
  ["a size beyond the end", withField(124, "77777777777\0"), /more than the archive holds/],
  ["a size that is none", withField(124, "-0000000001\0"), /has the size "-0000000001", no number/],
  ["a size in base 256", withField(124, "\x80"), /no number/],
  ["another time", withField(136, "15000000000\0"), /differs in its field "time"/],
  ["another owner", withField(265, "root\0"), /differs in its field "name of the owner"/],
  ["another mode", withField(100, "0004755\0"), /differs in its field "mode"/],
  ["another format", withField(257, "ustar  \0"), /differs in its field "format"/],
  ["no format", withField(257, "\0\0\0\0\0\0\0\0"), /not of the format ustar/],
  ["text behind the name", withField(60, "hidden"), /differs in its field "name"/],
  ["the same file twice", withField(0, "top/b.txt\0\0\0", 0), /twice|order/],
  ["bytes behind the end", (bytes) => Uint8Array.of(...bytes, 0), /1 bytes stand behind its end/],
  ["no end", (bytes) => bytes.slice(0, -512), /more than the archive holds|end is cut off/],
  ["half a header", (bytes) => bytes.slice(0, 100), /ends within a header, at byte 100/],
  ["nothing", () => new Uint8Array(), /ends within a header, at byte 0/],
  ["a page", () => new TextEncoder().encode("<p>".repeat(600)), /not of the format ustar/],
];

Deno.test("archives that would harm, or that were written otherwise, are refused with the reason", async () => {
  for (const [what, change, says] of refusals) {
    await withTar(files, change, (_, read) => {
      assert.throws(read, (error) => error instanceof RangeError && says.test(error.message), what);
    });
  }
});

Deno.test("names that one of two systems takes for the same are refused", async () => {
  for (const [a, b] of [["A", "a"], ["\u00e9", "e\u0301"], ["ω", "Ω"]]) {
    const twins = [madeFile(`top/${a}`, ""), madeFile(`top/${b}`, "")];
    await withTar(twins, same, (_, read) => assert.throws(read, /twice, the other time as/));
  }
});

Deno.test("what would be refused is not written either", () => {
  for (
    const path of ["../a", "/a", "a//b", "a/./b", "a\\b", "a:b", "a/nul", "a.", "a ", "", "a/"]
  ) {
    assert.throws(() => bytesOf([madeFile(path, "")]), /must stay inside it/);
  }
  assert.throws(() => bytesOf([madeFile("x".repeat(101), "")]), /at most 100 bytes of UTF-8/);
  const huge = { path: "a", bytes: 8 ** 11, content: () => new Uint8Array() };
  assert.throws(() => bytesOf([huge]), /must have at most 8589934591 bytes/);
  const grown = { path: "a", bytes: 3, content: () => new Uint8Array(4) };
  assert.throws(() => bytesOf([grown]), /a has 4 bytes, not 3: it was changed meanwhile/);
});
