/** What a kind of penalty must have to be complete; docs/adding.md says it in words. */
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import * as parsimony from "../mod.ts";
import type { AxisRole } from "../records/study_record.ts";
import { penalties, penaltyForms } from "../training/testing/penalties.ts";
import { allPenalties, penaltyKinds, type PenaltySpecification } from "./kinds.ts";
import { commonOptions, type PenaltyKind } from "./penalty.ts";
import { ownPenalty } from "./own_penalty.ts";
import { penaltyFormula, penaltyName, penaltyOptionRole, penaltyTex } from "./words.ts";

const specifications: readonly PenaltySpecification[] = [
  ...penalties.flat(),
  ...penaltyForms.flatMap((form) => [...form.penalties, ...form.quantities]),
  ownPenalty({ module: "parts/a.ts", export: "a", strength: 1, name: "a", formula: "loss + λ" }),
];
const entries = Object.entries(allPenalties) as [string, PenaltyKind<any>][];

Deno.test("every file of a penalty is listed in kinds.ts", async () => {
  const folder = new URL("./", import.meta.url);
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, folder));
    found.push(...source.matchAll(/^export const (\w+)Penalty: /gm).map(([, kind]) => kind));
  }
  assert.deepEqual(found.sort(), [...penaltyKinds].sort());
});

Deno.test("every kind of penalty but the user's own is among the penalties under test", () => {
  const kinds = new Set(penalties.map(([{ kind }]) => kind));
  assert.deepEqual([...kinds, "ownPenalty"].sort(), [...penaltyKinds].sort());
});

Deno.test("every kind of penalty has a name, a formula of its strengths and the same in TeX", () => {
  const names = new Map<string, string>();
  for (const penalty of specifications) {
    const json = penalty as unknown as JsonObject;
    names.set(penalty.kind, penaltyName(json));
    assert.match(penaltyFormula(json), /[λαβε]/, penalty.kind);
    if (penalty.kind === "ownPenalty") continue;
    assert.match(penaltyTex(json) ?? "", /\\(lambda|alpha|beta|varepsilon)/, penalty.kind);
  }
  assert.equal(new Set(names.values()).size, names.size, "two kinds have one name");
});

Deno.test("every option of every kind of penalty has one role, the same in all kinds", () => {
  for (const penalty of specifications) {
    const own = Object.keys(penalty).filter((option) =>
      option !== "kind" && !Object.hasOwn(commonOptions, option)
    );
    const { roles } = allPenalties[penalty.kind];
    assert.deepEqual(own.filter((option) => !Object.hasOwn(roles, option)), [], penalty.kind);
  }
  for (const [kind, { roles }] of entries) {
    const all = Object.entries<AxisRole>(roles);
    assert.ok(all.some(([, role]) => role === "strength"), `${kind} has no strength`);
    for (const [option, role] of all) {
      assert.equal(penaltyOptionRole(option), role, `${option} of ${kind}`);
    }
  }
});

Deno.test("every kind of penalty is exported by its name and has an example in its own file", async () => {
  for (const [kind, { create }] of entries) {
    assert.equal((parsimony as Record<string, unknown>)[kind], create, kind);
    const file = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const source = await Deno.readTextFile(new URL(`${file}.ts`, import.meta.url));
    const documentation = source.slice(0, source.indexOf(`export function ${kind}`));
    assert.match(documentation.slice(documentation.lastIndexOf("/**")), /@example[^]*assert/, kind);
    assert.match(documentation, /[Bb]iases,[\s*]+embeddings|training loss/, kind);
  }
});
