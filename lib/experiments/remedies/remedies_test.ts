import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson } from "../../core/json.ts";
import { stored as leftOut } from "../../core/left_out.ts";
import { projectFolder } from "../../core/project.ts";
import { withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { listStudies } from "../../studies/storage/folder.ts";
import { loadStudy } from "../../studies/study.ts";
import {
  type TextSpecificationOptions,
  validateSpecification,
} from "../../training/specification.ts";
import { remedyStudies, remedyStudyName, remedyStudyOf } from "./all.ts";
import { compareRemedies, declaredPairs, remediesComparison } from "./comparison.ts";
import { remediesDocumentName, renderRemedies } from "./document.ts";
import { tunedRemedies } from "./remedies.ts";
import { runRemedies } from "./run_remedies.ts";
import { remediesSearch, selectedSettings, settingsAtEdges } from "./search.ts";

const project = projectFolder(fileURLToPath(new URL(".", import.meta.url)));

Deno.test("every remedy of the search has the same number of points, and settings of its own", () => {
  for (const quick of [true, false]) {
    const { space, folds } = remediesSearch.study(quick, null);
    const counts = tunedRemedies.map(({ name }) =>
      space!.points.filter(({ arm }) => arm === name).length
    );
    assert.equal(new Set(counts).size, 1);
    assert.ok((folds as { choosing?: boolean }).choosing);
    const teachers = space!.points.filter(({ arm }) => arm === "none")
      .map(({ learningRate }) => learningRate);
    for (const { arm, learningRate } of space!.points) {
      if (arm === "self-distilled") assert.ok(teachers.includes(learningRate));
    }
  }
  for (const each of remedyStudies) {
    assert.equal(remedyStudyOf(remedyStudyName(each)), each);
    assert.equal(remedyStudyOf(remedyStudyName(each, true)), each);
  }
  assert.equal(remedyStudyOf("findings/l1-zeros"), null);
});

Deno.test("quick studies of the remedies run one after the other: the second has the points that the first selected", () =>
  withTemporaryProject(async (temporary) => {
    const options = { project: temporary, quick: true, reporter: silentReporter };
    await assert.rejects(runRemedies(remediesComparison, options), /remedies-search/);
    const search = await runRemedies(remediesSearch, options);
    const study = await runRemedies(remediesComparison, options);
    for (const { records } of [search, study]) {
      assert.deepEqual(records.filter(({ status }) => status !== "completed"), []);
    }
    for (const { name } of tunedRemedies) {
      const point = study.record.space.points.find(({ remedy }) => remedy === name)!;
      const { remedy: _, ...settings } = point;
      assert.equal(canonicalJson(settings), canonicalJson({ ...selectedSettings(search, name) }));
    }
    const excerpts = [search, study].map(({ record }) =>
      canonicalJson(record.specifications[0].corpus)
    );
    assert.notEqual(excerpts[0], excerpts[1]);
    assert.equal(study.ensembles.length, 2 * study.record.folds.length);
    const { contrasts } = compareRemedies(study);
    assert.deepEqual(
      contrasts.map(({ name, group }) => [name, group]),
      declaredPairs(study.record).map(([remedy, parent]) => [remedy, `minus ${parent}`]),
    );
    assert.ok(
      contrasts.every(({ test, adjustedPValue }) =>
        test?.state === "tested" && adjustedPValue !== null
      ),
    );
    for (const each of remedyStudies) {
      const stored = loadStudy(remedyStudyName(each, true), { project: temporary });
      const page = await Deno.readTextFile(join(stored.folder, remediesDocumentName));
      assert.equal(renderRemedies(each, stored), page);
      assert.match(page, /A quick run[^]*deno task reproduce remedies-/);
    }
  }));

/** Those of the studies whose records are here. */
const kept = remedyStudies.filter((each) => listStudies(project).includes(remedyStudyName(each)));

Deno.test("the stored studies of the remedies are those that the code defines", () => {
  assert.equal(kept[0], remediesSearch);
  const stored = kept.map((each) => loadStudy(remedyStudyName(each), { project }));
  kept.forEach((each, index) => {
    const { record } = stored[index];
    const { space, specify, seeds, folds, ensembles } = each.study(
      false,
      stored[index - 1] ?? null,
    );
    assert.deepEqual(record.space.points, space!.points);
    assert.deepEqual(
      record.specifications.map(canonicalJson),
      space!.points.map((point) => canonicalJson(leftOut(validateSpecification(specify(point))))),
    );
    assert.equal(record.folds.length, (folds as { count: number }).count);
    assert.deepEqual(record.seeds, seeds);
    assert.equal(record.ensembles?.length, ensembles?.length);
  });
});

Deno.test("pages of the search and of the comparison do not overlap", () => {
  const before = loadStudy(remedyStudyName(remediesSearch), { project });
  const [search, comparison] = remedyStudies.map((each) => {
    const { space, specify } = each.study(false, before);
    const { corpus } = specify(space!.points[0]) as TextSpecificationOptions;
    const { excerpt } = corpus as { excerpt: { start: number; length: number } };
    return [excerpt.start, excerpt.start + excerpt.length];
  });
  assert.ok(comparison[1] < search[0] || search[1] < comparison[0]);
});

Deno.test("no selected learning rate of the stored search lies at an end of those tried, and one that does is said", () => {
  const search = loadStudy(remedyStudyName(remediesSearch), { project });
  for (const { name } of tunedRemedies) {
    const { learningRate } = selectedSettings(search, name);
    const tried = search.record.space.points.filter(({ arm }) => arm === name)
      .map((point) => point.learningRate as number);
    assert.ok(Math.min(...tried) < learningRate && learningRate < Math.max(...tried), name);
    assert.deepEqual(
      settingsAtEdges(search, name).filter(({ axis }) => axis === "learningRate"),
      [],
    );
  }
  const highest = Math.max(
    ...search.record.space.points.map(({ learningRate }) => learningRate as number),
  );
  const records = search.records.map((run) => {
    const { arm, learningRate } = run.point;
    if (arm !== "none" || learningRate !== highest) return run;
    return { ...run, final: { ...run.final!, choosingLoss: 0 } };
  });
  assert.deepEqual(settingsAtEdges({ record: search.record, records }, "none"), [
    { axis: "learningRate", end: "upper", value: highest },
  ]);
});
