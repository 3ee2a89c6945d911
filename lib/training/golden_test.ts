import assert from "node:assert/strict";
import { denoProgram } from "../core/deno_program.ts";
import { numericsVersion } from "../core/version.ts";
import { goldenDigests } from "./testing/golden.ts";

// The numbers of the engine `wasm`, as stored with numericsVersion 1. If this test fails although no
// number was meant to change, something broke; if one was, raise numericsVersion and store again
// (`deno run --allow-env lib/training/testing/golden.ts` prints the digests).
const stored = {
  numericsVersion: 1,
  digests: {
    gru: "f179d8aebbf7ea7b73c6df3d2347343561dce4df10c884cb6eb3a3978a4326ba",
    lstm: "d8ef443b9f7d7f5aff05f92376a2052fddd79b8d60155548fcbf6123f8221d49",
    rnn: "1abbc0d7b8f32bb87692cc5530585fc2e702d813e6a9b07bbbb172de7fff822b",
    transformer: "51a6061030e85a9ab958ba762d8115eecf299ddebf33233bffd1a1a0739db2f9",
    sequenceToSequence: "c03d7a7da493458a5ca4f2e4dbbd28a04914f7a31374fc55ab6f1986685b4c27",
  },
};

Deno.test("wasm trains to the stored bits: a change of numbers needs another numericsVersion", async () => {
  assert.equal(numericsVersion, stored.numericsVersion);
  assert.deepEqual(await goldenDigests(), stored.digests);
});

// AVX and FMA give other instructions, Liftoff is V8's baseline compiler, no-liftoff its optimizer.
for (
  const flags of [
    "--no-enable-avx,--no-enable-avx2,--no-enable-fma3",
    "--liftoff-only",
    "--no-liftoff",
  ]
) {
  Deno.test(`wasm trains to the stored bits under V8's ${flags}`, async () => {
    const script = new URL("./testing/golden.ts", import.meta.url);
    const { code, stdout, stderr } = await new Deno.Command(
      denoProgram("train under other flags"),
      {
        args: ["run", "--no-prompt", "--allow-env", `--v8-flags=${flags}`, script.href],
      },
    ).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), stored.digests);
  });
}
