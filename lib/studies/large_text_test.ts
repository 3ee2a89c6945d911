import assert from "node:assert/strict";
import { join } from "node:path";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { bytes } from "../data/tokenizers/bytes.ts";
import { writeJsonLines } from "./_testing/json_lines.ts";
import { killWhileTokenizing, runLargeText, storedTokens } from "./_testing/large_text.ts";
import { withProject } from "./_testing/parts.ts";

/** Of the lines; `deno task bench large-text` does the same with 1,000. */
const megabytes = 64;

Deno.test({
  name: "a study on 64 MB of documents makes tokens once, also after a kill, in 400 MiB a process",
  // Memory of processes is read from /proc.
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withProject(async (project) => {
      writeJsonLines(join(project, "large.jsonl"), megabytes * 1e6);
      const request = {
        name: "first",
        path: "large.jsonl",
        tokenizer: bytes(),
        decays: [0],
        workers: 2,
      };
      await killWhileTokenizing(project, request);
      assert.ok(storedTokens(project).every(({ unfinished }) => unfinished));
      const first = await runLargeText(project, request);
      const made = storedTokens(project);
      assert.equal(made.length, 2, "one folder a fold");
      assert.ok(made.every(({ unfinished }) => !unfinished));
      assert.equal(first.vocabulary, 258);
      assert.ok(first.trainingTokens > 30e6, `${first.trainingTokens}`);
      const second = await runLargeText(project, { ...request, name: "second", decays: [0.1] });
      assert.deepEqual(storedTokens(project), made);
      for (const { coordinatorMebibytes, trainingMebibytes } of [first, second]) {
        assert.equal(trainingMebibytes.length, 2);
        for (const mebibytes of [coordinatorMebibytes, ...trainingMebibytes]) {
          assert.ok(mebibytes > 0 && mebibytes <= 400, `${mebibytes} MiB`);
        }
      }
    }),
});

Deno.test({
  name:
    "byte pairs are learned once for each fold, and another study has the losses of the same ones",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withProject(async (project) => {
      writeJsonLines(join(project, "large.jsonl"), 3e6);
      const request = {
        name: "first",
        path: "large.jsonl",
        tokenizer: bytePairs({ vocabularySize: 512 }),
        decays: [0],
        workers: 2,
      };
      const first = await runLargeText(project, request);
      const made = storedTokens(project);
      assert.equal(made.length, 2);
      assert.ok(first.vocabulary > 500 && first.trainingTokens < 1.2e6, JSON.stringify(first));
      // The same runs, by tokens that are there.
      const again = await runLargeText(project, { ...request, name: "again" });
      assert.equal(again.digest, first.digest);
      assert.deepEqual(storedTokens(project), made);
    }),
});
