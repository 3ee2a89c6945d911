import assert from "node:assert/strict";
import { join } from "node:path";
import library from "../../deno.json" with { type: "json" };
import { libraryFolder } from "./testing/documented.ts";
import { formsOf, studyCommandsIn, taskCommands } from "./study_commands.ts";
import { version } from "./version.ts";

/** The commands of a project with a deno.json of this text, asked for from a folder in it. */
async function commandsWith(text: string, name = "deno.json") {
  const project = await Deno.makeTempDir({ prefix: "study-commands-" });
  try {
    const folder = join(project, "results", "study");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(project, name), text);
    return studyCommandsIn(folder);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

Deno.test("studyCommandsIn gives the tasks of a project that has them, and whole commands where one is missing", async () => {
  assert.deepEqual(studyCommandsIn(libraryFolder), taskCommands);
  assert.equal(taskCommands.verify, "deno task verify");
  const own = `// deno.json
{
  "imports": { "parsimony": "jsr:@parsimony/parsimony@^0.1.0" }, /* linked */
  "tasks": {
    "verify": { "command": "deno run --allow-read parsimony/cli verify" },
    "report": "echo cli report // not ours",
    "lint": "deno lint",
  },
}`;
  for (const name of ["deno.json", "deno.jsonc"]) {
    assert.deepEqual(await commandsWith(own, name), {
      verify: "deno task verify",
      report: "deno run --allow-read=. --allow-write=results --allow-env parsimony/cli report",
      study: "deno run --allow-read=. --allow-env parsimony/cli study",
    });
  }
  const { verify } = await commandsWith('{ "imports": { "parsimony": "./lib/mod.ts" } }');
  assert.match(verify, new RegExp(`jsr:@parsimony/parsimony@\\^${version}/cli verify$`));
});

Deno.test("studyCommandsIn gives tasks where no project can be read", async () => {
  assert.deepEqual(await commandsWith("{ no json"), taskCommands);
});

Deno.test("whole commands ask for what the library's own tasks ask for", () => {
  // Tasks name the variables and the path of Deno, which a command to be typed need not.
  const flags = (command: string) =>
    command.match(/--allow\S+/g)!.map((each) => each.replace(/^(--allow-(?:env|run))=.*/, "$1"));
  for (const name of ["verify", "report", "study"] as const) {
    const [task, ...whole] = formsOf(name);
    assert.equal(task, `deno task ${name}`);
    for (const each of whole) assert.deepEqual(flags(each), flags(library.tasks[name]), each);
  }
});
