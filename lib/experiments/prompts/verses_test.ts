import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../../core/project.ts";
import { withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { makePairFolds } from "../../data/pair_folds.ts";
import { loadTokenPairs } from "../../data/pair_tokens.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { loadStudy } from "../../studies/study.ts";
import { replaceBetweenMarks } from "../between_marks.ts";
import { renderVerses, versesDocumentName, versesTable } from "./document.ts";
import { runVerses } from "./run_verses.ts";
import { verseStudies, verseStudyName, verseStudyOf } from "./verses.ts";

const project = projectFolder(fileURLToPath(new URL(".", import.meta.url)));

Deno.test("both studies of verses read the same pairs in the same folds", async () => {
  const laid = await Promise.all(verseStudies.map(async (each) => {
    const { specify, folds } = each.study(false);
    const { corpus, tokenizer } = specify({ learningRate: 1e-3 }) as never;
    return makePairFolds(folds as never, await loadTokenPairs(corpus, tokenizer));
  }));
  assert.deepEqual(laid[1], laid[0]);
  for (const each of verseStudies) {
    assert.equal(verseStudyOf(verseStudyName(each)), each);
    assert.equal(verseStudyOf(verseStudyName(each, true)), each);
  }
  assert.equal(verseStudyOf("findings/l1-zeros"), null);
});

Deno.test("a quick study of verses runs, and its document is what its records give", () =>
  withTemporaryProject(async (temporary) => {
    const [decoderOnly] = verseStudies;
    const options = { project: temporary, quick: true, reporter: silentReporter };
    const { folder } = await runVerses(decoderOnly, options);
    const study = loadStudy(verseStudyName(decoderOnly, true), { project: temporary });
    const written = await Deno.readTextFile(join(folder, versesDocumentName));
    assert.equal(written, renderVerses(decoderOnly, study));
    assert.match(written, /\| decoder-only Transformer \| 0\.002 +\|/);
    assert.doesNotMatch(written, /undefined|NaN/);
  }));

Deno.test("the table of docs/prompts.md is what the kept records give", async () => {
  const path = join(project, "docs", "prompts.md");
  const page = await Deno.readTextFile(path);
  const table = versesTable(verseStudies.map((study) => ({
    study,
    source: loadStudy(verseStudyName(study), { project }),
  })));
  const marks = { begin: "<!-- verses -->", end: "<!-- /verses -->", document: "docs/prompts.md" };
  const due = replaceBetweenMarks(page, marks, () => `\n\n${table}\n`);
  if (Deno.args.includes("--update")) await Deno.writeTextFile(path, due);
  else assert.equal(page, due, "deno task test lib/experiments/prompts -- --update writes it");
});
