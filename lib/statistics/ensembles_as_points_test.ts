import assert from "node:assert/strict";
import { contrast } from "./contrast.ts";
import { ensemblesAsPoints } from "./ensembles_as_points.ts";
import { linearContrasts } from "./linear_contrasts.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";

const [plain, other] = [{ a: 0 }, { a: 1 }];

/** Two points with losses by fold and seed, and an ensemble of the first on each fold. */
function withEnsembles(losses: readonly number[]) {
  const { study: record, runs: records } = handStudy({
    points: [plain, other],
    folds: 3,
    seeds: [1, 2],
    baseline: plain,
    runs: (index, fold, seed) => [[10, 1, 2 + fold + 0.2 * seed + index]],
  });
  const ensembles = losses.map((heldOutLoss, fold) => {
    const run = records.find((run) => run.point.a === 0 && run.fold === fold)!;
    const final = { ...run.final!, step: 0, heldOutLoss };
    return { ...run, id: `ensemble ${fold}`, final, curve: [final] };
  });
  return { record, records, ensembles };
}

const as = { models: 2 };

Deno.test("an ensemble is compared with the mean over the seeds of its fold, by value", () => {
  const source = withEnsembles([2, 3.1, 4.2]);
  const { contrasts: [result] } = linearContrasts(
    ensemblesAsPoints(source, [{ members: plain, as }]),
    [contrast(as).minus(plain)],
  );
  // The mean of the seeds is 2.3, 3.3 and 4.3.
  [-0.3, -0.2, -0.1].forEach((due, fold) => assertClose(result.folds[fold].value, due, 1e-12));
  assert.equal(result.test!.state, "tested");
  assert.equal(source.record.space.points.length, 2);
});

Deno.test("a fold without its ensemble leaves the comparison without a test", () => {
  const { contrasts: [result] } = linearContrasts(
    ensemblesAsPoints(withEnsembles([2, 3.1]), [{ members: plain, as }]),
    [contrast(as).minus(plain)],
  );
  assert.equal(result.test, null);
});

Deno.test("ensemblesAsPoints refuses unknown members, names that are taken, and several ensembles of a fold", () => {
  const source = withEnsembles([2, 3, 4]);
  const name = (named: Parameters<typeof ensemblesAsPoints>[1], from = source) => () =>
    ensemblesAsPoints(from, named);
  assert.throws(name([{ members: { a: 2 }, as }]), /has no point \{"a":2\}/);
  assert.throws(name([{ members: plain, as: other }]), /found \{"a":1\}/);
  assert.throws(name([{ members: plain, as }, { members: other, as }]), /found \{"models":2\}/);
  const twice = { ...source, ensembles: [...source.ensembles, source.ensembles[0]] };
  assert.throws(name([{ members: plain, as }], twice), /several on fold 0/);
});
