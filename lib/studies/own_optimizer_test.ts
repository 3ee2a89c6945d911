import assert from "node:assert/strict";
import { join } from "node:path";
import { ema } from "../averages/ema.ts";
import { cosineSchedule } from "../core/schedule.ts";
import { adam } from "../optimizers/adam.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import type { OptimizerSpecification } from "../optimizers/optimizer.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import type { RunRecord } from "../records/run_record.ts";
import { writeReport } from "../reports/report.ts";
import { StudyInterrupted } from "./interrupt.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { ownStudy, withOwnProject } from "./_testing/own_parts.ts";

const rates = { learningRate: 0.02, schedule: cosineSchedule({ steps: 40 }) };
const own = ownOptimizer({ module: "parts/adam.ts", ...rates });

/** A study of one point with decay, a term of the loss, clipping and an average. */
function studyWith(
  project: string,
  optimizer: OptimizerSpecification,
  changes: Partial<StudyOptions> = {},
  training: object = {},
): StudyOptions {
  const given = ownStudy(project, () => ({}), {
    space: points([{ lambda: 1e-3 }]),
    baseline: null,
    ...changes,
  });
  return {
    ...given,
    specify(point) {
      const { training: usual, ...rest } = given.specify(point);
      return {
        ...rest,
        optimizer,
        penalties: [
          l1({ strength: point.lambda }),
          decoupledWeightDecay({ strength: 0.1, cautious: true }),
        ],
        clipping: { norm: 0.5 },
        training: { ...usual, averages: [ema({ horizon: 4 })], ...training },
      } as ReturnType<StudyOptions["specify"]>;
    },
  };
}

/** What a run measured, without what differs by name, date and host. */
function measured(records: readonly RunRecord[]) {
  return records.map(({ error, status, fold, curve, final, best, samples }) => ({
    ...{ error, status, fold, curve, final, best, samples },
  }));
}

for (const engine of ["cpu", "wasm", "native"] as const) {
  Deno.test(`a study of Adam as an optimizer of one's own has the bits of adam, on ${engine}`, () =>
    withOwnProject({}, async (project) => {
      const mine = await runStudy(studyWith(project, own, { engine }));
      const built = await runStudy(studyWith(project, adam(rates), { engine, name: "adam" }));
      assert.ok(mine.records.length >= 2);
      assert.ok(mine.records.every(({ status }) => status === "completed"));
      assert.deepEqual(measured(mine.records), measured(built.records));
      if (engine !== "wasm") return;
      const [{ optimizer }] = mine.record.specifications as unknown as [{ optimizer: typeof own }];
      assert.deepEqual(Object.keys(optimizer.code!.files), ["parts/adam.ts"]);
      assert.deepEqual([optimizer.name, optimizer.slots], ["my Adam", ["m", "v"]]);
      assert.deepEqual(optimizer.options, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
      await writeReport(mine);
      const html = await Deno.readTextFile(join(mine.folder, "report.html"));
      assert.match(html, /Optimizer: my Adam \(<code>default<\/code> of <code>parts\/adam\.ts/);
      assert.match(html, /learningRate 0\.02, schedule cosine .*beta1 0\.9, beta2 0\.999/);
      assert.match(html, /: w ← w − η m̂ \/ \(√v̂ \+ ε\)/);
      assert.ok(html.includes(optimizer.code!.sha256));
    }));
}

Deno.test("a study of an optimizer of one's own goes on from a checkpoint to the bits of one that was not interrupted", () =>
  withOwnProject({}, async (project) => {
    const training = { steps: 600, evaluateEvery: 200 };
    const checkpointEvery = { seconds: 3600 };
    const controller = new AbortController();
    const interrupted = studyWith(project, own, {
      checkpointEvery,
      signal: controller.signal,
      reporter: {
        ...silentReporter,
        progress: ({ fractional }) => fractional > 0.02 && controller.abort(),
      },
    }, training);
    await assert.rejects(runStudy(interrupted), StudyInterrupted);
    const kept = await Array.fromAsync(Deno.readDir(`${project}/results/small/checkpoints`));
    const [{ name }] = kept.filter(({ name }) => name.endsWith(".checkpoint"));
    const state = await Deno.readTextFile(`${project}/results/small/checkpoints/${name}`);
    assert.match(state, /gru0\/kernel\/m\b.*gru0\/kernel\/v\b/s);
    const resumed = await runStudy(studyWith(project, own, { checkpointEvery }, training));
    const whole = await runStudy(studyWith(project, own, { name: "whole" }, training));
    assert.equal(resumed.digest(), whole.digest());
  }));
