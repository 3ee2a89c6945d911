import assert from "node:assert/strict";
import { join } from "node:path";
import { main } from "../cli.ts";
import { hostileTexts, isHarmless } from "../core/testing/hostile_texts.ts";
import { printedBy } from "../core/testing/printed.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { sha256 } from "../core/hash.ts";
import { commands } from "./commands.ts";

/** Fails where something printed reaches beyond its line, or where nothing was printed. */
function checkPrinted(what: string, printed: { output: string; errors: string }): void {
  const all = printed.output + printed.errors;
  assert.notEqual(all, "", what);
  assert.ok(isHarmless(all), `${what}: ${JSON.stringify(all)}`);
  assert.doesNotMatch(all, /^(✓ )?(forged|0 failed)/m, `${what}: ${JSON.stringify(all)}`);
}

/** What a command line prints, in this process. */
const run = (...args: string[]) =>
  printedBy(async () => void await main(args, { inThread: false }));

Deno.test("wrong arguments of every command are printed without what a terminal obeys, on one line", () =>
  inTemporaryProject(async () => {
    for (const text of hostileTexts) {
      checkPrinted("a command", await run(text));
      for (const { name } of commands) {
        for (
          const args of [
            [text, text, text],
            [`--${text}`],
            [`--set=${text}`, `--sample=${text}`, `--count=${text}`],
          ]
        ) {
          checkPrinted(`${name} ${JSON.stringify(args)}`, await run(name, ...args));
        }
      }
      for (
        const args of [
          ["notebooks", text],
          ["notebooks", `${text}/a.ipynb`],
          ["notebooks", "--time-limit", text],
          ["start", "--set", text],
          ["study", "show", text],
          ["report", text],
          ["report", "--compare", text, text],
          ["verify", text],
          ["verify", "a", "--seed", text],
          ["reproduce", text],
          ["reproduce", "ptb-small", "--engine", text],
          ["simulate", "--texts", text],
          ["datasets", "verify", text],
          ["datasets", "fetch", text],
          ["datasets", "add", text, text, "--licence", text],
          ["datasets", "add", "a", text, "--licence", text],
          ["datasets", "add", "a", `http://127.0.0.1:64999/${text}`, "--licence", text],
          ["lab", text],
          ["worker", "--redis", text],
          ["worker", "--redis", `redis://${text}`],
        ]
      ) {
        checkPrinted(JSON.stringify(args), await run(...args));
      }
    }
  }));

Deno.test("names and texts of files are printed without what a terminal obeys, on one line", () =>
  inTemporaryProject(async (project) => {
    for (const folder of ["datasets", "notebooks", "results/hostile", "results/findings"]) {
      await Deno.mkdir(join(project, folder), { recursive: true });
    }
    for (const [index, text] of hostileTexts.entries()) {
      // A file's name can hold neither a slash nor NUL.
      const name = text.toWellFormed().replaceAll(/[/\0]/g, "");
      const bytes = new TextEncoder().encode("A text.");
      await Deno.writeFile(join(project, `${name}.txt`), bytes);
      const entry = {
        name: "hostile",
        description: text,
        kind: "text",
        source: { path: `${name}.txt` },
        sha256: sha256(bytes),
        licence: text,
        size: { bytes: 7, codePoints: 7 },
        split: null,
      };
      const catalogue = join(project, "datasets", "catalogue.json");
      const write = (value: unknown) => Deno.writeTextFile(catalogue, JSON.stringify(value));
      await write({ schemaVersion: 1, datasets: [entry] });
      const listed = await run("datasets", "list");
      checkPrinted("datasets list", listed);
      assert.match(listed.output, /^hostile +text +7 characters +here +\S/m);
      checkPrinted("datasets fetch", await run("datasets", "fetch", "hostile"));
      await Deno.writeTextFile(join(project, `${name}.txt`), "Another text.");
      checkPrinted("datasets verify", await run("datasets", "verify", "hostile"));
      for (const change of [{ kind: text }, { name: text }, { [text]: 1 }, { size: text }]) {
        await write({ schemaVersion: 1, datasets: [{ ...entry, ...change }] });
        checkPrinted(`datasets, ${JSON.stringify(change)}`, await run("datasets", "list"));
      }
      await Deno.remove(catalogue);

      const notebook = join(project, "notebooks", `${name}.ipynb`);
      for (
        const content of [text, JSON.stringify({ cells: text }), JSON.stringify({ [text]: 1 })]
      ) {
        await Deno.writeTextFile(notebook, content);
        checkPrinted("notebooks", await run("notebooks", `0${index}`));
        checkPrinted("notebooks NAME", await run("notebooks", `${name}.ipynb`));
      }
      await Deno.remove(notebook);

      for (const file of ["study.json", "runs.jsonl"]) {
        await Deno.writeTextFile(join(project, "results", "hostile", file), `{"${text}":`);
        for (
          const line of ["study list", "study show hostile", "report hostile", "verify hostile"]
        ) {
          checkPrinted(`${line}, ${file}`, await run(...line.split(" ")));
        }
      }
      await Deno.remove(join(project, "results", "hostile"), { recursive: true });
      await Deno.mkdir(join(project, "results", "hostile"));
    }
  }));
