/** Fails until a kind of average is complete; `docs/adding.md` names the files. */
import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import * as library from "../mod.ts";
import { averages } from "./testing/averages.ts";
import { ema } from "./ema.ts";
import { averageKinds, averageName, kindOf, validateAverages } from "./kinds.ts";
import { lastEvaluations } from "./last_evaluations.ts";

Deno.test("every kind of average is exported, in the tests, and comes back from its JSON", () => {
  const constructors: Readonly<Record<string, unknown>> = library;
  for (const [kind, { create }] of Object.entries(averageKinds)) {
    assert.equal(constructors[kind], create, `lib/mod.ts exports ${kind}`);
    assert.ok(averages.some((each) => each.kind === kind), `testing/averages.ts has ${kind}`);
  }
  assert.deepEqual(validateAverages("test", JSON.parse(canonicalJson(averages))), averages);
  for (const each of averages) {
    const refused = [{ ...each, unknown: 1 }];
    assert.throws(() => validateAverages("test", refused), /unknown option "unknown"/);
    assert.ok(kindOf(each).formula.length > 0);
  }
});

Deno.test("averages that differ have different names", () => {
  const names = averages.map(averageName);
  assert.equal(new Set(names).size, averages.length, names.join("\n"));
});

Deno.test("what is no list of different averages is refused", () => {
  const one = ema({ decay: 0.9 });
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [one, /averages must be a list, found \{/],
    [[null], /averages: kind must be one of "ema", "swa", "lastEvaluations", found nothing/],
    [[{ kind: "mean" }], /averages: kind must be one of .*, found "mean"/],
    [[one, one], /averages must be different averages, found twice: EMA with β 0.9/],
    [[{ kind: "ema" }], /ema: one of decay and horizon must be given, found nothing and nothing/],
    [[{ kind: "ema", decay: 0.9, horizon: 10 }], /ema: one of decay and horizon .*0.9 and 10/],
    [[{ kind: "ema", decay: 1 }], /ema: decay must be .*below 1, found 1/],
    [[{ kind: "ema", horizon: 4, every: 5 }], /ema: horizon must be at least every, 5 steps/],
    [[{ kind: "swa", start: 10 }], /swa: every must be a finite number from 1/],
    [[{ kind: "swa", start: 0, every: 1 }], /swa: start must be a finite number from 1/],
    [[{ kind: "lastEvaluations", count: 1 }], /count must be a finite number from 2/],
    [[{ ...lastEvaluations({ count: 2 }), weighting: "none" }], /weighting must be one of/],
  ];
  for (const [json, message] of refused) {
    assert.throws(() => validateAverages("averages", json), message);
  }
});
