import assert from "node:assert/strict";
import { generateStudy, shapes } from "../studies/testing/generated_studies.ts";
import { paperFiles } from "./paper_files.ts";

/** Running text of a paper: all but comments, headings, tables, figures, captions, code, samples and formulas. */
function runningText(tex: string): string {
  const body = tex.replace(/^[^]*?\\begin\{document\}/, "");
  return body.replace(/(?<!\\)%.*$/gm, "")
    .replace(/\\begin\{(figure|codelines|quote|thebibliography)\}[^]*?\\end\{\1\}/g, "")
    .replace(/^\\(sub)*section\{.*$/gm, "")
    .replace(/\\(title|date|cite|ref|label|input|texttt|actualtext)\{[^{}]*\}/g, "")
    .replace(/\\\[[^]*?\\\]|(?<!\\)\$[^$]*\$/g, "");
}

/** Decimal numbers that are typed, but for versions and names with digits. */
function typedDecimals(text: string, names: readonly string[]): string[] {
  const without = names.toSorted((a, b) => b.length - a.length)
    .reduce((all, name) => all.replaceAll(name, ""), text);
  return [...without.matchAll(/.{0,40}(?<![\w.@-])\d+\.\d+(?![\w.-]).{0,20}/g)].map(([found]) =>
    found
  );
}

const pieces = /^(article|methods(-of-\d+)?|data|checklist)\.tex$/;

for (
  const shape of ["lambda-alpha", "arms", "documents-by-group", "some-missing", "hostile-names"]
) {
  Deno.test(`in the running text of a paper of the study ${shape} no decimal number is typed, and each macro is defined once`, async () => {
    assert.ok(shape in shapes, Object.keys(shapes).join(" "));
    await checkPaper([await generateStudy(shape, shapes[shape])]);
  });
}

Deno.test("the same of a comparison, whose numbers name the records of both studies", async () => {
  const studies = await Promise.all(
    ["first", "second"].map((name) => generateStudy(name, shapes["lambda-alpha"])),
  );
  const numbers = await checkPaper(studies);
  for (const name of ["first", "second"]) {
    assert.match(numbers, new RegExp(`^%   ${name}/runs\\.jsonl [0-9a-f]{64}$`, "m"));
    assert.match(numbers, new RegExp(`^% .*, of ${name}/runs\\.jsonl \\([0-9a-f]{12}\\)$`, "m"));
  }
  assert.match(numbers, /^% .*compared with first\/runs\.jsonl.*, of second\/runs\.jsonl/m);
});

Deno.test("the same of three studies that are compared by what they share", async () => {
  const studies = await Promise.all(
    ["first", "second", "third"].map((name) => generateStudy(name, shapes.arms)),
  );
  const numbers = await checkPaper(studies);
  assert.match(
    numbers,
    /^% .*compared with first\/runs\.jsonl and second\/runs\.jsonl.*, of third\/runs\.jsonl/m,
  );
});

Deno.test("the same of eleven studies, whose methods have macros of their own", async () => {
  const names = Array.from({ length: 11 }, (_, index) => `study ${"abcdefghijk"[index]}`);
  const numbers = await checkPaper(
    await Promise.all(names.map((name) => generateStudy(name, shapes["lambda-alpha"]))),
  );
  assert.match(numbers, /\\newcommand\{\\NumKmethodsof[A-Z]+\}/);
});

async function checkPaper(
  studies: readonly Awaited<ReturnType<typeof generateStudy>>[],
): Promise<string> {
  const files = await paperFiles({ studies });
  const texts = new Map(
    files.flatMap(({ path, content }) =>
      typeof content === "string" ? [[path, content] as const] : []
    ),
  );
  for (const [path, text] of texts) assert.doesNotMatch(text, /[\ufdd0-\ufdef]/, path);
  const names = studies.flatMap(({ record: { provenance } }) => [
    ...Object.entries(provenance.packages).map(([name, version]) => `${name} ${version}`),
    `Parsimony ${provenance.parsimony}`,
    `Deno ${provenance.deno}`,
    `version ${provenance.parsimony}`,
  ]);
  const prose = [...texts].filter(([path]) => pieces.test(path));
  assert.ok(prose.length >= 4);
  for (const [path, tex] of prose) {
    const typed = typedDecimals(runningText(tex), names).filter((each) =>
      !/p(?: |~)<(?: |~)0\.05/.test(each)
    );
    assert.deepEqual(typed, [], path);
  }
  const numbers = texts.get("numbers.tex")!;
  const defined = [...numbers.matchAll(/^\\newcommand\{\\(\w+)\}/gm)].map(([, name]) => name);
  assert.equal(new Set(defined).size, defined.length);
  const used = new Set(
    prose.flatMap(([, tex]) => [...tex.matchAll(/\\(Num\w+)\{\}/g)].map(([, name]) => name)),
  );
  assert.deepEqual([...used].sort(), defined.toSorted());
  assert.ok(defined.length > 20);
  const everything = [...texts.values()].join("\n");
  const cited = [...everything.matchAll(/\\cite\{([^}]+)\}/g)].flatMap(([, keys]) =>
    keys.split(",")
  );
  const listed = [...texts.get("article.bbl")!.matchAll(/\\bibitem\{([^}]+)\}/g)].map(([, key]) =>
    key
  );
  assert.deepEqual([...new Set(cited)].sort(), listed.toSorted());
  return numbers;
}
