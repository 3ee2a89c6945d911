import assert from "node:assert/strict";
import { takeLock } from "./lock.ts";
import { readLines } from "../pool/protocol.ts";
import { withProject } from "../_testing/parts.ts";

Deno.test("takeLock refuses a second holder in the same process until the first releases", () =>
  withProject((project) => {
    const path = `${project}/results/a/.lock`;
    const first = takeLock(path, 'Study "a"');
    assert.throws(
      () => takeLock(path, 'Study "a"'),
      new RegExp(`Study "a" is being written by process ${Deno.pid}.*Only one may write`, "s"),
    );
    first.release();
    first.release();
    takeLock(path, 'Study "a"').release();
    return Promise.resolve();
  }));

Deno.test("takeLock refuses while another process holds it, and not once that was killed", () =>
  withProject(async (project) => {
    const path = `${project}/.lock`;
    const holder = new Deno.Command("deno", {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        `--allow-read=${project}`,
        `--allow-write=${project}`,
        new URL("../_testing/hold_lock.ts", import.meta.url).href,
        path,
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = readLines(holder.stdout);
    try {
      assert.equal((await lines.next()).value, "held");
      assert.throws(() => takeLock(path, "Study"), new RegExp(`by process ${holder.pid}`));
    } finally {
      holder.kill("SIGKILL");
      await holder.status;
      await lines.return(undefined);
    }
    takeLock(path, "Study").release();
  }));

Deno.test("takeLock says what cannot be opened", () =>
  withProject(async (project) => {
    await Deno.writeTextFile(`${project}/results`, "");
    assert.throws(
      () => takeLock(`${project}/results/a/.lock`, 'Study "a"'),
      /Study "a" cannot be written: .*\.lock cannot be opened .*No run was started/s,
    );
  }));
