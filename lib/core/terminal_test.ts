import assert from "node:assert/strict";
import { join } from "node:path";
import { visibleLine } from "./html.ts";
import { projectFolder } from "./project.ts";
import { print, printError, statusLine, type TextSink } from "./terminal.ts";
import { hostileTexts, isHarmless } from "./testing/hostile_texts.ts";
import { printedBy } from "./testing/printed.ts";

const project = projectFolder(import.meta.dirname);

/** Files that write to a terminal themselves, with the reason. */
const others: Record<string, string> = {
  "lib/core/terminal.ts": "what the others print through",
  "lib/core/runtime/standard_streams.ts":
    "what terminal.ts and answers to other processes are written by",
  "lib/engine/engine.ts": "a warning that a program of the user's shows, made visible",
  "lib/studies/notebook_reporter.ts": "a warning in the output of a cell, made visible",
  "lib/studies/show_generation.ts": "pieces of a line, made visible",
  "lib/studies/pool/_trainer.ts": "keeps what own parts print away from the protocol",
  "lib/studies/_own_parts_process.ts": "an answer to its parent process",
  "lib/studies/pool/child.ts": "messages to its parent process",
  "lib/commands/_library_file.ts": "a reason for its parent process, which prints it",
  "lib/doctor/allowed_programs.ts": "names of programs for the shell of a task",
  "lib/fuzzing/_child.ts": "outcomes for its parent process",
  "lib/fuzzing/_files.ts": "the text of a cell",
  "lib/doctor/_blas_process.ts": "speeds for its parent process",
  "tools/build_kernels.ts": "names and hashes of our own files",
  "bench/sweep_study.ts": "events for its parent process",
  "bench/engine_process.ts": "results for its parent process",
};

Deno.test("print, printError and the status line show by its code what is invisible or turns a line around", () => {
  for (const text of hostileTexts) {
    const { output, errors } = printedBy(() => {
      print(`before ${text} behind`);
      printError(`before ${text} behind`);
    });
    for (const printed of [output, errors]) {
      assert.ok(isHarmless(printed), JSON.stringify(printed));
      assert.match(printed, /^before [^]* behind\n$/);
    }
    let written = "";
    const sink: TextSink = { write: (piece) => void (written += piece), columns: () => 200 };
    const line = statusLine(sink);
    line.draw(`at ${text}`);
    assert.ok(written.startsWith("\rat ") && written.endsWith("\x1b[K"), JSON.stringify(written));
    const drawn = written.slice(1, -3);
    assert.ok(isHarmless(drawn), JSON.stringify(written));
    // A line that is drawn over must be one line, or what it says stays.
    assert.doesNotMatch(drawn, /\n/);
    written = "";
    line.print(text);
    assert.ok(isHarmless(written.replace("\r\x1b[K", "")), JSON.stringify(written));
  }
});

Deno.test("visibleLine leaves no second line", () => {
  assert.equal(visibleLine("a\n✓ forged\tb\r"), "a‹U+000A›✓ forged‹U+0009›b‹U+000D›");
});

Deno.test("nothing but terminal.ts prints, except for the files listed with a reason", async () => {
  const found: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(project, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory && !/^_?testing$|^_reference$|^assembly$/.test(name)) await visit(path);
      if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
      const code = (await Deno.readTextFile(join(project, path))).replace(/^\s*(\*|\/\/).*$/gm, "");
      if (
        /console\.(log|error|warn|info|debug|table)|Deno\.std(out|err)\.w|\bwriteTo(Output|Errors)\(/
          .test(code)
      ) {
        found.push(path);
      }
    }
  };
  for (const folder of ["lib", "tools", "bench"]) await visit(folder);
  assert.deepEqual(found.toSorted(), Object.keys(others).toSorted());
});
