import assert from "node:assert/strict";
import { checkStudyRecord } from "../records/check_record.ts";
import type { EquivalenceRecord } from "../records/equivalence_record.ts";
import { unknownStudyKeys } from "../records/record_keys.ts";
import { definitionHash } from "./same_definition.ts";
import type { StudyOptions } from "./options.ts";
import { runStudyWith } from "./_study_course.ts";
import { grid } from "./search/space.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";

const space = grid({ lambda: [0, 0.01] });

Deno.test("a region of equivalence is stored, part of the definition, and kept when the study grows", () =>
  withProject(async (project) => {
    const options = (changes: Partial<StudyOptions> = {}) =>
      doubleOptions(project, { space, seeds: [1], ...changes });
    const plain = await runStudyWith(doubleParts, options({ name: "plain" }));
    assert.ok(!("equivalence" in plain.record));
    const equivalence = { nats: 0.02 };
    const study = await runStudyWith(doubleParts, options({ equivalence }));
    assert.deepEqual(study.record.equivalence, equivalence);
    assert.notEqual(study.record.definitionHash, plain.record.definitionHash);
    const { equivalence: _, ...without } = study.record;
    assert.equal(definitionHash(without), plain.record.definitionHash);
    // Runs are the same.
    assert.equal(study.digest(), plain.digest());
    assert.deepEqual(unknownStudyKeys(study.record), []);
    const grown = await runStudyWith(doubleParts, options({ equivalence, seeds: [1, 2] }));
    assert.deepEqual(grown.record.equivalence, equivalence);
    assert.equal(grown.records.length, 2 * study.records.length);
  }));

Deno.test("once a run has completed a region is neither added, changed nor left out", () =>
  withProject(async (project) => {
    const call = (equivalence: EquivalenceRecord | undefined, name: string) =>
      runStudyWith(doubleParts, doubleOptions(project, { name, space, seeds: [1], equivalence }));
    await call({ nats: 0.02 }, "declared");
    await call(undefined, "open");
    const late = /A region of equivalence is declared before the runs: once one has completed/;
    for (
      const [equivalence, name, expected] of [
        [{ nats: 0.03 }, "declared", /equivalence\.nats is 0\.02, now 0\.03/],
        [{ shareOfEarlyStopping: 0.1 }, "declared", /equivalence\.nats is 0\.02, now not there/],
        [undefined, "declared", /equivalence is {"nats":0\.02}, now not there/],
        [{ nats: 0.02 }, "open", /equivalence is not there, now {"nats":0\.02}/],
      ] as const
    ) {
      await assert.rejects(call(equivalence, name), expected);
      await assert.rejects(call(equivalence, name), late);
    }
  }));

Deno.test("while no run has completed a region may still be declared otherwise", () =>
  withProject(async (project) => {
    const options = (equivalence: EquivalenceRecord, mischief: "throw" | null) =>
      doubleOptions(project, { space, seeds: [1], equivalence }, { mischief });
    const failed = await runStudyWith(doubleParts, options({ nats: 0.02 }, "throw"));
    assert.ok(failed.records.every(({ status }) => status === "failed"));
    const study = await runStudyWith(doubleParts, options({ nats: 0.03 }, null));
    assert.deepEqual(study.record.equivalence, { nats: 0.03 });
  }));

Deno.test("a region that is none, or in another unit than the losses, is refused", () =>
  withProject(async (project) => {
    const cases: [unknown, RegExp, Partial<StudyOptions>?][] = [
      [{}, /equivalence must hold exactly one of nats, bits, shareOfEarlyStopping, found {}/],
      [{ nats: 0.1, bits: 0.1 }, /must hold exactly one of/],
      [{ nats: 0 }, /equivalence\.nats must be a finite number above 0/],
      [{ nats: Infinity }, /equivalence\.nats must be a finite number above 0/],
      [{ shareOfEarlyStopping: 1.5 }, /shareOfEarlyStopping must be a finite number above 0 to 1/],
      [{ nat: 0.1 }, /unknown option "nat"; allowed are nats, bits, shareOfEarlyStopping/],
      [0.1, /equivalence/],
      [{ bits: 0.1 }, /equivalence must be in nats, because losses are in nats per token/],
      [{ shareOfEarlyStopping: 0.1 }, /needs a baseline/, { baseline: null }],
    ];
    for (const [equivalence, expected, changes] of cases) {
      const options = doubleOptions(project, {
        space,
        seeds: [1],
        equivalence: equivalence as EquivalenceRecord,
        ...changes,
      });
      await assert.rejects(runStudyWith(doubleParts, options), expected);
    }
  }));

Deno.test("a region that is none is refused in a record too", () =>
  withProject(async (project) => {
    const { record } = await runStudyWith(
      doubleParts,
      doubleOptions(project, { space, seeds: [1] }),
    );
    const withRegion = (equivalence: unknown) => checkStudyRecord({ ...record, equivalence });
    assert.deepEqual(withRegion({ bits: 0.1 }).equivalence, { bits: 0.1 });
    for (
      const wrong of [{}, { nats: -1 }, { nats: 0.1, bits: 0.1 }, { sahre: 1 }, null, [0.1], "0.1"]
    ) {
      assert.throws(
        () => withRegion(wrong),
        /study\.equivalence must be an object with nats or bits/,
      );
    }
  }));
