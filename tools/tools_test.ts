import assert from "node:assert/strict";
import { problemsIn } from "./_doc_lint.ts";
import { filesBelow, inLanes, longestFirst } from "./_lanes.ts";
import { countsOf, lastLines, project } from "./_steps.ts";

Deno.test("countsOf counts tests, failures and skips of a JUnit report", () => {
  const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.1">
  <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">
    <testcase name="one" classname="./a_test.ts" time="0.1" line="1" col="6"></testcase>
    <testcase name="two" classname="./a_test.ts" time="0.1"/>
    <testcase name="three"><failure message="Uncaught AssertionError">text</failure></testcase>
    <testcase name="four"><skipped/></testcase>
  </testsuite>
</testsuites>`;
  assert.deepEqual(countsOf(report), { tests: 4, failures: 1, skipped: 1 });
  assert.deepEqual(countsOf(""), { tests: 0, failures: 0, skipped: 0 });
});

Deno.test("lastLines keeps the end of an output, where a failed test says why", () => {
  const output = Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n");
  const kept = lastLines(`${output}\n\n`).split("\n");
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [40, "line 60", "line 99"]);
  assert.equal(lastLines("one\n"), "one");
});

Deno.test("problemsIn keeps missing documentation and unknown errors, not private types", () => {
  const report = [
    "error[private-type-ref]: public type 'grid' references private type 'Json'",
    "  --> lib/studies/space.ts:23:1",
    "",
    "error[missing-jsdoc]: exported symbol is missing JSDoc documentation",
    "  --> lib/a.ts:4:3",
    "",
    "error: Module not found",
    "error: Found 2 documentation lint errors.",
    "",
  ].join("\n");
  assert.deepEqual(problemsIn(report), [
    "lib/a.ts:4:3: exported symbol is missing JSDoc documentation",
    "Module not found",
  ]);
});

Deno.test("longestFirst begins with what was never timed, then with the longest", () => {
  const seconds = { "a_test.ts": 1, "b_test.ts": 30, "c_test.ts": 2 };
  const files = ["a_test.ts", "b_test.ts", "c_test.ts", "constructor", "new_test.ts"];
  assert.deepEqual(longestFirst(files, seconds), [
    ...["constructor", "new_test.ts", "b_test.ts", "c_test.ts", "a_test.ts"],
  ]);
});

Deno.test("inLanes does every work once, as many at a time as there are lanes, and keeps their order", async () => {
  let [now, most] = [0, 0];
  const works = Array.from({ length: 9 }, (_, index) => async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1 + (index * 5) % 7));
    now--;
    return index;
  });
  assert.deepEqual(await inLanes(works, 3), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(most, 3);
  assert.deepEqual(await inLanes([], 3), []);
});

Deno.test("filesBelow finds the tests of all rooms, this one's too", async () => {
  const found = await filesBelow(project, ["lib", "tools", "bench"], "_test.ts");
  for (const file of ["tools/tools_test.ts", "lib/architecture_test.ts", "lib/core/json_test.ts"]) {
    assert.ok(found.includes(file), file);
  }
  assert.equal(new Set(found).size, found.length);
});
