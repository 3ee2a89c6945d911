import assert from "node:assert/strict";
import { withGifts } from "../verification/testing/received_folders.ts";
import { cliIn, outcomeOf } from "./_testing/cli.ts";

Deno.test("the command verify says how code of others is trusted, and trains it with the permissions of its task", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    const verify = async (...args: string[]) =>
      await outcomeOf(await cliIn(project, "verify", "gift", ...args));
    const trust = ["--trust", sha256("gift")];
    const plain = await verify();
    assert.equal(plain.code, 0, plain.output + plain.errors);
    assert.match(plain.output, new RegExp(`– results/gift/gift\\.ts is not code.*${trust[1]}`));
    const refused = await verify("--sample", "1");
    assert.equal(refused.code, 1, refused.output);
    const trained = await verify("--sample", "1", ...trust);
    assert.equal(trained.code, 0, trained.output + trained.errors);
    assert.match(trained.output, /✓ run [0-9a-f]{12} trained again on wasm: the same bits/);
    const wrong = await verify("--trust", "yes");
    assert.equal(wrong.code, 2);
    assert.match(wrong.errors, /--trust must be the SHA-256 .* found "yes"/);
    assert.equal(await hasRun(), false);
  }));
