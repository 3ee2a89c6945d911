// `deno task test`: tests, examples in the documentation, cells of notebooks; `deno task test FILE …`:
// the tests of some files. The last line is `N passed, N failed`.

import { runSteps, test, testSteps, types } from "./_steps.ts";
import { helpIfAsked } from "./_usage.ts";

helpIfAsked(`test [FILE_OR_FOLDER …]
  Without arguments: types, all tests, the examples in the documentation, the cells of notebooks; the
  files are tested on all cores, the longest first, as .temporary/ knows them from the last time.
  Arguments go to deno test, such as lib/data, or --filter=TEXT. The last line is: N passed, N failed.
  What needs Chromium, Redis, a BLAS or Python is skipped where that is missing.`);

await runSteps(
  Deno.args.length === 0 ? [types, ...testSteps] : [["tests", () => test("tests", ...Deno.args)]],
);
