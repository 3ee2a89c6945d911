import assert from "node:assert/strict";
import { join } from "node:path";
import { writeReport } from "../reports/report.ts";
import { packStudy } from "./pack_study.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";

const wrong = (parts: readonly VerifiedPart[]) =>
  parts.filter(({ problems }) => problems.length > 0)
    .map(({ what, problems }) => `${what}: ${problems.join("; ")}`).join("\n");

const ensembles = { seeds: [1, 2], ensembles: [{}, { mean: "logits" }] } as const;

Deno.test("verifyStudy trains members again and measures their means, to the same bits", () =>
  withSmallStudy(async (study, project) => {
    // From the folder and from the study: the same bytes.
    const page = await Deno.readTextFile(await writeReport(study.folder));
    assert.equal(await Deno.readTextFile(await writeReport(study)), page);
    assert.match(page, /<h3>Ensembles<\/h3>/);
    const parts = await verifyStudy("small", { project, sample: 2 });
    assert.equal(wrong(parts), "");
    const told = parts.map(({ what }) => what).join("\n");
    assert.match(told, new RegExp(`contradictions in ${study.ensembles.length} lines`));
    assert.match(told, /^sample: 2 ensembles of \d+, chosen by seed 1$/m);
    assert.equal(
      told.match(
        /^ensemble .{12}, its members trained again and measured on wasm: the same bits$/gm,
      )
        ?.length,
      2,
    );
    // Weights are not needed for it.
    await Deno.remove(join(study.folder, "weights"), { recursive: true });
    assert.equal(wrong(await verifyStudy("small", { project, sample: 1 })), "");
    assert.deepEqual([...Deno.readDirSync(join(project, ".temporary"))], []);

    const { folder } = await packStudy("small", { project });
    assert.equal(
      await Deno.readTextFile(join(folder, "ensembles.jsonl")),
      await Deno.readTextFile(join(study.folder, "ensembles.jsonl")),
    );
  }, ensembles));

Deno.test("verifyStudy finds what was changed in the records of ensembles", () =>
  withSmallStudy(async (study, project) => {
    const path = join(study.folder, "ensembles.jsonl");
    const content = await Deno.readTextFile(path);
    const lines = content.trimEnd().split("\n");
    // In which order they are recorded is not fixed.
    const line = lines.find((each) => {
      const { fold, ensemble } = JSON.parse(each);
      return fold === 0 && ensemble.mean === "probabilities";
    })!;
    const withRecord = (change: (record: any) => void) => {
      const record = JSON.parse(line);
      change(record);
      return content.replace(line, JSON.stringify(record));
    };
    const at = (change: (at: any) => void) =>
      withRecord(({ curve, final, best }) => [...curve, final, best].forEach(change));
    const cases: [what: string, changed: string, RegExp][] = [
      ["a loss", withRecord(({ curve }) => curve[0].heldOutLoss += 1e-9), /final and best are not/],
      ["its gap", at((each) => each.heldOutLoss -= 0.1), /gap is not held-out minus training/],
      [
        "a loss that no mean can have",
        at((each) => {
          each.heldOutLoss += 0.5;
          each.generalizationGap = each.heldOutLoss - each.trainingLoss;
        }),
        /more than its members on average, .*which no mean of probabilities can/,
      ],
      ["a member", withRecord(({ ensemble }) => ensemble.members.reverse()), /its id is of/],
      ["its mean", withRecord(({ ensemble }) => ensemble.mean = "logits"), /its id is of/],
      ["its fold", withRecord((record) => record.fold = 1), /fold is 1, its id is of 0/],
      ["weights", withRecord(({ parameters }) => parameters.pop()), /weights, its members have/],
      ["tokens", withRecord(({ tokens }) => tokens.heldOut++), /not measured on the tokens/],
      ["a step", at((each) => each.step = 6), /at step 6, though it trains nothing/],
      ["a status", withRecord((record) => record.status = "diverged"), /which no ensemble can be/],
      [
        "an id",
        withRecord((record) => record.id = "0".repeat(64)),
        /no members and mean of the study's ensembles give its id.*1 ensembles .* are missing/,
      ],
      ["a line less", lines.slice(1).map((line) => `${line}\n`).join(""), /1 ensembles .* missing/],
      ["a line torn", content.slice(0, -10), /is torn/],
      ["a key", withRecord((record) => record.note = 1), /the format has no "note"/],
      ["a space", content.replace("{", "{ "), /is not as the library writes it/],
      ["no record", content.replace("{", ""), /line 1 is not the record of a run/],
    ];
    for (const [what, changed, expected] of cases) {
      assert.notEqual(changed, content, what);
      await Deno.writeTextFile(path, changed);
      assert.match(wrong(await verifyStudy("small", { project })), expected, what);
    }
    // A change without a contradiction is found by measuring again.
    await Deno.writeTextFile(path, at((each) => each.weightNorm += 1e-6));
    assert.equal(wrong(await verifyStudy("small", { project })), "");
    assert.match(
      wrong(await verifyStudy("small", { project, sample: 99 })),
      /ensemble .* trained again and measured on wasm.*: curve\.0\.weightNorm is/,
    );
    await Deno.remove(path);
    assert.match(wrong(await verifyStudy("small", { project })), /\d+ ensembles .* are missing/);
  }, ensembles));

Deno.test("verifyStudy finds ensembles that the study does not ask for", () =>
  withSmallStudy(async (study, project) => {
    assert.equal(wrong(await verifyStudy("small", { project })), "");
    await Deno.writeTextFile(join(study.folder, "ensembles.jsonl"), "");
    assert.match(
      wrong(await verifyStudy("small", { project })),
      /study\.json asks for no ensembles/,
    );
  }));
