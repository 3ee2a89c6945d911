import assert from "node:assert/strict";
import { isArmsStudy } from "./statistics/arms_study.ts";
import { describeAbstract } from "./statistics/abstract.ts";
import { describeArms } from "./statistics/describe_arms.ts";
import { describeFindings } from "./statistics/describe.ts";
import { findings } from "./statistics/findings.ts";
import { strategyOf } from "./studies/search/kinds.ts";
import type { Quantity } from "./statistics/summarize.ts";
import { formatOutcome } from "./reports/outcome.ts";
import { reportDocument } from "./reports/document.ts";
import { generatedStudies, type GeneratedStudy } from "./studies/testing/generated_studies.ts";
import { type Complaint, type Place, Reader } from "./studies/testing/reader.ts";
import { readArms } from "./studies/testing/reading/arms.ts";
import { everyFigure, textOfHtml } from "./studies/testing/told.ts";
import { type Read, Truth } from "./studies/testing/truth.ts";

// `SHAPES=arms,pairs` reads those alone.
const only = Deno.env.get("SHAPES")?.split(",");
const studies = (await generatedStudies()).filter(({ shape }) => only?.includes(shape) ?? true);
const readOf: { readonly [quantity in Quantity]: Read } = {
  validationLoss: "loss",
  trainingLoss: "training",
  generalizationGap: "gap",
  exactZeroShare: "zeros",
  nearZeroShare: "near",
  weightNorm: "norm",
  unchangedShare: "unchanged",
};

/** Fails with every complaint once. */
function refuse(complaints: readonly (Complaint & { readonly where: string })[]): void {
  const lines = new Set(
    complaints.map(({ where, sentence, what }) => `${where}: ${what}\n    in: ${sentence}`),
  );
  assert.equal(
    lines.size,
    0,
    `${lines.size} sentences are not what the records say:\n${[...lines].join("\n")}`,
  );
}

/** What is said of a study in statements, with where it is said. */
function statements(study: GeneratedStudy): { where: string; text: string }[] {
  const shown = findings(study.record, study.records);
  return [
    ...describeFindings(shown).map(({ topic, text }) => ({ where: topic as string, text })),
    ...describeAbstract(shown).map((text) => ({ where: "abstract", text })),
    ...(shown.arms === null ? [] : describeArms(shown.arms).map(({ text }) => ({
      where: "arms",
      text,
    }))),
    ...strategyOf(study.record.strategy).notes(shown.summaries)
      .map((text) => ({ where: "strategy", text })),
  ];
}

for (const study of studies) {
  const reader = new Reader(new Truth(study));

  Deno.test(`every sentence about the study ${study.shape} is what its records say`, () => {
    refuse(
      statements(study).flatMap(({ where, text }) =>
        (isArmsStudy(study.record) && (where === "arms" || where === "abstract")
          ? readArms(study, text)
          : reader.read(text, { strategy: where === "strategy" }))
          .map((complaint) => ({ ...complaint, where }))
      ),
    );
  });

  Deno.test(`every title of a figure and every line of the page about the study ${study.shape} is what its records say`, () => {
    const titles = everyFigure(study).flatMap(({ call, axis, view, quantity, through, figure }) => {
      const place: Place = {
        axis,
        through,
        look: view === undefined ? undefined : view === "bestStep" ? "best" : "last",
        read: quantity === undefined ? undefined : readOf[quantity],
      };
      return reader.read(figure.chart.title, place)
        .map((each) => ({ ...each, where: `title, ${call}` }));
    });
    const document = reportDocument(study, null);
    const lines = [
      ...document.sections.flatMap(({ body }) => textOfHtml(body.html).split("\n")),
      ...document.figures.flatMap(({ caption, chart, alt }) => [caption, chart.subtitle, alt]),
      ...formatOutcome(study).split("\n"),
    ];
    refuse([
      ...titles,
      ...lines.flatMap((line) => reader.names(line).map((each) => ({ ...each, where: "page" }))),
    ]);
  });
}

Deno.test("losses are said in the unit that a study compares, and in no other", () => {
  const units = {
    validationLoss: /\bnats\b/,
    bitsPerByte: /\bbits\b/,
    bitsPerCharacter: /\bbits\b/,
  };
  const said = new Set<string>();
  for (const study of studies) {
    const { metric } = study.record.select;
    const texts = [
      ...statements(study).map(({ text }) => text),
      ...everyFigure(study).flatMap(({ figure: { chart, alt } }) => [
        ...[chart.title, chart.subtitle, alt],
        ...chart.panels.map(({ y }) => String(y?.title)),
      ]),
      ...formatOutcome(study).split("\n"),
      ...reportDocument(study, null).sections.filter(({ id }) => !["methods", "runs"].includes(id))
        .flatMap(({ body }) => textOfHtml(body.html).split("\n")),
    ];
    for (const text of texts) {
      for (const [name, unit] of Object.entries(units)) {
        if (!unit.test(text)) continue;
        said.add(name);
        const own = units[metric].source === unit.source;
        assert.ok(own, `${study.shape} compares ${metric}, and says: ${text}`);
      }
    }
  }
  assert.ok(only !== undefined || said.size === 3);
});

Deno.test("a sentence about arms with another number, direction, arm or verdict is refused", () => {
  const changed = new Set<string>();
  for (const study of studies.filter(({ record }) => isArmsStudy(record))) {
    const said = describeArms(findings(study.record, study.records).arms!)
      .filter(({ topic }) => topic !== "caution");
    for (const { text } of said) {
      // The level of an interval is no number of a study.
      const others = [...text.matchAll(/(?<![\d.])[1-9]\d*(?:\.\d+)?(?! % interval)/g)]
        .map(({ 0: found, index }) => {
          const other = found.startsWith("9") ? `1${found.slice(1)}` : `9${found.slice(1)}`;
          return text.slice(0, index) + other + text.slice(index + found.length);
        });
      const swapped = [
        ...others,
        text.replace(
          /\b(lower|higher) validation loss than/,
          (_, word) => `${word === "lower" ? "higher" : "lower"} validation loss than`,
        ),
        text.replace("no difference between", "a difference between"),
        text.replace("judged against plain", "judged against lasso"),
        text.replace(
          /at the (upper|lower) end/,
          (_, end) => `at the ${end === "upper" ? "lower" : "upper"} end`,
        ),
      ].filter((each) => each !== text);
      for (const each of swapped) {
        changed.add(each);
        assert.ok(readArms(study, each).length > 0, `${study.shape}: ${each}`);
      }
    }
  }
  assert.ok(only !== undefined || changed.size > 100, `${changed.size} changes`);
});

Deno.test("another difference that would be shown beside one that is not is refused", () => {
  let changed = 0;
  for (const study of studies.filter(({ record }) => !isArmsStudy(record))) {
    const reader = new Reader(new Truth(study));
    const power =
      /(the power is 80 % only for a true \w+ of at least )\d+(\.\d{3}(?: to \d\.\d{3})?)/;
    for (const { text } of statements(study).filter(({ text }) => power.test(text))) {
      changed++;
      const swapped = text.replace(power, (_, start, end) => `${start}97${end}`);
      assert.ok(reader.read(swapped).length > 0, `${study.shape}: ${swapped}`);
    }
  }
  assert.ok(only !== undefined || changed > 20, `${changed} changes`);
});

Deno.test("a validation loss against the baseline's with another size or verdict is refused", () => {
  let changed = 0;
  for (const study of studies.filter(({ record }) => !isArmsStudy(record))) {
    const reader = new Reader(new Truth(study));
    const said = statements(study).filter(({ text }) => text.includes("shown to differ"));
    for (const { text } of said) {
      const swapped = [
        text.replace(
          /(not )?shown to differ/,
          (_, not) => not === undefined ? "not shown to differ" : "shown to differ",
        ),
        text.replace(
          /validation loss \d(\.\d+ [^;(]*\()/,
          (_, rest) => `validation loss 9${rest}`,
        ),
      ];
      for (const each of swapped) {
        assert.notEqual(each, text);
        changed++;
        assert.ok(reader.read(each).length > 0, `${study.shape}: ${each}`);
      }
    }
  }
  assert.ok(only !== undefined || changed > 10, `${changed} changes`);
});
