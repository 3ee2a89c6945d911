import assert from "node:assert/strict";
import { recordVersions } from "./check_record.ts";
import { readStudyRecord } from "./read_study.ts";

const here = (name: string) => new URL(`./_testing/${name}`, import.meta.url).pathname;

Deno.test("readStudyRecord reads the stored study of every version", () => {
  for (const version of recordVersions) {
    const study = readStudyRecord(here(`study.v${version}.json`))!;
    assert.equal(study.name, "stored");
    assert.deepEqual(study.space.points[1], { lambda: 0.01, alpha: 1 });
    assert.equal(study.finalFold?.index, "final");
  }
});

Deno.test("readStudyRecord gives null for a file that does not exist", () => {
  assert.equal(readStudyRecord(here("nothing.json")), null);
});

Deno.test("readStudyRecord refuses what is no study of a known version, and names the file", async () => {
  const study = JSON.parse(Deno.readTextFileSync(here("study.v1.json")));
  const cases: [unknown, RegExp][] = [
    ["{", /study.json: it is not JSON/],
    [{ ...study, schemaVersion: 2 }, /study.json: study.schemaVersion must be at most 1, found 2/],
    [{ ...study, schemaVersion: 0 }, /schemaVersion must be 1, found 0/],
    [{ ...study, folds: 3 }, /study.folds must be a list, found 3/],
    [{ ...study, specifications: [] }, /specifications must be one for each of the 2 points/],
    [
      { ...study, refits: "lastStep" },
      /study.refits must be "chosenStep", found "lastStep"/,
    ],
    [{ ...study, folds: [{ ...study.folds[0], choosing: 3 }] }, /choosing must be a list, found 3/],
    [{ ...study, roles: 1 }, /study.roles must be an object, found 1/],
    [{ ...study, space: { ...study.space, arms: 1 } }, /study.space.arms must be a list, found 1/],
    [{ ...study, provenance: {} }, /provenance.numericsVersion must be a whole number/],
    [[], /study must be an object/],
  ];
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/study.json`;
    for (const [content, expected] of cases) {
      await Deno.writeTextFile(
        path,
        typeof content === "string" ? content : JSON.stringify(content),
      );
      assert.throws(() => readStudyRecord(path), expected);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
