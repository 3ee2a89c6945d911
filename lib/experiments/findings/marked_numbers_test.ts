import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../../core/project.ts";
import { mean } from "../../statistics/estimate.ts";
import { withStoredStudy } from "./_testing/stored_study.ts";
import { computeMarkedNumbers } from "./marked_numbers.ts";

const mark = (json: unknown, text = "") =>
  `<!-- from results/stored ${JSON.stringify(json)} -->${text}<!-- end -->`;

Deno.test("computeMarkedNumbers computes means, deviations and intervals from the records, and keeps the rest", () =>
  withStoredStudy((project, runs) => {
    const point = { lambda: 0, alpha: 0 };
    const own = runs.filter((run) =>
      run.fold !== "final" && run.point.lambda === 0 && run.point.alpha === 0
    );
    assert.ok(own.length >= 4);
    const text = `Loss ${mark({ value: "validationLoss", point })} | ${
      mark({ value: "trainingLoss", point, step: own[0].curve[1].step, decimals: 5 })
    } | ${mark({ value: "validationLoss", point, fold: 0, show: "interval" })}\n`;
    const { text: computed, marks, problems } = computeMarkedNumbers(text, { project });
    assert.equal(marks, 3);
    assert.equal(problems.length, 3);
    const numbers = [...computed.matchAll(/-->([^<]*)<!-- end/g)].map(([, number]) => number);
    assert.equal(numbers[0], mean(own.map((run) => run.final!.heldOutLoss)).toFixed(3));
    assert.equal(numbers[1], mean(own.map((run) => run.curve[1].trainingLoss)).toFixed(5));
    assert.match(numbers[2], /^\d\.\d{3} to \d\.\d{3}$/);
    assert.deepEqual(computeMarkedNumbers(computed, { project }).problems, []);
    assert.equal(computed.replace(/-->[^<]*<!-- end/g, "--><!-- end"), text);

    const wrong = computed.replace(numbers[0], "9.999");
    const found = computeMarkedNumbers(wrong, { project });
    assert.equal(found.text, computed);
    assert.match(found.problems[0], new RegExp(`says "9.999", the records "${numbers[0]}"`));
  }));

Deno.test("computeMarkedNumbers gives sentences, counts and digests, and says what a mark cannot ask for", () =>
  withStoredStudy((project, runs) => {
    const of = (json: unknown) => computeMarkedNumbers(mark(json), { project });
    assert.match(of({ runs: true }).text, new RegExp(`-->${runs.length}<!--`));
    assert.match(of({ digest: true }).text, /-->[0-9a-f]{64}<!--/);
    assert.match(of({ statement: "completeness" }).text, /-->\S.*runs.*<!--/);
    const cases: [unknown, RegExp][] = [
      [{ value: "loss", point: {} }, /value must be one of/],
      [{ value: "validationLoss", point: { lambda: 7 } }, /No completed run .*{"lambda":7}/],
      [{ value: "validationLoss", point: { lambda: 0, alpha: 0 }, step: 7 }, /at step 7/],
      [{ statement: "weather" }, /statement must be one of/],
      [{ claim: 0, show: "mean" }, /is no reproduction/],
      [{ number: 3 }, /must hold value, estimate/],
      [{ value: "validationLoss", point: {}, place: 3 }, /unknown option "place"/],
    ];
    for (const [json, message] of cases) assert.match(of(json).problems[0], message);
    const absent = mark({ runs: true }).replace("stored", "no-such-study");
    assert.match(computeMarkedNumbers(absent, { project }).problems[0], /no study "no-such-study"/);
    const code = `\`\`\`md\n${absent}\n\`\`\``;
    assert.deepEqual(computeMarkedNumbers(code, { project, strict: true }).problems, []);
    const open = mark({ runs: true }).replace("<!-- end -->", "");
    assert.match(computeMarkedNumbers(open, { project }).problems[0], /not closed/);
  }));

Deno.test("computeMarkedNumbers refuses numbers outside of marks where that is asked for", () => {
  const text =
    "About 1.5 nats, 60 % zeros, `2.5` in code, [3](docs/4.5.md), 20 runs, Deno 2.9.6: <i a='2.5'>";
  assert.deepEqual(computeMarkedNumbers(text).problems, []);
  const { problems } = computeMarkedNumbers(text, { strict: true });
  assert.deepEqual(problems.map((each) => each.split(" stands")[0]), ['"1.5"', '"60 %"']);
});

const project = projectFolder(fileURLToPath(new URL(".", import.meta.url)));

for (const name of ["docs/findings.md", "README.md"]) {
  Deno.test(`every decimal number of ${name} has a mark and is what the records say`, async () => {
    const text = await Deno.readTextFile(join(project, name));
    assert.deepEqual(computeMarkedNumbers(text, { project, strict: true }).problems, []);
  });
}
