import assert from "node:assert/strict";
import { join } from "node:path";
import { writePaper } from "../papers/write_paper.ts";
import { withStudy } from "./_testing/changed_study.ts";
import { trainSmallStudy } from "./_testing/small_study.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";

const problemsOf = (parts: readonly VerifiedPart[]) => parts.flatMap(({ problems }) => problems);
const saidOf = (parts: readonly VerifiedPart[]) =>
  parts.flatMap(({ what, notes }) => [what, ...notes]).join("\n");

/** Makes the first digit behind a place another one. */
async function otherDigit(path: string, behind: RegExp): Promise<string> {
  const text = await Deno.readTextFile(path);
  const found = text.match(behind);
  assert.ok(found, `${path} has no ${behind}`);
  const from = found.index! + found[0].length;
  const at = from + text.slice(from).search(/\d/);
  await Deno.writeTextFile(
    path,
    `${text.slice(0, at)}${(Number(text[at]) + 1) % 10}${text.slice(at + 1)}`,
  );
  return text;
}

Deno.test("a paper is made again from the records: a digit of it, or of a record, a file less or more is found", () =>
  withStudy(async (folder, project) => {
    const paper = await writePaper(folder);
    const verified = () => verifyStudy("small", { project });
    const clean = await verified();
    assert.deepEqual(problemsOf(clean), []);
    assert.match(
      saidOf(clean),
      /paper\/: every number, text and figure of the paper, in \d+ files made of the records again/,
    );
    for (
      const [name, behind] of [["article.tex", /\d\.\d/], ["tables/main.tex", /\d\.\d/], [
        "numbers.tex",
        /\\newcommand/,
      ]] as const
    ) {
      const path = join(paper, name);
      const before = await otherDigit(path, behind);
      const [problem, ...others] = problemsOf(await verified());
      assert.match(
        problem,
        new RegExp(`^paper/${name}: it is not what the records give, first at`),
      );
      assert.deepEqual(others, []);
      await Deno.writeTextFile(path, before);
    }
    for await (const { name, isFile } of Deno.readDir(paper)) {
      if (!isFile) continue;
      const path = join(paper, name);
      const before = await Deno.readFile(path);
      await Deno.writeFile(path, Uint8Array.of(...before, 10));
      assert.match(problemsOf(await verified()).join(), new RegExp(`^paper/${name}: it is not`));
      await Deno.remove(path);
      assert.match(problemsOf(await verified()).join(), new RegExp(`^paper/${name} is not there`));
      await Deno.writeFile(path, before);
    }
    await Deno.writeTextFile(join(paper, "article.pdf"), "%PDF");
    await Deno.writeTextFile(join(paper, "mine.tex"), "x");
    const said = saidOf(await verified());
    assert.match(said, /paper\/article\.pdf: not looked at/);
    assert.match(said, /paper\/mine\.tex: nothing of the study names it/);
    await otherDigit(join(folder, "runs.jsonl"), /"heldOutLoss":/);
    assert.match(problemsOf(await verified()).join("\n"), /^paper\/[\w./]+: it is not what the/m);
  }));

Deno.test("a paper of a comparison is made again where the other study is there, and said where it is not", () =>
  withStudy(async (folder, project) => {
    const other = await trainSmallStudy(project, { name: "of/others", seeds: [2] });
    const paper = await writePaper([folder, other.folder]);
    assert.equal(paper, join(folder, "paper-with-of-others"));
    const verified = () => verifyStudy("small", { project });
    const clean = await verified();
    assert.deepEqual(problemsOf(clean), []);
    assert.match(
      saidOf(clean),
      /paper-with-of-others\/: .* in \d+ files made of the records again/,
    );
    const path = join(paper, "article.tex");
    const before = await otherDigit(path, /\d\.\d/);
    assert.match(
      problemsOf(await verified()).join(),
      /^paper-with-of-others\/article\.tex: it is not/,
    );
    await Deno.writeTextFile(path, before);
    await otherDigit(join(other.folder, "runs.jsonl"), /"final":.*?"heldOutLoss":\d\./);
    assert.match(
      problemsOf(await verified()).join(),
      /paper-with-of-others\/[\w./]+: it is not what/,
    );
    await Deno.remove(other.folder, { recursive: true });
    const alone = await verified();
    assert.deepEqual(problemsOf(alone), []);
    assert.match(
      saidOf(alone),
      /not looked at, because a study that it compares with is not there/,
    );
  }));

Deno.test("a paper of a contrast within several studies is made again by the definition in its folder", () =>
  withStudy(async (folder, project) => {
    const others = await Promise.all(
      [2, 3].map((seed) => trainSmallStudy(project, { name: `other-${seed}`, seeds: [seed] })),
    );
    const contrast = { point: { lambda: 0.01 }, from: { lambda: 0 }, region: 0.5 };
    const paper = await writePaper([folder, ...others.map((each) => each.folder)], { contrast });
    assert.equal(paper, join(folder, "paper-with-other-2-and-other-3-by-point"));
    const verified = () => verifyStudy("small", { project });
    const clean = await verified();
    assert.deepEqual(problemsOf(clean), []);
    assert.match(saidOf(clean), /by-point\/: .* in \d+ files made of the records again/);
    const path = join(paper, "comparison.json");
    const before = await otherDigit(path, /"region": 0\./);
    assert.match(problemsOf(await verified()).join("\n"), /^paper-with-[\w./-]+: it is not what/m);
    await Deno.writeTextFile(path, before.replace('"small"', '"other-2"'));
    assert.match(
      problemsOf(await verified()).join("\n"),
      /its first study should be small, found "other-2"/,
    );
    await Deno.writeTextFile(path, before);
    await otherDigit(join(others[1].folder, "runs.jsonl"), /"final":.*?"heldOutLoss":\d\./);
    assert.match(problemsOf(await verified()).join("\n"), /^paper-with-[\w./-]+: it is not what/m);
  }));
