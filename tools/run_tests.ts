// `deno task test`: tests, examples in the documentation, cells of notebooks; `deno task test FILE …`:
// the tests of some files. The last line is `N passed, N failed`.

import { runSteps, test, testSteps } from "./_steps.ts";

await runSteps(
  Deno.args.length === 0 ? testSteps : [["tests", () => test("tests", ...Deno.args)]],
);
