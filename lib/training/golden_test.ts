import assert from "node:assert/strict";
import { denoProgram } from "../core/deno_program.ts";
import { numericsVersion } from "../core/version.ts";
import { goldenDigests } from "./testing/golden.ts";

// The numbers of the engine `wasm`, as stored with numericsVersion 2. If this test fails although no
// number was meant to change, something broke; if one was, raise numericsVersion and store again
// (`deno run --allow-env lib/training/testing/golden.ts` prints the digests).
const stored = {
  numericsVersion: 2,
  digests: {
    gru: "d1263d158dce19c341a012a0117c555132ceb7e6953bdc284c38fb4cca7de7ba",
    lstm: "18b6fbc4e6bcbfbd826ca6e09777f75c069e070c0f5d6591d30b8686518c42f7",
    rnn: "5b4ec3958efc4890fd447ebdaf13dc32770eb0f1e51594627adf7b92bb0a387b",
    transformer: "5f02480a2cf74ec3506c4b3a1f5434148bc8023fc01632a0692cc5ac2796e631",
    sequenceToSequence: "91fe7b48ec8f43e85260dac3f8f46741f8f956844147c23f4a6be0d205f7f8bb",
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
