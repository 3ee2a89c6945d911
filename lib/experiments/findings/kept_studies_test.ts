import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { stored } from "../../core/left_out.ts";
import { projectFolder } from "../../core/project.ts";
import { randomStream } from "../../core/random.ts";
import { withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { readCatalogue } from "../../data/catalogue.ts";
import { verifyDataset } from "../../data/verify_dataset.ts";
import { reproductions, studyName } from "../reproductions/all.ts";
import { ptbSmall } from "../reproductions/ptb_small.ts";
import { readStudyRecord } from "../../records/read_study.ts";
import { studyFolder } from "../../studies/storage/folder.ts";
import { loadStudy } from "../../studies/study.ts";
import { validateSpecification } from "../../training/specification.ts";
import { verifyStudy } from "../../verification/verify_study.ts";
import { allFindings, findingStudyName } from "./all.ts";
import { checkFigures } from "./figures.ts";
import { keptDocuments, keptStudies } from "./kept_documents.ts";

const project = projectFolder(fileURLToPath(new URL(".", import.meta.url)));

const kept = keptStudies(project);

Deno.test("the records of every finding and of the reproductions that were run are kept", () => {
  // Its files are the user's own.
  const ran = reproductions.filter((each) => each !== ptbSmall);
  const due = [
    ...ran.map((each) => studyName(each, false)),
    ...allFindings.map((each) => findingStudyName(each)),
  ];
  assert.deepEqual(due.filter((name) => !kept.includes(name)), []);
});

/** Whether a study's corpus is in a package or was fetched. */
async function corpusIsHere(name: string): Promise<boolean> {
  const { corpus } = readStudyRecord(studyFolder(name, project).definition)!;
  const entry = readCatalogue(project).datasets.find((each) => each.name === corpus.name)!;
  return (await verifyDataset(entry, project)).state === "verified";
}

/** What verifyStudy finds wrong; of a corpus that is not here nothing is looked at. */
async function problemsOf(name: string, folder: string): Promise<string[]> {
  const here = await corpusIsHere(name);
  const parts = await verifyStudy(name, { project: folder, documents: keptDocuments(name) });
  return parts.filter(({ what }) => here || !what.startsWith("corpus "))
    .flatMap(({ what, problems }) => problems.map((problem) => `${what}: ${problem}`));
}

for (const name of kept) {
  Deno.test(`results/${name} verifies, and one digit changed in any of its files is seen`, () =>
    withTemporaryProject(async (copy) => {
      const { path } = studyFolder(name, project);
      const target = studyFolder(name, copy).path;
      await Deno.mkdir(target, { recursive: true });
      const [document] = keptDocuments(name);
      const files = ["study.json", "runs.jsonl", document.name];
      if (loadStudy(name, { project }).record.ensembles) files.push("ensembles.jsonl");
      for (const file of files) {
        await Deno.copyFile(join(path, file), join(target, file));
      }
      // Of the copy, which has no report that another version may have written.
      assert.deepEqual(await problemsOf(name, copy), []);
      for (const file of files) {
        const text = await Deno.readTextFile(join(path, file));
        const places = [...text.matchAll(/\d/g)].map(({ index }) => index);
        const random = randomStream(1, `a digit of ${name} ${file}`);
        for (const place of random.permutation(places.length).subarray(0, 2)) {
          const at = places[place];
          const changed = text.slice(0, at) + (Number(text[at]) + 1) % 10 + text.slice(at + 1);
          await Deno.writeTextFile(join(target, file), changed);
          const problems = await problemsOf(name, copy);
          assert.notDeepEqual(problems, [], `${file} at ${at}: ${changed.slice(at - 30, at + 30)}`);
        }
        await Deno.writeTextFile(join(target, file), text);
      }
    }));
}

for (const finding of allFindings) {
  Deno.test(`the stored study of ${finding.name} is the one that the code defines`, () => {
    const study = readStudyRecord(studyFolder(findingStudyName(finding), project).definition)!;
    const { space, specify, folds, seeds, baseline } = finding.study(false);
    assert.deepEqual(study.space.points, space!.points);
    assert.deepEqual(
      study.specifications.map(canonicalJson),
      space!.points.map((point) => canonicalJson(stored(validateSpecification(specify(point))))),
    );
    assert.equal(study.folds.length, (folds as { count: number }).count);
    assert.deepEqual(study.seeds, seeds);
    // A study of arms has none.
    assert.equal(canonicalJson(study.baseline), canonicalJson(baseline ?? null));
  });
}

Deno.test("every figure of docs/findings.md is the one that its records give", async () => {
  const found = await checkFigures({ project });
  assert.equal(found.length, allFindings.length);
  assert.deepEqual(found.filter(({ problem }) => problem !== null), []);
  const page = await Deno.readTextFile(join(project, "docs/findings.md"));
  for (const { path } of found) assert.ok(page.includes(path.replace("docs/", "")), path);
});

Deno.test("no run of l1-zeros without the proximal step, and none of both articles' code, has a single weight at 0", () => {
  const zeros = (name: string, counts: (point: JsonObject) => boolean) =>
    loadStudy(name, { project }).records.filter(({ point }) => counts(point))
      .flatMap(({ curve }) => curve.slice(1).map(({ exactZeros }) => exactZeros));
  const all = [
    ...zeros("findings/l1-zeros", ({ penalty }) => penalty !== "proximal"),
    ...zeros("findings/article-one-code", ({ system }) => system !== "stated"),
    ...zeros("findings/article-two-code", () => true),
  ];
  assert.ok(all.length > 700);
  assert.equal(Math.max(...all), 0);
});

Deno.test("docs/findings.md says how many comparisons its findings make, and in how many families", async () => {
  let [comparisons, families] = [0, 0];
  for (const finding of allFindings) {
    const path = join(project, "results", findingStudyName(finding), "finding.md");
    const [, own, ownFamilies] = (await Deno.readTextFile(path))
      .match(/before the runs: (\d+) comparisons? in (\d+) famil/)!;
    comparisons += Number(own);
    families += Number(ownFamilies);
  }
  const page = await Deno.readTextFile(join(project, "docs/findings.md"));
  assert.ok(page.includes(`${comparisons} comparisons in ${families} families`));
});
