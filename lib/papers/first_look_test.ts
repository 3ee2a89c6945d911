import assert from "node:assert/strict";
import { join } from "node:path";
import { libraryFolder } from "../core/testing/documented.ts";
import { withSecondProject } from "../core/testing/second_project.ts";
import { readStudy } from "../reports/report.ts";
import { paperFiles } from "./paper_files.ts";
import { setAndCheck, withTex } from "./_testing/tex.ts";

/** The study of the first notebook as a program, with fewer and shorter runs. */
async function firstLook(): Promise<string> {
  const path = join(libraryFolder, "notebooks/01-first-look.ipynb");
  const { cells }: { cells: { cell_type: string; source: string[] }[] } = JSON.parse(
    await Deno.readTextFile(path),
  );
  const sources = cells.filter(({ cell_type }) => cell_type === "code")
    .map(({ source }) => source.join(""));
  const holding = (text: string) => {
    const found = sources.filter((source) => source.includes(text));
    assert.equal(found.length, 1, text);
    return found[0];
  };
  const [generator] = holding("const generator = ").split("const strengths = ");
  const shorter = { steps: "40", excerptLength: "6000", folds: "3", seeds: "[1]" };
  const parameters = Object.entries(shorter).reduce(
    (text, [name, value]) => text.replace(RegExp(`(const ${name} = ).*;`), `$1${value};`),
    holding('const name = "first-look"'),
  );
  return [parameters, holding('from "parsimony"'), generator, holding("space: arms(")].join("\n");
}

withTex(
  "the paper of the first notebook's study, trained shorter, is set without a warning",
  async (folder) => {
    const program = await firstLook();
    assert.ok(program.includes("const steps = 40;") && program.includes("const seeds = [1];"));
    await withSecondProject({ "study.ts": program }, async ({ folder: project, deno }) => {
      const { code, stderr } = await deno("run", "-A", "study.ts");
      assert.equal(code, 0, stderr);
      const study = readStudy(join(project, "results/first-look"));
      assert.equal(study.record.space.points.length, 24);
      const { text } = await setAndCheck(folder, await paperFiles({ studies: [study] }));
      assert.match(text, /first-look: regularization on moby-dick/);
    });
  },
);
