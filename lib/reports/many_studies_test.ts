import assert from "node:assert/strict";
import { join } from "node:path";
import type { StudyRecords } from "../statistics/study_records.ts";
import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { comparisonName, parseComparisonDefinition } from "./comparison_definition.ts";
import { manyStudiesDocument } from "./many_studies.ts";
import { escapeMarkdown, renderMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { figurePaths } from "./report.ts";
import { showComparisonSection } from "./show_section.ts";
import { writeComparison, writeMarkdownComparison } from "./write_comparison.ts";

const kept = ["closing-the-gap", "other-pages"];
const keptFolder = (name: string) =>
  new URL(`../../results/findings/${name}`, import.meta.url).pathname;

function textOf(study: StudyRecords, name: string, text = name): StudyRecords {
  const corpus = { ...study.record.corpus, name: text, sha256: text };
  return { ...study, record: { ...study.record, name, corpus } };
}

function synthetic(name: string, text: number): StudyRecords {
  return textOf(
    syntheticRecords({ axes: { lambda: [0, 1e-4] }, seeds: [text], folds: 4, ownNoise: 0.02 }),
    name,
  );
}

const names = ["ash", "birch", "cedar", "date", "elm", "fir"];
const six = names.map(synthetic);

function plainPage(document: ReturnType<typeof manyStudiesDocument>): string {
  return renderPage(document, "/* plotly */").replace(/<script.*?<\/script>/gs, "")
    .replace(/<style.*?<\/style>/gs, "").replace(/<[^>]*>/g, "");
}

Deno.test("a page of several studies leads with what they come to over texts", () => {
  const document = manyStudiesDocument(six, { point: { lambda: 1e-4 } });
  const page = plainPage(document);
  assert.match(
    page,
    /In general, over 6 texts, λ = 1e-4 has a lower validation loss than the baseline/,
  );
  assert.match(page, /Each study reads a text of its own/);
  assert.match(
    page,
    /in one more study the difference is below 0 with probability (above )?9\d\.\d %/,
  );
  for (const name of names) assert.ok(page.includes(name));
  assert.ok(!/NaN|undefined|\[object/.test(page));
  assert.equal(document.figures.length, 1);
  const markdown = renderMarkdown(document, [figurePaths(0)]);
  assert.match(markdown, /\| mean of 6 texts, paired t \| −0\.\d+ \| −0\.\d+ to −0\.\d+ \|/);
});

Deno.test("a page of arms shows each that all studies share, adjusted together", () => {
  const arms = names.map((name, index) => {
    const shift = index / 50;
    const loss = (gain: number) =>
      [[1, 2 - gain], [1, 2.1 - gain - shift], [1, 2.3 - gain + shift / 3]] as const;
    const own = armsHandStudy({
      none: { points: [{}], dimensions: {}, losses: [loss(0)] },
      decay: { points: [{ x: 1 }], losses: [loss(0.1 + shift)] },
      l1: { points: [{ x: 1 }], losses: [loss(shift - 0.05)] },
    });
    return textOf(own, name);
  });
  const document = manyStudiesDocument(arms, { draws: 500 });
  const page = plainPage(document);
  assert.equal(document.figures.length, 2);
  assert.match(
    page,
    /decay has a lower validation loss than none: .*? after Holm over 2 contrasts/,
  );
  assert.match(page, /No difference between l1 and none is shown in general/);
  const [one] = manyStudiesDocument(arms, { arm: "l1", draws: 500 }).figures;
  assert.match(one.caption, /^l1 − none in each study/);
  const shown = showComparisonSection(arms, "differences", { arm: "decay", draws: 500 });
  assert.match(String(shown), /### decay − none/);
  assert.throws(() => showComparisonSection(arms, "points" as "abstract"), /section must be/);
});

Deno.test("studies that are kept, of one book, are shown beside each other and not combined", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = { arm: "decay", path: join(folder, "page.md") };
    const path = await writeMarkdownComparison(kept.map(keptFolder), options);
    const markdown = await Deno.readTextFile(path);
    // As results/findings/other-pages/finding.md has it: −0.077, −0.102 to −0.052.
    assert.match(
      markdown,
      /\| findings\/other-pages \| moby-dick \| 10 \| −0\.077 \| −0\.102 to −0\.052 \|/,
    );
    assert.match(
      markdown,
      /read different stretches of one text, moby-dick, which counts as one text/,
    );
    assert.match(markdown, /The hierarchical model needs three studies/);
    assert.match(markdown, /corpus\.excerpt\.start \| 40000 \| 700000/);
    assert.ok(!markdown.includes("In general"));
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(),
      ["figures", "page.md"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a comparison of several is written with its definition beside it", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folders = await Promise.all(
      six.slice(0, 3).map(async ({ record, records }) => {
        const folder = join(root, record.name);
        await Deno.mkdir(folder);
        await Deno.writeTextFile(join(folder, "study.json"), JSON.stringify(record));
        const lines = records.map((run) => JSON.stringify(run) + "\n").join("");
        await Deno.writeTextFile(join(folder, "runs.jsonl"), lines);
        return folder;
      }),
    );
    const options = { point: { lambda: 1e-4 }, draws: 500 };
    const path = await writeComparison(folders, options);
    assert.equal(path, join(root, "ash", "compare-with-birch-and-cedar-by-point.html"));
    const text = await Deno.readTextFile(path.replace(".html", ".json"));
    assert.deepEqual(parseComparisonDefinition(text), { studies: names.slice(0, 3), options });
    const page = await Deno.readTextFile(path);
    const markdown = await Deno.readTextFile(await writeMarkdownComparison(folders, options));
    const [, abstract] = /<p class="abstract">(.*?)<\/p>/s.exec(page)!;
    assert.ok(markdown.includes(escapeMarkdown(abstract.replace(/<[^>]*>/g, ""))));
    assert.match(markdown, /figures\/compare-with-birch-and-cedar-by-point-01\.png/);
    await assert.rejects(
      writeComparison(folders, { lambda: 1 } as never),
      /unknown option "lambda"/,
    );
    await assert.rejects(writeComparison(folders.slice(1, 2)), /at least two studies, found 1/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("files of a comparison are called by the other studies and by what is compared", () => {
  assert.equal(comparisonName(["a", "folder/b"]), "compare-with-folder/b");
  assert.equal(comparisonName(["a", "folder/b"], {}), "compare-with-folder-b-by-selection");
  assert.equal(
    comparisonName(["a", "b", "c"], { arm: 'l1 "x"' }),
    "compare-with-b-and-c-by-l1--x-",
  );
  const many = Array.from({ length: 40 }, (_, index) => `study-${index}`);
  assert.equal(comparisonName(many, {}), "compare-with-39-studies");
  assert.throws(
    () => parseComparisonDefinition(`{"studies":"a","options":{}}`),
    /studies must be a list/,
  );
  assert.throws(
    () => parseComparisonDefinition(`{"studies":["a"],"options":{"x":1}}`),
    /unknown option "x"/,
  );
});
