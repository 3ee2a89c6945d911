import assert from "node:assert/strict";
import { blockedFolds } from "../data/folds.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy, text } from "./_testing/small_study.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";

const small = { space: grid({ lambda: [1e-3], alpha: [0, 1] }), folds: blockedFolds({ count: 3 }) };

Deno.test("a study that says epochs has the runs of the one that says its steps", () =>
  withProject(async (project) => {
    const sizes = { steps: undefined, batchSize: 40, evaluateEvery: undefined };
    const study = await runStudy(
      smallStudy(project, small, { ...sizes, epochs: 2, sampling: "epochs" }),
    );
    const { folds, specifications } = study.record;
    // Each window once an epoch: of the shortest training part, in two epochs.
    const windows = folds.map(({ training }) =>
      training.reduce((sum, { start, end }) => sum + Math.floor((end - start - 1) / 8), 0)
    );
    const steps = 2 * Math.ceil(Math.min(...windows) / 40);
    assert.ok(steps > 4 && steps * 40 * 8 < 2 * text.length, `${steps}`);
    for (const { training } of specifications as { training: Record<string, unknown> }[]) {
      assert.equal(training.steps, steps);
      assert.equal(training.evaluateEvery, 1);
      assert.equal(training.sampling, "epochs");
      assert.ok(!("epochs" in training));
    }
    const said = await runStudy(
      smallStudy(project, { ...small, name: "said" }, { ...sizes, steps, sampling: "epochs" }),
    );
    assert.equal(said.digest(), study.digest());
    const drawn = await runStudy(
      smallStudy(project, { ...small, name: "drawn" }, { ...sizes, epochs: 2 }),
    );
    const specification = drawn.record.specifications[0] as { training: object };
    assert.ok(!("sampling" in specification.training));
    assert.notEqual(drawn.digest(), study.digest());
    assert.equal(drawn.records[0].final!.step, steps);
  }));

Deno.test("a study that says both is refused before anything is trained", () =>
  withProject(async (project) => {
    await assert.rejects(
      runStudy(smallStudy(project, small, { epochs: 2 })),
      /specify gave no valid specification for .*: training must have either steps or epochs/,
    );
  }));
