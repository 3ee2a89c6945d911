import assert from "node:assert/strict";
import { comparable } from "./digest.ts";
import { StudyInterrupted } from "./interrupt.ts";
import { silentReporter, type StudyProgress } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { empiricalMaximumOf } from "./search/empirical_maximum.ts";
import { empiricalMaximum } from "./search/empirical_maximum.ts";
import { successiveHalving } from "./search/successive_halving.ts";
import { warmStartPath } from "./search/warm_start_path.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

const training = { steps: 12, evaluateEvery: 3 };

Deno.test("runStudy by successive halving of real trainings gives promoted runs the bits of uninterrupted ones, with checkpoints and without", () =>
  withProject(async (project) => {
    const full = await runStudy(smallStudy(project, { name: "full" }, training));
    const strategy = successiveHalving({ rungs: [3, 6], reductionFactor: 2 });
    for (const checkpointEvery of [null, { steps: 2 }]) {
      const name = checkpointEvery === null ? "only at rungs" : "in between";
      const halved = await runStudy(
        smallStudy(project, { name, strategy, checkpointEvery }, training),
      );
      const statuses = { completed: 0, pruned: 0 };
      for (const record of halved.records) {
        if (record.fold === "final") continue;
        statuses[record.status as keyof typeof statuses]++;
        const whole = full.records.find(({ id }) => id === record.id)!;
        if (record.status === "completed") assert.deepEqual(comparable(record), comparable(whole));
        else assert.deepEqual(record.curve, whole.curve.slice(0, record.curve.length));
      }
      assert.ok(statuses.completed >= 2 && statuses.pruned >= 4, JSON.stringify(statuses));
    }
    await assert.rejects(
      runStudy(
        smallStudy(project, { name: "x", strategy: successiveHalving({ rungs: [4] }) }, training),
      ),
      /a rung must be a multiple of training.evaluateEvery, 3, and below .*12; found 4/,
    );
  }));

Deno.test("runStudy by successive halving of real trainings that is interrupted at every rung goes on to the same digest", () =>
  withProject(async (project) => {
    const strategy = successiveHalving({ rungs: [3, 6], reductionFactor: 2 });
    const options = { strategy, checkpointEvery: { steps: 1 } } as const;
    const whole = await runStudy(smallStudy(project, { ...options, name: "whole" }, training));
    let interruptions = 0;
    // 8 runs to the first rung, 4 or 6 to the second, 4 to the end: one interruption in each.
    for (const enough of [3, 10, 15]) {
      const controller = new AbortController();
      const reporter = {
        ...silentReporter,
        progress: ({ done }: StudyProgress) => done >= enough && controller.abort(),
      };
      const { signal } = controller;
      await runStudy(smallStudy(project, { ...options, reporter, signal }, { ...training }))
        .catch((error) => {
          assert.ok(error instanceof StudyInterrupted, error);
          interruptions++;
        });
    }
    assert.ok(interruptions >= 2, `${interruptions}`);
    const study = await runStudy(smallStudy(project, options, training));
    assert.equal(study.digest(), whole.digest());
  }));

Deno.test("runStudy along a path of real trainings begins where the weaker point ended, and gives models back", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, {
      space: grid({ lambda: [0, 1e-3, 2e-3] }),
      specify: ({ lambda }) => smallStudy(project).specify({ lambda, alpha: 0 }),
      strategy: warmStartPath({ axis: "lambda" }),
    }));
    for (const record of study.records) {
      if (record.warmStartedFrom === undefined) continue;
      const weaker = study.records.find(({ id }) => id === record.warmStartedFrom)!;
      assert.equal(record.curve[0].heldOutLoss, weaker.final!.heldOutLoss);
      assert.equal(record.curve[0].trainingLoss, weaker.final!.trainingLoss);
    }
    const choice = { point: { lambda: 2e-3 }, fold: 1, seed: 1 } as const;
    const kept = await study.model(choice);
    const weights = [...kept.weights()].map(([, { values }]) => [...values]);
    kept.dispose();
    const record = study.records.find(({ point, fold }) => point.lambda === 2e-3 && fold === 1)!;
    await Deno.remove(`${project}/${record.weights}`);
    const again = await study.model(choice);
    assert.deepEqual([...again.weights()].map(([, { values }]) => [...values]), weights);
    again.dispose();
  }));

Deno.test("runStudy finds the empirical maximum of a GRU: all its targets are zero there, and not a factor below", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, {
      space: undefined,
      strategy: empiricalMaximum({ axis: "lambda", from: 1e-3, to: 10, factor: 2 }),
      specify: ({ lambda }) =>
        smallStudy(project, {}, { steps: 30, evaluateEvery: 30 }).specify({ lambda, alpha: 0 }),
    }));
    const { allZeroAt, notAllZeroAt, found } = empiricalMaximumOf(study);
    assert.ok(found && allZeroAt! / notAllZeroAt! <= 2, `${notAllZeroAt} ${allZeroAt}`);
    for (const { point, final } of study.records.filter(({ fold }) => fold !== "final")) {
      const { exactZeros, countedWeights } = final!;
      if (point.lambda === allZeroAt) assert.equal(exactZeros, countedWeights);
    }
    const below = study.records.filter(({ point }) => point.lambda === notAllZeroAt);
    assert.ok(below.some(({ final }) => final!.exactZeros < final!.countedWeights));
  }));
