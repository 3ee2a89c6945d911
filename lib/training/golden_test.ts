import assert from "node:assert/strict";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { numericsVersion } from "../core/version.ts";
import { useEngine } from "../engine/engine.ts";
import { type GoldenDigests, goldenDigests } from "./testing/golden.ts";
import { digestsOf, stored } from "./testing/golden_digests.ts";

Deno.test("wasm trains to the stored bits: a change of numbers needs another numericsVersion", async () => {
  assert.equal(numericsVersion, stored.numericsVersion);
  assert.deepEqual(await goldenDigests("wasm"), { engine: "wasm", digests: stored.digests });
});

/** What the engine `relaxed` must give, by what it says of the CPU. */
function checkRelaxed({ engine, digests }: GoldenDigests): void {
  assert.match(engine, /^relaxed\/(fused|unfused)$/);
  assert.deepEqual(digests, digestsOf(engine));
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
