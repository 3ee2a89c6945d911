import assert from "node:assert/strict";
import { loadBlas, usualPlaces } from "./blas.ts";

/** Libraries of the system that surely are no BLAS. */
const notBlas: { readonly [os: string]: string } = {
  linux: "libm.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
  windows: "kernel32.dll",
};
const system = notBlas[Deno.build.os];

Deno.test({
  name: "loadBlas says which function a library does not have" +
    (system === undefined ? ` (skipped: no library of ${Deno.build.os} is known)` : ""),
  ignore: system === undefined,
  fn: () => assert.rejects(loadBlas(system), /cblas_sgemm/),
});

Deno.test("loadBlas says that a file is no library, is truncated, or is not there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-blas-" });
  try {
    const broken = `${folder}/libbroken.so`;
    const refused = async (path: string) => {
      await assert.rejects(loadBlas(path), (error) => {
        assert.ok(
          error instanceof Error && /Could not open library/.test(error.message),
          `${error}`,
        );
        return true;
      });
    };
    await refused(broken);
    // Nothing, a text, and the beginning of a library of Linux without the rest.
    for (const content of ["", "no library", "\x7fELF\x02\x01\x01", "\x7fELF".padEnd(4096, "\0")]) {
      await Deno.writeTextFile(broken, content);
      await refused(broken);
    }
    await refused(folder);
    // The header of a library with one segment of which the file has the first half.
    const truncated = new DataView(new ArrayBuffer(512));
    truncated.setUint32(0, 0x7f454c46);
    truncated.setUint16(4, 0x0201);
    truncated.setBigUint64(32, 64n, true);
    truncated.setUint16(54, 56, true);
    truncated.setUint16(56, 1, true);
    truncated.setUint32(64, 1, true);
    truncated.setBigUint64(64 + 32, 1024n, true);
    await Deno.writeFile(broken, new Uint8Array(truncated.buffer));
    await assert.rejects(loadBlas(broken), /is truncated: it has 512 of at least 1024 bytes/);
    const [place] = usualPlaces().filter((path) => path.includes("/") && exists(path));
    if (Deno.build.os !== "linux" || place === undefined) return;
    // Half of a real one: the loader would map it, and the process would end with SIGBUS.
    const whole = await Deno.readFile(place);
    await Deno.writeFile(broken, whole.subarray(0, whole.length >> 1));
    await assert.rejects(loadBlas(broken), /is truncated/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
