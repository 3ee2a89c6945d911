import assert from "node:assert/strict";
import { studyCommand } from "./commands.ts";
import { runStudyWith } from "./_study_course.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";

Deno.test("studyCommand lists, shows and digests what is in results/", () =>
  withProject(async (project) => {
    const run = (...args: string[]) => {
      const lines: string[] = [];
      const code = studyCommand(args, { print: (line) => lines.push(line), project });
      return { code, text: lines.join("\n") };
    };
    assert.deepEqual(run("list"), { code: 0, text: "There is no study in results/ yet." });
    const study = await runStudyWith(doubleParts, doubleOptions(project, { seeds: [1] }));
    const digest = study.digest();
    await Deno.mkdir(`${project}/results/broken`);
    await Deno.writeTextFile(`${project}/results/broken/study.json`, "{");
    const { text } = run("list");
    assert.match(text, /^broken: cannot be read \(.*not JSON/);
    assert.ok(text.endsWith(`double: 12/12 runs, 2 refits, cpu, digest ${digest.slice(0, 12)}`));
    assert.deepEqual(run("digest", "double"), { code: 0, text: digest });
    assert.equal(run("show", "double").text, `${study}\ndigest ${digest}`);
    assert.throws(() => run("digest", "nothing"), /There is no study "nothing"/);
    assert.throws(() => run("digest", "../double"), /stays inside results/);
    const failing = { mischief: "throw", mischiefFold: 0 };
    const options = doubleOptions(project, { name: "failing", seeds: [1] }, failing);
    await runStudyWith(doubleParts, options);
    const failed = "4 failed (retryFailed: true of runStudy tries them again)";
    assert.match(
      run("list").text,
      /^failing: 12\/12 runs, 1 refit, 4 failed \(retry.*\), cpu, digest /m,
    );
    assert.ok(run("show", "failing").text.endsWith(`\nOf the runs, ${failed}.`));
    // report.md 9: what was wrong stands before the usage.
    const wrong: [string[], string][] = [
      [["lst"], 'study takes list, show, digest, found "lst". Did you mean "list"?'],
      [["frob"], 'study takes list, show, digest, found "frob".'],
      [["\u001b[31m"], 'study takes list, show, digest, found "\\u001b[31m".'],
      [[], "study needs one of list, show, digest, found nothing."],
      [["list", "x"], 'study list takes no name, found "x".'],
      [["show"], "study show takes one name, found none."],
      [["digest", "a", "b"], 'study digest takes one name, found "a" "b".'],
    ];
    for (const [args, said] of wrong) assert.equal(run(...args).text.split("\n")[0], said);
    for (const args of [[], ["list", "x"], ["show"], ["digest"], ["digest", "a", "b"], ["frob"]]) {
      assert.equal(run(...args).code, 2);
      assert.match(run(...args).text, /study digest NAME/);
    }
  }));
