import assert from "node:assert/strict";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { numericsVersion } from "../core/version.ts";
import { useEngine } from "../engine/engine.ts";
import { type GoldenDigests, goldenDigests } from "./testing/golden.ts";

// The numbers of the engine `wasm`, as stored with numericsVersion 2. If this test fails although no
// number was meant to change, something broke; if one was, raise numericsVersion and store again
// (`deno run --allow-env lib/training/testing/golden.ts [relaxed]` prints the digests).
const stored = {
  numericsVersion: 2,
  digests: {
    gru: "d1263d158dce19c341a012a0117c555132ceb7e6953bdc284c38fb4cca7de7ba",
    lstm: "18b6fbc4e6bcbfbd826ca6e09777f75c069e070c0f5d6591d30b8686518c42f7",
    rnn: "5b4ec3958efc4890fd447ebdaf13dc32770eb0f1e51594627adf7b92bb0a387b",
    transformer: "5f02480a2cf74ec3506c4b3a1f5434148bc8023fc01632a0692cc5ac2796e631",
    sequenceToSequence: "91fe7b48ec8f43e85260dac3f8f46741f8f956844147c23f4a6be0d205f7f8bb",
  },
  // Of the engine `relaxed` where the CPU multiplies and adds at once.
  fused: {
    gru: "20223f3842be99330eb5afea4d8f74813cfeef55632e636f20c4af4af872eb7b",
    lstm: "ec88884d374c5252c6775827a9a4cae96ce02119e8c286833c61d775169447da",
    rnn: "76ad61e64fd5db6e67e420eb9fec9f5f4e7639daa095bd6d9b306929d1b2cedc",
    transformer: "f102a36a163dc847b4eb114719a581adb71a7b13be5ecd2e11a409f369753ba3",
    sequenceToSequence: "3e6b634b6548bcd1fef0d29c23d94109ad16e088d3a1b1e421bfade377e2a389",
  },
};

Deno.test("wasm trains to the stored bits: a change of numbers needs another numericsVersion", async () => {
  assert.equal(numericsVersion, stored.numericsVersion);
  assert.deepEqual(await goldenDigests("wasm"), { engine: "wasm", digests: stored.digests });
});

/** What the engine `relaxed` must give, by what it says of the CPU. */
function checkRelaxed({ engine, digests }: GoldenDigests): void {
  assert.match(engine, /^relaxed\/(fused|unfused)$/);
  assert.deepEqual(digests, engine === "relaxed/fused" ? stored.fused : stored.digests);
}

Deno.test("relaxed trains to the stored bits of its id", async () => {
  checkRelaxed(await goldenDigests("relaxed"));
});

const native = (await useEngine("native")).name === "native";

// A `smallestWork` of 0 shares what there is, however small.
for (const threads of [2, 3]) {
  Deno.test(`wasm and relaxed train to the stored bits on ${threads} threads`, async () => {
    const options = { threads, smallestWork: 0 };
    try {
      const wasm = await goldenDigests("wasm", options);
      assert.deepEqual(wasm, { engine: "wasm", digests: stored.digests });
      checkRelaxed(await goldenDigests("relaxed", options));
    } finally {
      await useEngine("wasm");
    }
  });

  Deno.test({
    name: `blocked trains to the same bits on ${threads} threads${
      native ? "" : " (skipped: no BLAS)"
    }`,
    ignore: !native,
    async fn() {
      const one = await goldenDigests("blocked");
      assert.match(one.engine, /^blocked\//);
      try {
        assert.deepEqual(await goldenDigests("blocked", { threads, smallestWork: 0 }), one);
      } finally {
        await useEngine("wasm");
      }
    },
  });
}

async function goldenDigestsUnder(flags: string, engine: string): Promise<GoldenDigests> {
  const script = new URL("./testing/golden.ts", import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(
    denoProgram("train under other flags"),
    {
      args: ["run", "--no-prompt", "--allow-env", `--v8-flags=${flags}`, script.href, engine],
    },
  ).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const withoutFusedOperations = "--no-enable-avx,--no-enable-avx2,--no-enable-fma3";

// AVX and FMA give other instructions, Liftoff is V8's baseline compiler, no-liftoff its optimizer.
for (const flags of [withoutFusedOperations, "--liftoff-only", "--no-liftoff"]) {
  Deno.test(`wasm trains to the stored bits under V8's ${flags}`, async () => {
    assert.deepEqual(await goldenDigestsUnder(flags, "wasm"), {
      engine: "wasm",
      digests: stored.digests,
    });
  });
}

Deno.test("relaxed has the bits of wasm, and says so, where nothing is fused", async () => {
  assert.deepEqual(await goldenDigestsUnder(withoutFusedOperations, "relaxed"), {
    engine: "relaxed/unfused",
    digests: stored.digests,
  });
});

for (const flags of ["--liftoff-only", "--no-liftoff"]) {
  Deno.test(`relaxed trains to the stored bits of its id under V8's ${flags}`, async () => {
    checkRelaxed(await goldenDigestsUnder(flags, "relaxed"));
  });
}
