import assert from "node:assert/strict";
import { reportDocument } from "../reports/document.ts";
import { formatEstimate, formatNumber, formatPoint, formatSigned } from "../statistics/format.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { traceNumbers, withoutMarks } from "../statistics/trace_numbers.ts";
import { generatedStudies } from "../studies/testing/generated_studies.ts";
import { findRecords, namesOf, numberSources } from "./number_records.ts";
import { numberMacros, renderNumbers, useOf } from "./numbers.ts";

const expanded = (pieces: ReturnType<ReturnType<typeof numberMacros>["inText"]>) =>
  pieces.map((each) => typeof each === "string" ? each : each.text).join("");

const typed = (pieces: ReturnType<ReturnType<typeof numberMacros>["inText"]>) =>
  pieces.filter((each) => typeof each === "string").join("|");

/** Texts of a section that are no table, code, formula or sample. */
function proseOf(html: string): string[] {
  const entities: { readonly [name: string]: string } = {
    lt: "<",
    gt: ">",
    quot: '"',
    "#39": "'",
    amp: "&",
  };
  return html.replace(/<(table|pre|code|blockquote|math|details)\b[^]*?<\/\1>/g, "")
    .split(/<[^>]*>/)
    .map((text) => text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => entities[name]))
    .filter((text) => text.trim() !== "");
}

Deno.test("macros are named by section and place, and a number that stands twice has one", () => {
  const { value: [abstract, gap], numbers } = traceNumbers(() => [
    `A loss of ${formatEstimate({ mean: 1.25, standardError: 0.5, foldMeans: [] })}, once more ${
      formatNumber(1.25)
    }.`,
    `A gap of ${formatNumber(1.25)}.`,
  ]);
  const macros = numberMacros(numbers, []);
  const name = (piece: string | { readonly name: string }) =>
    typeof piece === "string" ? piece : `<${piece.name}>`;
  assert.equal(
    macros.inText("abstract", abstract).map(name).join(""),
    "A loss of <NumAbstractA> ± <NumAbstractB>, once more <NumAbstractA>.",
  );
  assert.equal(
    macros.inText("what-differs", gap).map(name).join(""),
    "A gap of <NumWhatdiffersA>.",
  );
  const many = numberMacros([], []);
  const names = Array.from({ length: 60 }, (_, index) => many.inText("a", `${index + 2} b${index}`))
    .map(([first]) => typeof first === "string" ? "" : first.name);
  assert.deepEqual([names[0], names[25], names[26], names[51], names[52]], [
    "NumAA",
    "NumAZ",
    "NumAAA",
    "NumAAZ",
    "NumABA",
  ]);
  assert.equal(new Set(names).size, 60);
  assert.equal(useOf(many.all()[0]), "\\NumAA{}");
});

Deno.test("what is no result stays as it is typed: levels, years, constants and digits of names", () => {
  const macros = numberMacros([], ["moby-dick 2", "CC BY 4.0"]);
  for (
    const text of [
      "with 95 % confidence (Nadeau and Bengio 2003; Hinton et al. 2015)",
      "a power of 80 %",
      "L1 and L2, UTF-8, chrF2, SHA-256, version 1.2.3-rc.4, 2026-01-02",
      "moby-dick 2 (CC BY 4.0)",
      "the interval lies above 0",
      "no weight exactly 0",
    ]
  ) assert.deepEqual(macros.inText("a", text), [text]);
  const words = macros.inText("a", "On moby-dick 2 all 24 runs, 78,592 weights, −0.5 and 1e-5.");
  assert.equal(typed(words), "On moby-dick 2 all | runs, | weights, | and |.");
});

Deno.test("numbers.tex says of each number which record it is, in full", () => {
  const source = syntheticStudy();
  const records = { record: source.study, records: source.runs };
  const sources = numberSources(records);
  const [{ lastStep, point }] = (sources[1].data as {
    summaries: { lastStep: { estimates: { validationLoss: { mean: number } } }; point: never }[];
  }).summaries;
  const loss = lastStep.estimates.validationLoss.mean;
  const { value, numbers } = traceNumbers(() =>
    `At ${formatPoint(point)} the loss is ${formatNumber(loss)} over 3 folds, ${
      formatSigned(-7.5)
    } below.`
  );
  const macros = numberMacros(numbers, namesOf(source.study));
  macros.inText("abstract", value);
  const tex = renderNumbers(macros.all(), sources);
  const [, file, digest] = /% {3}(runs\.jsonl) ([0-9a-f]{64})/.exec(tex)!;
  assert.ok(tex.includes(
    `% ${loss}: summaries[${
      formatPoint(point)
    }].lastStep.estimates.validationLoss.mean, of ${file} (${
      digest.slice(0, 12)
    })\n\\newcommand{\\NumAbstract`,
  ));
  assert.match(
    tex,
    /% 3: folds \(how many\), of study\.json \([0-9a-f]{12}\)\n\\newcommand\{\\Num\w+\}\{3\}/,
  );
  assert.match(tex, /% -7\.5: computed for the sentence from .*\n.*\{\\ensuremath\{-\}7\.500\}/);
});

Deno.test("a difference of two means, and a number said without its sign, are found", () => {
  const data = { a: { mean: 1.2345678901 }, b: { mean: 0.3141592653 } };
  const sources = [{ file: "runs.jsonl", digest: "0".repeat(64), data: { loss: data } }];
  const look = (value: number) =>
    findRecords([{ value, counts: null, of: null }], sources)[0]?.path ?? null;
  assert.equal(look(1.2345678901), "loss.a.mean");
  assert.equal(look(-1.2345678901), "loss.a.mean");
  assert.equal(look(0.5), null);
  const nested = [{ ...sources[0], data: { x: { loss: data.a }, y: { loss: data.b } } }];
  assert.equal(
    findRecords(
      [{ value: 0.3141592653 - 1.2345678901, counts: null, of: null }],
      nested,
    )[0]?.path,
    "y.loss.mean − x.loss.mean",
  );
});

Deno.test("names of users end no comment of numbers.tex", () => {
  const macros = numberMacros([], []);
  macros.inText("a\n\\input{x}", "evil\n\\input{x} 17 \u2028 runs");
  const sources = [{ file: "a\n\\input{y}/study.json", digest: "0".repeat(64), data: {} }];
  for (const line of renderNumbers(macros.all(), sources).split("\n")) {
    assert.match(line, /^(%.*|\\newcommand\{\\NumAinputxA\}\{17\}|)$/);
  }
});

Deno.test("in every generated study texts with their macros expanded are those of an untraced report", async () => {
  let [decimals, found, all] = [0, 0, 0];
  for (const source of await generatedStudies()) {
    const plain = reportDocument(source, null);
    const { value: document, numbers } = traceNumbers(() => reportDocument(source, null));
    const macros = numberMacros(numbers, namesOf(source.record));
    assert.equal(JSON.stringify(document.figures), JSON.stringify(plain.figures), source.shape);
    for (const [index, { id, body }] of document.sections.entries()) {
      assert.equal(withoutMarks(body.html), plain.sections[index].body.html, source.shape);
      if (id === "provenance" || id === "samples") continue;
      const texts = proseOf(body.html);
      const pieces = texts.map((text) => macros.inText(id, text));
      assert.deepEqual(pieces.map(expanded), proseOf(plain.sections[index].body.html));
      decimals += pieces.flat().filter((each) => typeof each !== "string").length;
      const left = pieces.map((each) => typed(each).replace("p < 0.05", "")).filter((text) =>
        /(?<![\w.-])\d+\.\d+(?![\w.-])/.test(text)
      );
      assert.deepEqual(left, [], `${source.shape}, ${id}`);
    }
    const records = findRecords(macros.all(), numberSources(source));
    found += records.filter((each) => each !== null).length;
    all += records.length;
    const names = macros.all().map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => /^Num[A-Za-z]+$/.test(name)));
  }
  assert.ok(decimals > 1000);
  assert.ok(found / all > 0.8, `Only ${found} of ${all} numbers have a record.`);
});
