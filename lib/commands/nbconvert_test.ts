import assert from "node:assert/strict";
import { join } from "node:path";
import { kernelSpecification } from "../notebook/kernel_specification.ts";
import { readNotebook } from "../notebook/notebook_file.ts";
import { withoutColours } from "../notebook/outputs.ts";
import type { Program } from "../doctor/programs.ts";
import { screenshots, withJupyter, writeNotebook } from "./_testing/jupyterlab.ts";
import { project } from "./_testing/task.ts";

/** What a reader sees of a piece of HTML without entities. */
const textOf = (html: string) => html.replace(/<[^>]*>/g, "").trim();

/** Runs the nbconvert that belongs to a JupyterLab, and gives what it wrote to its terminal. */
async function nbconvert(
  { command }: Program,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const [program, ...before] = command.map((part) =>
    part.replace(/jupyter-lab(\.exe)?$/, "jupyter-nbconvert$1").replace(/^jupyterlab$/, "nbconvert")
  );
  const { code, stderr } = await new Deno.Command(program, {
    args: [...before, ...args],
    cwd: project,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  return said;
}

withJupyter(
  "nbconvert makes a page of the first notebook in which table and figures are drawn without a network",
  async ({ jupyter, page, folder, errors, requests }) => {
    const source = join(project, "notebooks", "01-first-look.ipynb");
    // Without the two scripts that the page would fetch; see docs/troubleshooting.md.
    const ownScripts = ["--HTMLExporter.require_js_url=", "--HTMLExporter.mathjax_url="];
    await nbconvert(jupyter, [
      ...["--to", "html", ...ownScripts, "--output-dir", folder, source],
    ]);
    const bundles = (await readNotebook(source)).cells.flatMap(({ outputs = [] }) => outputs)
      .flatMap((output) => "data" in output ? [output.data] : []);
    const figures = bundles.filter((bundle) => "application/vnd.plotly.v1+json" in bundle);
    assert.ok(figures.length >= 5);
    await page.goto(`file://${join(folder, "01-first-look.html")}`);
    await page.waitForFunction(
      `document.querySelectorAll(".js-plotly-plot .gtitle").length === ${figures.length}`,
      { timeout: 120_000 },
    );
    const [sentence, table] = bundles.map((bundle) => [bundle["text/html"]].flat().join(""));
    assert.ok((await page.$eval("body", (body) => body.textContent!)).includes(textOf(sentence)));
    const drawn = await page.$eval(
      ".jp-OutputArea-output table",
      (element) => element.textContent!.replace(/\s+/g, ""),
    );
    assert.ok(drawn.length > 500 && textOf(table).replace(/\s+/g, "").startsWith(drawn));
    await Deno.mkdir(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, "nbconvert.png"), fullPage: true });
    // Without scripts the page has the static images.
    await page.setJavaScriptEnabled(false);
    await page.reload();
    const widths = await page.$$eval(
      ".jp-OutputArea-output img",
      (images) => images.map(({ naturalWidth }) => naturalWidth),
    );
    assert.equal(widths.length, figures.length);
    assert.ok(widths.every((width) => width > 400), widths.join());
    assert.deepEqual(errors, []);
    assert.deepEqual(requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
  },
);

withJupyter(
  "nbconvert executes a notebook on our kernel and loses no output of 60 cells in a row",
  async ({ jupyter, folder }) => {
    const kernels = join(folder, "jupyter", "kernels", "deno");
    await Deno.mkdir(kernels, { recursive: true });
    await Deno.writeTextFile(
      join(kernels, "kernel.json"),
      JSON.stringify(kernelSpecification(project)),
    );
    const path = join(folder, "counting.ipynb");
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    await writeNotebook(
      path,
      numbers.map((number) => `console.log("first ${number}"); console.log("last"); ${number}`),
    );
    await nbconvert(
      jupyter,
      ["--to", "notebook", "--execute", "--inplace", path],
      { JUPYTER_PATH: join(folder, "jupyter"), JUPYTER_RUNTIME_DIR: join(folder, "runtime") },
    );
    const { cells } = await readNotebook(path);
    for (const number of numbers) {
      const texts = cells[number].outputs!.flatMap((output) =>
        "data" in output
          ? output.data["text/plain"]
          : output.output_type === "stream"
          ? output.text
          : output.evalue
      );
      assert.equal(withoutColours(texts.join("")), `first ${number}\nlast\n${number}`);
    }
  },
);
