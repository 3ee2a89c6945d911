import assert from "node:assert/strict";
import { join } from "node:path";
import { canonicalJson } from "../../core/json.ts";
import { withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { validateSpecification } from "../../training/specification.ts";
import { commandOf } from "../reproductions/kept_study.ts";
import { verifyStudy } from "../../verification/verify_study.ts";
import { allFindings, findingOf, findingStudyName } from "./all.ts";
import { findingDocumentName, renderFinding } from "./document.ts";
import { rulesOfThumb } from "./rules_of_thumb.ts";
import { runFinding } from "./run_finding.ts";

for (const finding of allFindings) {
  Deno.test(`${finding.name}: at least 5 folds and 2 seeds, and every comparison is of points of its study`, () => {
    for (const quick of [true, false]) {
      const { space, specify, folds, seeds, baseline } = finding.study(quick);
      assert.ok("count" in folds && folds.count >= 5 && seeds.length >= 2);
      const known = space!.points.map(canonicalJson);
      // The arms of a study of arms declare what is compared.
      if (space!.arms === undefined) assert.ok(baseline && known.includes(canonicalJson(baseline)));
      else assert.ok(baseline === undefined && finding.families.length === 0);
      const hashes = space!.points.map((point) =>
        canonicalJson(validateSpecification(specify(point)))
      );
      assert.equal(new Set(hashes).size, hashes.length);
      const named = finding.families.flatMap(({ contrasts }) =>
        contrasts.flatMap(({ terms }) => terms)
      );
      for (const { point } of named) assert.ok(known.includes(canonicalJson(point)));
    }
    const names = finding.families.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.equal(findingOf(findingStudyName(finding)), finding);
    assert.equal(findingOf(findingStudyName(finding, true)), finding);
  });
}

Deno.test("runFinding runs a quick study, draws its figure, and writes a document that verifyStudy makes again and sees tampered with", () =>
  withTemporaryProject(async (project) => {
    const study = await runFinding(rulesOfThumb, {
      project,
      quick: true,
      reporter: silentReporter,
    });
    assert.deepEqual(study.records.map(({ error }) => error), study.records.map(() => null));
    const svg = rulesOfThumb.figure(study).svg();
    assert.match(svg, /^<svg [^]*dataSize[^]*<\/svg>\n$/);
    assert.equal(rulesOfThumb.figure(study).svg(), svg);
    const path = join(study.folder, findingDocumentName);
    const page = await Deno.readTextFile(path);
    assert.match(page, /A quick run/);
    assert.match(page, new RegExp(study.digest()));
    for (const { what } of rulesOfThumb.families) assert.ok(page.includes(what.slice(1)));
    const verify = async () =>
      (await verifyStudy(study.name, {
        project,
        command: commandOf,
        documents: [{
          name: findingDocumentName,
          render: (records) => renderFinding(rulesOfThumb, records),
        }],
      })).filter(({ problems }) => problems.length > 0).map(({ what }) => what);
    assert.deepEqual(await verify(), []);
    await Deno.writeTextFile(path, page.replace(/(\| \d\.\d)\d/, "$19"));
    assert.match((await verify()).join(), /^finding\.md/);
  }));
