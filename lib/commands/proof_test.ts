import assert from "node:assert/strict";
import { join } from "node:path";
import { allFindings } from "../experiments/findings/all.ts";
import { verseStudies } from "../experiments/prompts/verses.ts";
import { remedyStudies } from "../experiments/remedies/all.ts";
import { reproductions } from "../experiments/reproductions/all.ts";
import { project, task } from "./_testing/task.ts";

Deno.test("datasets lists the catalogue with licences, verifies what is in packages, and refuses other words", async () => {
  const list = await task("datasets", "list");
  assert.equal(list.code, 0, list.errors);
  for (const name of ["moby-dick", "tinyshakespeare", "tatoeba-eng-fra-10k", "ptb", "wikitext-2"]) {
    assert.match(list.output, new RegExp(`^${name} `, "m"));
  }
  assert.match(list.output, /^ptb .*1085779 words .*Linguistic Data Consortium/m);
  const verify = await task("datasets", "verify", "moby-dick", "kjv-asv");
  assert.equal(verify.code, 0, verify.output + verify.errors);
  assert.match(verify.output, /2 verified, 0 not fetched, 0 different/);
  const packaged = await task("datasets", "fetch", "moby-dick");
  assert.equal(packaged.code, 0, packaged.errors);
  assert.match(packaged.output, /nothing to fetch[^]*Licence: public domain/);
  const unknown = await task("datasets", "fetch", "no-such-corpus");
  assert.equal(unknown.code, 2);
  assert.match(unknown.errors, /no dataset "no-such-corpus"; there are: moby-dick/);
  const wrong = await task("datasets", "burn");
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /takes list, add, verify, fetch, found "burn"[^]*datasets list/);
});

Deno.test("verify passes a reproduction as it was run, and exits with 1 when a digit of its records changes", async () => {
  const name = "published/word-lstm-short-quick";
  const folder = join(project, "results", name);
  const before = await Deno.stat(folder).then(() => true, () => false);
  try {
    const run = await task("reproduce", "word-lstm-short", "--quick");
    assert.equal(run.code, 0, run.errors);
    assert.match(
      run.output,
      /not run: validation perplexity[^]*word-lstm-short-quick\/reproduction/,
    );
    const well = await task("verify", `results/${name}/`, "--sample", "1");
    assert.equal(well.code, 0, well.output + well.errors);
    assert.match(well.output, /trained again on wasm: the same bits\n\d well, 0 not/);
    const journal = join(folder, "runs.jsonl");
    const records = await Deno.readTextFile(journal);
    await Deno.writeTextFile(journal, records.replace(/("durationSeconds":)\d/, "$19"));
    const changed = await task("verify", name);
    await Deno.writeTextFile(journal, records);
    assert.equal(changed.code, 1);
    assert.match(changed.output, /✗ report\.html[^]*✗ reproduction\.md|✗ report\.html/);
  } finally {
    if (!before) await Deno.remove(folder, { recursive: true });
  }
  const absent = await task("verify", "no-such-study");
  assert.equal(absent.code, 1);
  assert.match(absent.errors, /no study "no-such-study"/);
});

Deno.test("reproduce lists what there is, findings checks the documents", async () => {
  const { output } = await task("reproduce");
  assert.deepEqual(
    output.trim().split("\n").map((line) => line.split(" ")[0]),
    [...reproductions, ...allFindings, ...remedyStudies, ...verseStudies].map(({ name }) => name),
  );
  const unknown = await task("reproduce", "no-such-result");
  assert.equal(unknown.code, 2);
  assert.match(unknown.errors, /there are: pytorch-curve, nanogpt-cpu/);
  const findings = await task("findings");
  assert.equal(findings.code, 0, findings.output);
  assert.match(findings.output, /✓ docs\/findings\.md: \d+ marks/);
});
