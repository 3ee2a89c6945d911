import assert from "node:assert/strict";
import { describeFindings } from "./describe.ts";
import { findings } from "./findings.ts";
import { intervalNotes } from "./interval_notes.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

Deno.test("S4: folds that train on the same tokens are said among the findings", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] } });
  const specifications = study.specifications.map((each) => ({
    ...each,
    training: { ...each.training as Record<string, number>, trainingTokens: 245 },
  }));
  const source = { ...study, specifications };
  const [note] = intervalNotes(source);
  assert.match(note, /^With 245 training tokens folds 1 and 2 train on the same tokens: there/);
  const said = describeFindings(findings(source, runs)).map(({ text }) => text).join("\n");
  assert.ok(said.includes(note));
});

Deno.test("S5: a halved study says that Holm counts all points that entered", () => {
  const { study } = syntheticStudy({ axes: { lambda: [0, 1] } });
  const strategy = { kind: "successiveHalving", rungs: [10], reductionFactor: 3 } as const;
  const notes = intervalNotes({ ...study, strategy });
  assert.match(notes.at(-1)!, /^Holm's adjustment counts all points that entered/);
});
