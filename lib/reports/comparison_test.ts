import assert from "node:assert/strict";
import { join } from "node:path";
import { compareStudies } from "../statistics/compare_studies.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { handStudy } from "../statistics/testing/hand_study.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { comparisonDocument } from "./comparison.ts";
import { escapeMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { writeComparison, writeMarkdownComparison } from "./write_comparison.ts";

const axes = { lambda: [0, 1e-4], alpha: [0, 1] };

function study(options: SyntheticOptions = {}): StudyRecords {
  const { study, runs } = syntheticStudy({ axes, ...options });
  return { record: study, records: runs };
}

/** The same study, each held-out loss moved by an amount of its fold. */
function moved(by: (fold: number) => number, options: SyntheticOptions = {}): StudyRecords {
  const { record, records } = study({ name: "other", ...options });
  const move = (at: StudyRecords["records"][number]["curve"][number], fold: number) => ({
    ...at,
    heldOutLoss: at.heldOutLoss + by(fold),
  });
  return {
    record,
    records: records.map((run) => {
      const curve = run.curve.map((at) => move(at, run.fold as number));
      return { ...run, curve, final: run.final && curve.at(-1)! };
    }),
  };
}

const page = (first: StudyRecords, second: StudyRecords) =>
  renderPage(comparisonDocument(first, second), "/* plotly */");

Deno.test("compareStudies pairs the runs of two studies on the same folds and seeds, by value", () => {
  const shifts = [-0.1, -0.2, -0.15];
  const { pairing, points, betweenSelected, selected } = compareStudies(
    study(),
    moved((fold) => shifts[fold]),
  );
  assert.deepEqual(pairing, { folds: [0, 1, 2], seeds: [1, 2, 3], obstacles: [] });
  assert.equal(points.length, 4);
  for (const point of points) {
    point.foldDifferences.forEach((each, fold) => assertClose(each, shifts[fold], 1e-9));
    assert.equal(point.pairs.length, 9);
    // Holm over four equal p-values is four times each.
    assertClose(point.adjustedPValue, Math.min(1, 4 * point.test!.pValue!), 1e-6);
  }
  assert.equal(selected[0]!.key, selected[1]!.key);
  assertClose(betweenSelected!.test!.mean, -0.15, 1e-9);
});

Deno.test("compareStudies pairs only the seeds and folds that agree, and says which do not", () => {
  const { pairing, points } = compareStudies(study({ seeds: [1, 2] }), study({ seeds: [2, 3] }));
  assert.deepEqual([pairing.folds, pairing.seeds], [[0, 1, 2], [2]]);
  assert.deepEqual(pairing.obstacles, ["1 of 2 and 2 seeds are the same"]);
  assert.equal(points[0].pairs.length, 3);
  const folds = compareStudies(study(), study({ folds: 4 }));
  assert.deepEqual([folds.pairing.folds, folds.points, folds.betweenSelected], [[], [], null]);
  assert.match(folds.pairing.obstacles[0], /0 of 3 and 4 folds are the same text/);
  const other = study();
  const text = { ...other.record, corpus: { ...other.record.corpus, sha256: "0".repeat(64) } };
  const texts = compareStudies(study(), { ...other, record: text });
  assert.match(texts.pairing.obstacles[0], /the texts differ/);
  assert.deepEqual(texts.points, []);
  const learnedFrom = (trainingBytes: number): StudyRecords => {
    const { record, records } = study();
    const specifications = record.specifications.map((each) => ({
      ...each,
      tokenizer: { kind: "bytePairs" },
      training: { ...each.training as object, trainingBytes },
    })) as unknown as typeof record.specifications;
    return { record: { ...record, specifications }, records };
  };
  assert.deepEqual(compareStudies(learnedFrom(100), learnedFrom(100)).pairing.obstacles, []);
  const learned = compareStudies(learnedFrom(100), learnedFrom(200));
  assert.deepEqual(learned.pairing.folds, []);
  assert.match(learned.pairing.obstacles[0], /tokens are learned from texts of different sizes/);
});

Deno.test("compareStudies gives no test where a paired run is missing", () => {
  const part = study({
    status: (point, fold) => point.alpha === 1 && fold === 2 ? "diverged" : "completed",
  });
  const { points } = compareStudies(study(), part);
  assert.deepEqual(points.map(({ test }) => test?.state), [
    "identical",
    undefined,
    "identical",
    undefined,
  ]);
});

Deno.test("S6: two studies are compared by what the other folds select, not by two points that the same folds selected", () => {
  // Three points of equal means; each fold's lowest point is another one.
  const losses = [[0, 1, 2], [2, 0, 1], [1, 2, 0]];
  const of = (name: string, shift: number): StudyRecords => {
    const { study, runs } = handStudy({
      points: [0, 1, 2].map((lambda) => ({ lambda })),
      folds: 3,
      seeds: [1],
      runs: (lambda, fold) => [[10, 1, 3 + losses[fold][lambda] + shift * fold * lambda]],
    });
    const select = { ...study.select, kind: "mean" } as const;
    return { record: { ...study, name, select }, records: runs };
  };
  const { betweenSelected, chosen, withheld } = compareStudies(of("a", 0), of("b", 0));
  assert.equal(withheld, null);
  // For fold 0 the others have sums 3, 2, 1, so they choose the point that is worst on fold 0.
  assert.deepEqual(chosen[0].choices.map(({ point }) => point.lambda), [2, 0, 1]);
  assert.deepEqual(chosen[0].readings.map(({ value }) => value), [5, 5, 5]);
  assert.equal(betweenSelected!.test!.state, "identical");
  // Fold 1 of b: sums of folds 0 and 2 are 4 − …, so λ = 0 with 3 + 2; fold 2 chooses λ = 1 as before.
  const moved = compareStudies(of("a", 0), of("b", 0.25)).betweenSelected!;
  assertClose(moved.foldDifferences[2], 0.5, 1e-12);
});

Deno.test("S6: no p-value where a search pruned points, or one paired fold is all there is", () => {
  const pruned = study({ status: (point) => point.alpha === 1 ? "pruned" : "completed" });
  const { betweenSelected, withheld } = compareStudies(study(), pruned);
  assert.equal(betweenSelected, null);
  assert.match(withheld!, /a search pruned points on the folds/);
  const document = page(study(), { ...pruned, record: { ...pruned.record, name: "halved" } });
  assert.match(document, /What they select is not compared: a search pruned points/);
  const one = compareStudies(study({ folds: 1 }), study({ folds: 1 }));
  assert.match(one.withheld!, /one paired fold cannot both choose/);
});

Deno.test("a page of two studies leads with their difference, and says when nothing is paired", () => {
  const paired = page(study(), moved((fold) => -0.1 - 0.01 * fold));
  const abstract = /<p class="abstract">(.*?)<\/p>/s.exec(paired)![1].replace(/<[^>]*>/g, "");
  assert.match(abstract, /synthetic selects λ = .*other selects λ = .* over 3 folds and 3 seeds/);
  // s = 0.01, widened: √(1/3 + 2.5/2) · 0.01 = 0.01258, t = 8.74, p = 0.0128.
  assert.match(
    abstract,
    /the second minus the first is a difference of −0\.110 nats .* p = 0\.013\)/,
  );
  assert.ok(!abstract.includes("Holm"));
  assert.match(paired, /All 3 folds and 3 seeds are the same in both/);
  const single = page(study({ seeds: [1] }), study({ name: "other", seeds: [1] }));
  assert.match(single, /All 3 folds and 1 seed are the same in both/);
  assert.doesNotMatch(single, /\b1 (seeds|folds)\b/);
  const apart = page(study(), study({ name: "other", folds: 4 }));
  assert.match(apart, /class="notice">Not everything is paired: 0 of 3 and 4 folds/);
  assert.match(apart, /so there is no test/);
  const diverged = page(study(), study({ name: "other", status: () => "diverged" }));
  assert.match(diverged, /Nothing is selected in other/);
  for (const each of [paired, apart, diverged]) {
    assert.equal(
      /\bNaN\b|undefined|\[object/.exec(each.replace(/<script.*?<\/script>/gs, "")),
      null,
    );
  }
});

Deno.test("a comparison is written as a page and as Markdown with pictures of its own", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folders = [["a", study({ name: "a" })], [
      "b",
      study({ name: "b", ownNoise: 0.02 }),
    ]] as const;
    for (const [name, { record, records }] of folders) {
      await Deno.mkdir(join(root, name, "figures"), { recursive: true });
      await Deno.writeTextFile(join(root, name, "study.json"), JSON.stringify(record));
      const lines = records.map((run) => JSON.stringify(run) + "\n").join("");
      await Deno.writeTextFile(join(root, name, "runs.jsonl"), lines);
    }
    const [a, b] = folders.map(([name]) => join(root, name));
    for (const name of ["figure-01.png", "compare-with-b-77.png"]) {
      await Deno.writeTextFile(join(a, "figures", name), "");
    }
    const page = await Deno.readTextFile(await writeComparison(a, b));
    const path = await writeMarkdownComparison(a, b);
    assert.equal(path, join(a, "compare-with-b.md"));
    const markdown = await Deno.readTextFile(path);
    const [, abstract] = /<p class="abstract">(.*?)<\/p>/s.exec(page)!;
    assert.ok(markdown.includes(escapeMarkdown(abstract.replace(/<[^>]*>/g, ""))));
    assert.match(
      markdown,
      /_Figure 1\. Validation loss fold by fold of what the other folds select in each study/,
    );
    const names = (await Array.fromAsync(Deno.readDir(join(a, "figures")))).map(({ name }) => name);
    const linked = [...markdown.matchAll(/figures\/(compare-with-b-\d+(?:-dark)?\.png)/g)]
      .map(([, name]) => name);
    assert.deepEqual(names.sort(), [...linked, "figure-01.png"].sort());
    await assert.rejects(writeComparison(a, join(root, "c")), /study\.json does not exist/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
