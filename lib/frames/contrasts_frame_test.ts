import assert from "node:assert/strict";
import { contrast } from "../statistics/contrast.ts";
import { linearContrasts } from "../statistics/linear_contrasts.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { contrastsFrame } from "./contrasts_frame.ts";

function results(group?: string, status: "completed" | "failed" = "completed") {
  const { study: record, runs: records } = syntheticStudy({
    axes: { lambda: [0, 1e-4] },
    status: () => status,
  });
  return linearContrasts({ record, records }, [
    contrast({ lambda: 1e-4 }).minus({ lambda: 0 }).named("λ", group),
  ]);
}

Deno.test("contrastsFrame has a row a contrast with interval, effect size and both p-values", () => {
  const found = results("alone");
  const [{ test, adjustedPValue, effect }] = found.contrasts;
  const frame = contrastsFrame(found);
  assert.deepEqual(frame.columns, [
    "group",
    "contrast",
    "folds",
    "mean",
    "from",
    "to",
    "effectSize",
    "p",
    "pHolm",
  ]);
  assert.deepEqual(frame.values, [[
    "alone",
    "λ",
    3,
    test!.mean,
    ...test!.interval!,
    effect!.dz,
    test!.pValue,
    adjustedPValue,
  ]]);
});

Deno.test("contrastsFrame leaves out groups that nothing has, and has NaN for what cannot be tested", () => {
  const frame = contrastsFrame(results(undefined, "failed"));
  assert.equal(frame.columns[0], "contrast");
  assert.deepEqual(frame.values, [["λ", 0, NaN, NaN, NaN, NaN, NaN, NaN]]);
  const none = { quantity: "validationLoss", view: "lastStep", contrasts: [], family: 0 } as const;
  assert.throws(() => contrastsFrame(none), /frame of no rows/);
});

Deno.test("contrastsFrame has p and probability of lying in a region that the study declared", () => {
  const { study, runs: records } = syntheticStudy({ axes: { lambda: [0, 1e-4] } });
  const record = { ...study, equivalence: { nats: 0.5 } };
  const found = linearContrasts({ record, records }, [
    contrast({ lambda: 1e-4 }).minus({ lambda: 0 }).named("λ"),
  ]);
  const frame = contrastsFrame(found);
  assert.deepEqual(frame.columns.slice(-2), ["pEquivalence", "probabilityWithin"]);
  const { adjustedPValue, posterior } = found.contrasts[0].equivalence!;
  assert.deepEqual((frame.values[0] as number[]).slice(-2), [adjustedPValue, posterior.inside]);
});
