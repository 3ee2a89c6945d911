import assert from "node:assert/strict";
import { join } from "node:path";
import { formsOf, type StudyCommands } from "../core/study_commands.ts";
import { reportDocument } from "../reports/document.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { figurePaths, renderReport } from "../reports/report.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { documentProblems, reportsOf } from "./_documents.ts";

const { study: record, runs: records } = syntheticStudy({
  axes: { lambda: [0, 1e-4] },
  folds: 2,
  seeds: [1],
});
const study = { record, records };
const script = await plotlyScript();

/** What verifying reports with these commands finds, in the page and in the Markdown. */
async function problemsWith(commands: StudyCommands): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "report-commands-" });
  try {
    const document = reportDocument(study, null, commands);
    const paths = document.figures.map((_, index) => figurePaths(index));
    const page = renderReport(study, { script, command: null, commands });
    await Deno.writeTextFile(join(folder, "report.html"), page);
    await Deno.writeTextFile(join(folder, "report.md"), renderMarkdown(document, paths));
    const found: string[] = [];
    for (const report of reportsOf(study, null).slice(0, 2)) {
      found.push(...(await documentProblems(folder, report, study))!.problems);
    }
    return found;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("report.md 6: reports are verified whatever of the library's own forms their commands have, and in no other", async () => {
  const forms = [0, 1, 2].map((at): StudyCommands => ({
    verify: formsOf("verify")[at],
    report: formsOf("report")[at],
    study: formsOf("study")[at],
  }));
  assert.equal(new Set(forms.map(({ verify }) => verify)).size, 3);
  for (const commands of forms) assert.deepEqual(await problemsWith(commands), []);
  assert.deepEqual(await problemsWith({ ...forms[0], verify: forms[1].verify }), []);
  for (
    const verify of [
      "deno run -A ../elsewhere/cli.ts verify",
      `${forms[1].verify.replace("--allow-read=.", "--allow-all")}`,
      `${forms[2].verify.replace("jsr:@parsimony", "jsr:@other")}`,
    ]
  ) {
    const problems = await problemsWith({ ...forms[0], verify });
    assert.equal(problems.length, 2, verify);
    for (const problem of problems) assert.match(problem, /it is not what the records give/);
  }
});
