import assert from "node:assert/strict";
import type { EquivalenceRecord } from "../records/equivalence_record.ts";
import { compareArms } from "./compare_arms.ts";
import { compareArmsOverTexts } from "./compare_arms_over_texts.ts";
import { compareStudies } from "./compare_studies.ts";
import { compareWithBaseline } from "./compare.ts";
import { contrast } from "./contrast.ts";
import { describeArms } from "./describe_arms.ts";
import { describeArmsOverTexts } from "./describe_arms_over_texts.ts";
import { describeRegion } from "./describe_equivalence.ts";
import { describeFindings } from "./describe.ts";
import { commonRegion, equivalenceRegion } from "./equivalence_region.ts";
import { equivalenceTest } from "./equivalence.ts";
import { findings } from "./findings.ts";
import { foldSizes } from "./fold_sizes.ts";
import { linearContrasts } from "./linear_contrasts.ts";
import type { StudyRecords } from "./study_records.ts";
import { armsHandStudy } from "./testing/arms_hand_study.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { decay, dropout, none } from "./testing/three_arms.ts";
import { verdictOn } from "./verdict.ts";

const [zero, one] = [{ lambda: 0 }, { lambda: 1 }];

/** λ = 0 has 2.0 at its best step and loses 0.2, 0.3, 0.4 by the last; λ = 1 is 0.01 apart on each fold. */
function records(equivalence?: EquivalenceRecord, stopsEarly = false): StudyRecords {
  const { study, runs } = handStudy({
    points: [zero, one],
    folds: 3,
    seeds: [1],
    baseline: zero,
    stopsEarly: () => stopsEarly,
    runs: (index, fold) => {
      const last = 2.2 + 0.1 * fold + index * [-0.01, 0.01, -0.012][fold];
      return [[10, 1, 2], [20, 1, last]];
    },
  });
  return { record: { ...study, ...(equivalence && { equivalence }) }, records: runs };
}

const declaring = (source: StudyRecords, equivalence: EquivalenceRecord): StudyRecords => ({
  ...source,
  record: { ...source.record, equivalence },
});

Deno.test("a share of early stopping is one of what the baseline loses after its best step, over the folds", () => {
  const region = equivalenceRegion(records({ shareOfEarlyStopping: 0.1 }))!;
  assertClose(region.gain!.mean, 0.3, 1e-9);
  assertClose(region.gain!.standardError, 0.1 / Math.sqrt(3), 1e-9);
  assertClose(region.halfWidth, 0.03, 1e-9);
  assert.deepEqual(region.byFold!.map(({ halfWidth }) => Number(halfWidth.toFixed(9))), [
    0.02,
    0.03,
    0.04,
  ]);
  // Each fold is tested with its own border.
  const source = records({ shareOfEarlyStopping: 0.1 });
  const [point] = compareWithBaseline(source)!.points;
  const expected = equivalenceTest(point.foldDifferences, {
    region: region.byFold!.map(({ halfWidth }) => halfWidth),
    sizes: foldSizes(source.record, source.records),
  })!;
  assert.deepEqual(point.equivalence!.test, expected);
  assert.equal(
    describeRegion(region),
    "Differences of the validation loss from −0.03 to +0.03 nats per token count as too small to matter: 10.0 % of " +
      "what early stopping of the baseline gains (0.300 ± 0.058), a share that was declared before the runs.",
  );
});

Deno.test("where early stopping gains nothing, or nobody knows what, there is no region", () => {
  const share = { shareOfEarlyStopping: 0.1 };
  const stopped = equivalenceRegion(records(share, true))!;
  assert.deepEqual([stopped.halfWidth, stopped.unknown], [null, "stopsEarly"]);
  assert.match(describeRegion(stopped), /not known: nothing is called equivalent\.$/);
  const source = records(share);
  const lacking = { ...source, records: source.records.slice(1) };
  assert.equal(equivalenceRegion(lacking)!.unknown, "missingRuns");
  const { study, runs } = handStudy({
    points: [zero],
    folds: 2,
    seeds: [1],
    baseline: zero,
    runs: () => [[10, 1, 3], [20, 1, 2]],
  });
  const ended = equivalenceRegion({ record: { ...study, equivalence: share }, records: runs })!;
  assert.deepEqual([ended.halfWidth, ended.unknown, ended.gain!.mean], [null, "noGain", 0]);
  assert.match(describeRegion(ended), /which is nothing \(0\.000\): nothing is called equivalent/);
  const [point] = compareWithBaseline(source)!.points;
  assert.ok(point.equivalence !== null);
  const [unknown] = compareWithBaseline(lacking)!.points;
  assert.equal(unknown.equivalence, null);
});

Deno.test("a point is compared with the region by the corrected test of its fold differences", () => {
  const source = records({ nats: 0.1 });
  const comparison = compareWithBaseline(source)!;
  const [point] = comparison.points;
  const sizes = foldSizes(source.record, source.records);
  const expected = equivalenceTest(point.foldDifferences, { region: 0.1, sizes })!;
  assert.deepEqual(point.equivalence!.test, expected);
  assert.equal(verdictOn(point), "equivalent");
  assert.equal(comparison.region!.halfWidth, 0.1);
  const { record } = source;
  const { contrasts } = linearContrasts(source, [contrast(one).minus(zero)]);
  assert.deepEqual(contrasts[0].equivalence, point.equivalence);
  const text = describeFindings(findings(record, source.records)).find(({ topic }) =>
    topic === "selection"
  )!;
  assert.match(
    text.text,
    /, within ±0\.1 \(p = 0\.0\d\d after Holm, posterior probability 0\.9\d\d\)/,
  );
});

Deno.test("without a region nothing is said of one, and of other quantities neither", () => {
  const comparison = compareWithBaseline(records())!;
  assert.ok(!("region" in comparison) && !("equivalence" in comparison.points[0]));
  const gap = compareWithBaseline(records({ nats: 0.1 }), { quantity: "generalizationGap" })!;
  assert.ok(!("region" in gap) && !("equivalence" in gap.points[0]));
  const { record, records: runs } = records();
  const texts = describeFindings(findings(record, runs));
  assert.ok(
    texts.every(({ topic, text }) => topic !== "equivalence" && !/equivalent|±0\.1/.test(text)),
  );
});

Deno.test("an interaction is no difference of two losses, so no region judges it", () => {
  const points = [{ a: 0, b: 0 }, { a: 1, b: 0 }, { a: 0, b: 1 }, { a: 1, b: 1 }];
  const { study, runs } = handStudy({
    points,
    folds: 3,
    seeds: [1],
    runs: (index, fold) => [[10, 1, 2 + 0.01 * index + 0.001 * fold * [0, 1, 0, 2][index]]],
  });
  const source = declaring({ record: study, records: runs }, { nats: 0.1 });
  const { contrasts: [interaction, mean] } = linearContrasts(source, [
    contrast(points[3]).minus(points[1]).minus(points[2]).plus(points[0]),
    { name: "a", terms: points.map((point) => ({ point, weight: point.a === 1 ? 0.5 : -0.5 })) },
  ]);
  assert.equal(interaction.equivalence, null);
  assert.equal(mean.equivalence!.withinRegion, true);
  // Both count in Holm's adjustment.
  assertClose(mean.equivalence!.adjustedPValue, 2 * mean.equivalence!.test.pValue);
});

Deno.test("arms that are not shown to differ are equivalent where the interval lies in the region", () => {
  const source = armsHandStudy({ none, decay, dropout });
  const verdictsAt = (nats: number) => compareArms(declaring(source, { nats })).verdicts;
  assert.deepEqual(verdictsAt(2).map(({ verdict }) => verdict), ["lower", "equivalent"]);
  assert.deepEqual(verdictsAt(2).map(({ difference }) => difference.equivalence!.withinRegion), [
    true,
    true,
  ]);
  assert.deepEqual(verdictsAt(0.1).map(({ verdict }) => verdict), ["lower", "notShown"]);
  assert.deepEqual(verdictsAt(0.1).map(({ difference }) => difference.equivalence!.withinRegion), [
    false,
    false,
  ]);
  const said = describeArms(compareArms(declaring(source, { nats: 2 })));
  const [lower, equivalent] = said.filter(({ topic }) => topic === "verdict").map(({ text }) =>
    text
  );
  assert.match(
    lower,
    /^On this text decay has a lower validation loss than none, by less than the region: −0\.250 nats/,
  );
  assert.match(
    equivalent,
    /^On this text dropout and none are equivalent within ±2: 0\.000 nats per token/,
  );
  assert.equal(said.filter(({ topic }) => topic === "region").length, 1);
});

Deno.test("of arms early stopping gains what the root does, tuned either way", () => {
  const curve = (choosing: number, last: number) => [[choosing, 2], [choosing + 1, last]] as const;
  const source = declaring(
    armsHandStudy({
      none: { points: [{ x: 1 }], losses: [[curve(1, 2.1), curve(1, 2.3)]] },
      decay: { points: [{ x: 1 }], losses: [[curve(1, 2), curve(1, 2)]] },
    }),
    { shareOfEarlyStopping: 0.5 },
  );
  const region = compareArms(source).region!;
  assertClose(region.gain!.mean, 0.2, 1e-9);
  assertClose(region.halfWidth, 0.1, 1e-9);
});

Deno.test("studies that are compared need the same region, and take the smallest of theirs", () => {
  const own = (equivalence: EquivalenceRecord) => equivalenceRegion(records(equivalence));
  assert.equal(commonRegion([undefined, undefined]), undefined);
  for (const other of [undefined, own({ nats: 0.2 }), own({ shareOfEarlyStopping: 0.1 })]) {
    const region = commonRegion([own({ nats: 0.1 }), other])!;
    assert.deepEqual([region.halfWidth, region.unknown], [null, "differs"]);
  }
  const share = own({ shareOfEarlyStopping: 0.1 })!;
  const smaller = { ...share, halfWidth: 0.01 };
  assert.equal(commonRegion([share, smaller])!.halfWidth, 0.01);
  assert.equal(
    commonRegion([share, { ...share, halfWidth: null, unknown: "noGain" }])!.halfWidth,
    null,
  );
  const [a, b] = [records({ nats: 0.1 }), records({ nats: 0.1 })];
  const noisy = {
    ...b,
    records: b.records.map((run) => ({
      ...run,
      final: { ...run.final!, heldOutLoss: run.final!.heldOutLoss + 0.001 * (run.fold as number) },
    })),
  };
  const comparison = compareStudies(a, noisy);
  assert.equal(comparison.region!.halfWidth, 0.1);
  assert.equal(verdictOn(comparison.points[0]), "equivalent");
  assert.ok(comparison.betweenSelected!.equivalence !== undefined);
  assert.equal(compareStudies(a, records()).points[0].equivalence, null);
});

Deno.test("over six texts arms are equivalent by the paired t-test, and under six nothing is", () => {
  const text = (index: number) => {
    const source = declaring(armsHandStudy({ none, dropout }), { nats: 0.3 });
    const record = {
      ...source.record,
      name: `study ${index}`,
      corpus: { ...source.record.corpus },
    };
    Object.assign(record.corpus, { name: `text ${index}`, sha256: `${index}` });
    // A little of its own for each text.
    const records = source.records.map((run) => ({
      ...run,
      curve: run.curve.map((at) => ({
        ...at,
        heldOutLoss: at.heldOutLoss + (run.point.arm === "dropout" ? 0.02 * (index % 3 - 1) : 0),
      })),
    }));
    return { record, records };
  };
  const studies = [0, 1, 2, 3, 4, 5].map(text);
  const six = compareArmsOverTexts(studies);
  assert.equal(six.verdicts[0].verdict, "equivalent");
  const [said, region] = describeArmsOverTexts(six);
  assert.match(said, /^In general, over 6 texts, dropout and none are equivalent within ±0\.3: /);
  assert.match(region, /^Differences of the validation loss from −0\.3 to \+0\.3/);
  const five = compareArmsOverTexts(studies.slice(1));
  assert.deepEqual([five.verdicts[0].verdict, five.verdicts[0].equivalence], ["tooFewTexts", null]);
});
