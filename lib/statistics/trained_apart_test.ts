import assert from "node:assert/strict";
import { describeAbstract } from "./abstract.ts";
import { describeFindings } from "./describe.ts";
import { findings } from "./findings.ts";
import { shapes } from "./testing/shapes.ts";
import { trainedApart, tunedAgainstTuned } from "./trained_apart.ts";

Deno.test("what another learning rate brings is told from what a remedy brings", () => {
  const { record, records } = shapes["three joined remedies"]();
  const found = findings(record, records);
  const { baseline, summaries } = found;
  const rate = ({ point }: { readonly point: { readonly [axis: string]: unknown } }) => point.rate;
  const other = summaries.find(({ point }) =>
    point.rate !== baseline!.point.rate && "alpha" in point
  )!;
  const apart = trainedApart(found, other.point)!;
  assert.deepEqual(apart.axes, ["rate"]);
  assert.equal(rate(apart.alike!), rate(other));
  assert.ok(!("alpha" in apart.alike!.point));
  const beside = summaries.find(({ point }) =>
    point.rate === baseline!.point.rate && "alpha" in point
  )!;
  assert.equal(trainedApart(found, beside.point), null);
  const loss = (each: typeof other) => each.bestStep!.estimates.validationLoss.mean;
  const { axes, tried, without } = tunedAgainstTuned(found)!;
  const plain = summaries.filter(({ point }) => Object.keys(point).join() === "rate");
  assert.deepEqual([axes, tried], [["rate"], plain.length]);
  assert.equal(loss(without), Math.min(...plain.map(loss)));
});

Deno.test("an abstract compares with the baseline at its own best rate, or says that it has one", () => {
  const { record, records } = shapes["three joined remedies"]();
  const abstract = (study: typeof record) => describeAbstract(findings(study, records)).join(" ");
  assert.match(abstract(record), /Each at its own best rate of those tried/);
  const isPlainElsewhere = (point: { readonly [axis: string]: unknown }) =>
    Object.keys(point).join() === "rate" &&
    point.rate !== record.baseline!.rate;
  const kept = record.space.points.map((point) => !isPlainElsewhere(point));
  const one = {
    ...record,
    space: { ...record.space, points: record.space.points.filter((_, at) => kept[at]) },
    specifications: record.specifications.filter((_, at) => kept[at]),
  };
  assert.match(abstract(one), /no other rate was tried .* credited to no remedy/);
  assert.doesNotMatch(abstract(one), /tuned for each/);
  const said = describeFindings(findings(record, records)).map(({ text }) => text).join(" ");
  assert.doesNotMatch(
    said,
    /of the penalized weights are exactly 0 at rate = \S+, dropout/,
  );
});
