import assert from "node:assert/strict";
import { problemsIn } from "./_doc_lint.ts";
import { countsOf } from "./_steps.ts";

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
