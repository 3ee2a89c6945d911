// `deno task test [FILE …]`: the tests, or those of some files. The last line is `N passed, N failed`.

import { finish, test } from "./_steps.ts";

const outcome = await test("tests", ...(Deno.args.length > 0 ? Deno.args : ["lib", "tools"]));
finish([outcome]);
