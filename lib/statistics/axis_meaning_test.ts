import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { axisMeaning, formatAxisMeaning } from "./axis_meaning.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

function study(points: readonly JsonObject[], specify: (point: JsonObject) => object) {
  const { study } = syntheticStudy({ axes: { lambda: [0] } });
  return {
    ...study,
    space: { kind: "points", points },
    specifications: points.map((point) => specify(point) as JsonObject),
  };
}

Deno.test("axisMeaning tells which penalty an axis is the strength of", () => {
  const { study } = syntheticStudy();
  assert.equal(axisMeaning(study, "lambda"), "proximal L1");
  assert.equal(formatAxisMeaning(study, "alpha"), "α (decoupled weight decay)");
});

Deno.test("axisMeaning reads options of models, parts of penalties and penalties of the user's own", () => {
  const made = study(
    [{ hidden: 8, size: 1, alpha: 2 }, { hidden: 16, size: 3, alpha: 5 }],
    ({ hidden, size, alpha }) => ({
      model: { kind: "gruLanguageModel", hiddenSize: hidden },
      penalties: [
        { kind: "proximalElasticNet", l1Strength: size, l2Strength: 7 },
        { kind: "ownPenalty", name: "spikes", options: { strength: 1 }, strength: alpha },
      ],
    }),
  );
  assert.equal(axisMeaning(made, "hidden"), "hidden size");
  assert.equal(axisMeaning(made, "size"), "proximal elastic net, L1");
  assert.equal(axisMeaning(made, "alpha"), "spikes");
});

Deno.test("axisMeaning says nothing where an axis is computed from, repeats its option or does not vary", () => {
  const made = study(
    [{ lambda: 1, steps: 10, hiddenSize: 4, alpha: 0 }, {
      lambda: 2,
      steps: 20,
      hiddenSize: 8,
      alpha: 0,
    }],
    ({ lambda, steps, hiddenSize }) => ({
      penalties: [{ kind: "l1", strength: lambda as number * 3 }],
      training: { steps },
      model: { hiddenSize },
    }),
  );
  for (const axis of ["lambda", "steps", "hiddenSize", "alpha"]) {
    assert.equal(axisMeaning(made, axis), null);
  }
  // The kind changes with the point, so the same option means two things.
  const mixed = study(
    [{ alpha: 0.5, kind: "l2" }, { alpha: 2, kind: "l1" }],
    ({ alpha, kind }) => ({ penalties: [{ kind, strength: alpha }] }),
  );
  assert.equal(axisMeaning(mixed, "alpha"), null);
});
