import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "../records/run_record.ts";
import { readStudy, writeMarkdownReport, writeReport } from "../reports/report.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { documentProblems, reportsOf } from "./_documents.ts";
import { plannedRuns } from "./_records.ts";
import { differences, outsideTolerance, startRetrainer } from "./_train_again.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";

const command = "deno run --allow-read study.ts <here>";

/** Uses a project with a small study, trained for real, and its report. */
const withStudy = (
  use: (folder: string, project: string) => Promise<void>,
  earlyStopping: { readonly patience: number } | null = null,
) =>
  withSmallStudy(
    async (study, project) => {
      await writeReport(study, { command });
      await use(study.folder, project);
    },
    {},
    earlyStopping,
  );

const wrong = (parts: readonly VerifiedPart[]) =>
  parts.filter(({ problems }) => problems.length > 0)
    .map(({ what, problems }) => `${what}: ${problems.join("; ")}`).join("\n");

/** Changes a file, verifies, and puts it back. */
async function tampered(
  project: string,
  path: string,
  change: (content: string) => string,
  sample = 0,
): Promise<string> {
  const content = await Deno.readTextFile(path);
  const changed = change(content);
  assert.notEqual(changed, content, path);
  await Deno.writeTextFile(path, changed);
  try {
    return wrong(await verifyStudy("small", { project, command, sample }));
  } finally {
    await Deno.writeTextFile(path, content);
  }
}

Deno.test("verifyStudy finds nothing wrong with a study as it was trained, and catches each changed digit", () =>
  withStudy(async (folder, project) => {
    const parts = await verifyStudy("small", { project, command, sample: 2 });
    assert.equal(wrong(parts), "");
    assert.ok(parts.some(({ what }) => what.startsWith("report.html")));
    assert.match(parts.at(-1)!.what, /trained again on wasm: the same bits/);

    const journal = join(folder, "runs.jsonl");
    const lines = (await Deno.readTextFile(journal)).trimEnd().split("\n");
    const withRun = (change: (run: any) => void) => (content: string) => {
      const run = JSON.parse(lines[0]);
      change(run);
      return content.replace(lines[0], JSON.stringify(run));
    };
    const definition = join(folder, "study.json");
    const cases: [what: string, path: string, change: (content: string) => string, RegExp][] = [
      [
        "a loss",
        journal,
        withRun((run) => run.curve[1].heldOutLoss += 1e-9),
        /gap is not held-out/,
      ],
      ["a weight norm", journal, withRun((run) => run.curve[1].weightNorm += 1e-9), /report\.html/],
      ["a final loss", journal, withRun((run) => run.final.trainingLoss += 1e-9), /final is not/],
      ["a duration", journal, withRun((run) => run.durationSeconds += 1), /report\.html/],
      ["a seed", journal, withRun((run) => run.seed = 2), /seed is 2, its id is of 1/],
      ["a point", journal, withRun((run) => run.point.lambda = 0.02), /point is {"lambda":0.02}/],
      [
        "an id",
        journal,
        withRun((run) => run.id = run.id.replace(/./, (c: string) => c === "0" ? "1" : "0")),
        /no specification.* give its id.*are missing/,
      ],
      [
        "a digit behind a number's precision",
        journal,
        (content) => content.replace(/("trainingLoss":\d\.\d+)/, "$100000000000000000001"),
        /line 1 is not as the library writes it/,
      ],
      [
        "a space of the definition",
        definition,
        (content) => content.replace(": ", ":  "),
        /study\.json.*not as the library writes it/,
      ],
      ["a line twice", journal, (content) => {
        const run: RunRecord = JSON.parse(lines[0]);
        return `${content}${JSON.stringify({ ...run, samples: [] })}\n`;
      }, /disagrees with an earlier line/],
      [
        "a line less",
        journal,
        (content) => content.slice(lines[0].length + 1),
        /1 runs .* missing/,
      ],
      ["half a line", journal, (content) => content.slice(0, -9), /is torn/],
      ["no JSON", journal, (content) => content.replace("{", "["), /line 1 is not the record/],
      [
        "a setting",
        definition,
        (content) => content.replace(/("hiddenSize": )6/, "$17"),
        /definitionHash is .*\n.*give its id/,
      ],
      [
        "a seed of it",
        definition,
        (s) => s.replace(/("seeds": \[\s*)1/, "$12"),
        /definitionHash is/,
      ],
      [
        "its date",
        definition,
        (s) => s.replace(/"createdAt": "20/, '"createdAt": "19'),
        /report\./,
      ],
      ["its machine", definition, (s) => s.replace(/("cores": )/, "$11"), /report\.html/],
      ["a broken definition", definition, (content) => content.slice(9), /not JSON/],
      [
        "the corpus",
        join(project, "whales.txt"),
        (content) => content.replace("3481", "3482"),
        /corpus whales:.*SHA-256 must be/,
      ],
      [
        "a number of the report",
        join(folder, "report.html"),
        (content) => content.replace(/(<td[^>]*>\d\.\d)(\d)/, (_, a, b) => `${a}${9 - b}`),
        /report\.html.*it is not what the records give, first at line/,
      ],
      [
        "the report's hash of the records",
        join(folder, "report.html"),
        (content) => content.replace(/(records<\/dt><dd>SHA-256 <code>)./, "$1x"),
        /it has "[^"]*x/,
      ],
    ];
    for (const [what, path, change, message] of cases) {
      assert.match(await tampered(project, path, change), message, what);
    }

    // Tampered so that no contradiction is left, and the report written again: training tells.
    const consistent = withRun((run) => {
      for (const at of [run.curve.at(-1), run.final]) at.weightNorm += 1e-6;
      if (run.best.step === run.final.step) run.best = run.final;
    });
    const content = await Deno.readTextFile(journal);
    await Deno.writeTextFile(journal, consistent(content));
    await writeReport(folder, { command });
    assert.equal(wrong(await verifyStudy("small", { project, command })), "");
    const all = wrong(await verifyStudy("small", { project, command, sample: lines.length }));
    assert.match(all, /^run [0-9a-f]{12} trained again .*weightNorm is \S+ in the records, /);
    assert.equal(all.split("\n").length, 1);
  }));

Deno.test("trainAgain compares within a tolerance what another engine or version of the numbers recorded", () =>
  withStudy(async (folder, project) => {
    const { record, records: [recorded] } = readStudy(folder);
    const plan = plannedRuns(record, []).get(recorded.id)!;
    const retrainer = startRetrainer(project);
    const again = (change: Partial<RunRecord>) =>
      retrainer.trainAgain(plan, { ...recorded, ...change });
    assert.deepEqual(await again({}), { exact: true, engine: "wasm", problems: [] });
    for (const change of [{ engine: "native/elsewhere" }, { numericsVersion: 0 }]) {
      const { exact, problems } = await again(change);
      assert.deepEqual({ exact, problems }, { exact: false, problems: [] });
    }
    const curve = recorded.curve.map((at) => ({ ...at, trainingLoss: at.trainingLoss + 0.1 }));
    assert.match(
      (await again({ engine: "native/elsewhere", curve })).problems[0],
      /trainingLoss at/,
    );
    await retrainer.close();
  }));

Deno.test("the Markdown report and its pictures are made again from the records, and seen when tampered with", () =>
  withStudy(async (folder) => {
    await writeMarkdownReport(folder, { command });
    const study = readStudy(folder);
    const documents = reportsOf(study, command).filter(({ name }) =>
      ["report.html", "report.md", "figures/figure-01-dark.png"].includes(name)
    );
    assert.equal(documents.length, 3);
    for (const document of documents) {
      const problems = async () => (await documentProblems(folder, document, study))?.problems;
      assert.deepEqual(await problems(), [], document.name);
      const path = join(folder, document.name);
      const bytes = await Deno.readFile(path);
      const at = document.name.endsWith("png") ? bytes.length - 20 : bytes.indexOf(0x2e) + 1;
      bytes[at] ^= 1;
      await Deno.writeFile(path, bytes);
      assert.equal((await problems())?.length, 1, document.name);
      await Deno.remove(path);
      assert.equal(await documentProblems(folder, document, study), null);
    }
  }));

Deno.test("outsideTolerance takes small differences of losses, and no large one, NaN or other status", () => {
  const at = (step: number, trainingLoss: number, heldOutLoss: number) =>
    ({ step, trainingLoss, heldOutLoss }) as RunRecord["curve"][number];
  const run = (curve: RunRecord["curve"], status: RunRecord["status"] = "completed") =>
    ({ status, curve, stoppedAtStep: null, tokens: {} }) as unknown as RunRecord;
  const recorded = run([at(0, 4, 4), at(10, 0.5, 2)]);
  assert.deepEqual(outsideTolerance(recorded, run([at(0, 4.03, 4), at(10, 0.508, 2)])), []);
  const off = outsideTolerance(recorded, run([at(0, 4.05, 4), at(10, 0.511, NaN)]));
  assert.equal(off.length, 3);
  assert.match(off[1], /trainingLoss at step 10 is 0.5 in the records, 0.511 when trained.*0.010/);
  assert.match(outsideTolerance(recorded, run([], "diverged"))[0], /status is completed/);
  assert.match(outsideTolerance(recorded, run([at(0, 4, 4)]))[0], /at other steps/);
  assert.deepEqual(differences(recorded, run([at(0, 4, 4), at(10, 0.5, 3)])), [
    "curve.1.heldOutLoss is 2 in the records, 3 when trained",
  ]);
});

Deno.test("verifyStudy refuses a study that is not there and a sample that is no number", async () => {
  await assert.rejects(verifyStudy("no-such-study"), /no study no-such-study/);
  await assert.rejects(verifyStudy("x", { sample: NaN }), /sample must be/);
});

Deno.test("verifyStudy finds the refits of a study that stops early, and tells those of another chosen step from garbage", () =>
  withStudy(async (folder, project) => {
    const lines = await Deno.readTextFile(join(folder, "runs.jsonl"));
    const sample = lines.trimEnd().split("\n").length;
    assert.equal(wrong(await verifyStudy("small", { project, command, sample })), "");
    const refit: RunRecord = lines.trimEnd().split("\n").map((line) => JSON.parse(line))
      .find(({ fold }) => fold === "final");
    const elsewhere = refit.id.replace(/^./, refit.id[0] === "0" ? "1" : "0");
    const other = JSON.stringify(refit).replaceAll(refit.id, elsewhere);
    await Deno.writeTextFile(join(folder, "runs.jsonl"), `${lines}${other}\n`);
    const parts = await verifyStudy("small", { project, command });
    assert.equal(wrong(parts), "");
    assert.ok(parts.some(({ what }) => what.includes("1 of other engines or versions, or")));
  }, { patience: 1 }));

Deno.test("verifyStudy trains runs of native in a process that may load the library", () =>
  withSmallStudy(async ({ record }, project) => {
    const parts = await verifyStudy("small", { project, sample: 1 });
    assert.equal(wrong(parts), "");
    // Wasm where no library is installed.
    const { what } = parts.at(-1)!;
    assert.ok(what.endsWith(`trained again on ${record.engine}: the same bits`), what);
  }, { engine: "native", workers: 1 }));
