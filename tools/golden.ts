import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { GoldenDigests } from "../lib/training/testing/golden.ts";
import { digestsOf } from "../lib/training/testing/golden_digests.ts";
import { armDeno } from "./_arm_deno.ts";
import { check, finish, print } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `golden [--arm]
  Trains the small models of lib/training/testing/golden.ts on the engines wasm and relaxed, and compares
  the SHA-256 of their weights with the stored ones.
  --arm  on an emulated AArch64 processor, by Debian's qemu-user-static: about four minutes. Deno for it
         comes from npm, the emulator and the libraries from Debian's archive, into .temporary/arm.
  The last line is: N passed, N failed.`;

const { arm } = toolOptions(usage, { arm: { type: "boolean", default: false } });
const [program, ...before] = arm ? await armDeno() : [Deno.execPath()];
print(
  arm
    ? "On an AArch64 processor that QEMU emulates."
    : `On ${cpus()[0]?.model ?? "this machine"}, ${Deno.build.arch}.`,
);
const script = fileURLToPath(new URL("../lib/training/testing/golden.ts", import.meta.url));
const outcomes = [];
for (const engine of ["wasm", "relaxed"]) {
  const { success, stdout } = await new Deno.Command(program, {
    args: [...before, "run", "--no-prompt", "--no-check", "--allow-env", script, engine],
    stderr: "inherit",
  }).output();
  if (!success) {
    outcomes.push(check(false, `${engine} trains`));
    continue;
  }
  const { engine: id, digests } = JSON.parse(new TextDecoder().decode(stdout)) as GoldenDigests;
  const stored = digestsOf(id);
  for (const model of new Set([...Object.keys(stored), ...Object.keys(digests)])) {
    const same = stored[model] === digests[model];
    print(`${same ? "✓" : "✗"} ${id} ${model} ${digests[model]}`);
    outcomes.push(check(same, `${id} ${model}`));
  }
}
finish(outcomes);
