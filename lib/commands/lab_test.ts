import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { type CellOutput, type Notebook, readNotebook } from "../notebook/notebook_file.ts";
import { withoutColours } from "../notebook/outputs.ts";
import { runNotebook } from "../notebook/runner.ts";
import {
  cellSelector,
  choose,
  kernelIs,
  outputTexts,
  screenshots,
  withJupyterLab,
  writeNotebook,
} from "./_testing/jupyterlab.ts";
import { project } from "./_testing/task.ts";

const study = (name: string, steps: number) => `
import {
  adam, blockedFolds, characters, corpus, decoupledWeightDecay, grid, gruLanguageModel,
  plotGeneralizationGap, plotHeatMaps, proximalL1, runStudy,
} from "parsimony";
const study = await runStudy({
  name: ${JSON.stringify(name)},
  space: grid({ lambda: [0, 1e-3], alpha: [0, 1] }),
  specify: ({ lambda, alpha }) => ({
    corpus: corpus("moby-dick", { excerpt: { start: 40000, length: 3000 } }),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 8 }),
    penalties: [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })],
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps: ${steps}, batchSize: 4, windowLength: 16 },
  }),
  folds: blockedFolds({ count: 2 }),
  seeds: [1],
  workers: 2,
});
study;`;

/** Uses a name for a study whose records are removed afterwards. */
async function withStudyName(use: (name: string) => Promise<void>): Promise<void> {
  const name = `lab-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await use(name);
  } finally {
    await Deno.remove(join(project, "results", name), { recursive: true }).catch(() => {});
  }
}

/** Keeps what the page showed of progress, which is gone when the study has ended. */
async function watchProgress(
  page: Page,
): Promise<() => Promise<{ lines: string[]; svgs: number }>> {
  await page.evaluate(`{
    const seen = window.progressSeen = { lines: [], svgs: 0 };
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll(".jp-OutputArea-output progress")) {
        const line = bar.nextElementSibling.textContent;
        if (!seen.lines.includes(line)) seen.lines.push(line);
        if (bar.parentElement.querySelector("svg")) seen.svgs++;
      }
    }).observe(document.body, { childList: true, subtree: true });
  }`);
  return () => page.evaluate(`window.progressSeen`) as Promise<{ lines: string[]; svgs: number }>;
}

/** What outputs say, without what only one client stores: colours of terminals and progress. */
function essence(outputs: readonly CellOutput[] = []): unknown[] {
  const text = (value: unknown) => withoutColours([value].flat().join(""));
  return outputs.map((output) =>
    "data" in output
      ? Object.fromEntries(
        Object.entries(output.data)
          .filter(([mime]) => !mime.startsWith("application/vnd.parsimony.progress"))
          .map(([mime, value]) => [mime, mime.endsWith("json") ? value : text(value)]),
      )
      : output.output_type === "stream"
      ? [output.name, text(output.text)]
      : output.evalue
  );
}

const codeCells = ({ cells }: Notebook) => cells.filter(({ cell_type }) => cell_type === "code");

withJupyterLab(
  "JupyterLab runs all cells of a notebook of ours: progress, table and figures are drawn, and every output is in its cell",
  ({ page, lab, errors, requests }) =>
    withStudyName(async (name) => {
      const path = join(lab.folder, "small.ipynb");
      const counting = Array.from({ length: 20 }, (_, index) =>
        `console.log("first ${index}"); console.error("second ${index}"); ${index}`);
      await writeNotebook(path, [
        // Long enough for a second update of the display on a busy machine.
        study(name, 800),
        `plotGeneralizationGap(study, { axis: "lambda" });`,
        `plotHeatMaps(study);`,
        ...counting,
      ]);
      await page.setViewport({ width: 1200, height: 6000 });
      await lab.open("small.ipynb");
      const progress = await watchProgress(page);
      await choose(page, "Run", "Run All Cells");
      await page.waitForFunction(
        `document.querySelectorAll(".jp-CodeCell:last-of-type .jp-OutputArea-output").length === 3`,
        { timeout: 240_000 },
      );
      await kernelIs(page, "Idle");

      const { lines, svgs } = await progress();
      assert.ok(
        lines.some((line) =>
          /^lab-\S+: \d+\/\d+ runs/.test(line)
        ),
        lines.join("\n"),
      );
      assert.ok(svgs > 0, "No figure of the finished runs was drawn while the study ran.");
      const [sentence, table] = await outputTexts(page, 1);
      assert.match(sentence, new RegExp(`^Study ${name}: \\d+ of \\d+ runs are recorded`));
      assert.match(table, new RegExp(`^Study ${name}: .*lambda`, "s"));
      assert.equal((await page.$$(".jp-OutputArea-output table tbody tr")).length, 4);

      // Plotly has replaced the static images, and drawn the marks of both figures.
      const figures = ".jp-OutputArea-output .js-plotly-plot";
      await page.waitForFunction(
        `document.querySelectorAll("${figures}").length === 2 &&
         [...document.querySelectorAll("${figures}")].every((figure) =>
           figure.querySelector(".gtitle") &&
           figure.querySelectorAll(".scatterlayer .trace").length >= 2)`,
        { timeout: 60_000 },
      );
      const drawn = await page.$$eval(figures, (elements) =>
        elements.map((element) => ({
          title: element.querySelector(".gtitle")!.textContent!,
          label: element.getAttribute("aria-label")!,
        })));
      assert.match(drawn[0].title, /generalization gap/i);
      assert.ok(drawn.every(({ label }) => label.length > 40));

      for (const index of counting.keys()) {
        const expected = [`first ${index}`, `second ${index}`, `${index}`];
        assert.deepEqual(await outputTexts(page, index + 4), expected);
      }
      await Deno.mkdir(screenshots, { recursive: true });
      await page.screenshot({
        path: join(screenshots, "jupyterlab.png"),
        clip: { x: 0, y: 0, width: 1200, height: 2000 },
      });

      // What JupyterLab saves is what our runner stores.
      await choose(page, "File", "Save Notebook");
      await page.waitForFunction(`!document.querySelector(".jp-mod-dirty")`, { timeout: 30_000 });
      const saved = codeCells(await readNotebook(path));
      const executed = codeCells(await runNotebook(path));
      assert.deepEqual(
        saved.map(({ outputs }) => essence(outputs)),
        executed.map(({ outputs }) => essence(outputs)),
      );
      assert.deepEqual(saved.map((cell) => cell.execution_count), saved.map((_, i) => i + 1));
      assert.deepEqual(
        errors.filter((error) => !/^Plugin @jupyterlab\S+ .*\bactivate/.test(error)),
        [],
      );
      assert.deepEqual(
        requests.filter((url) => !/^(data|blob):|^http:\/\/127\.0\.0\.1:/.test(url)),
        [],
      );
    }),
);

withJupyterLab(
  "JupyterLab shows errors of which Deno's kernel says nothing, and interrupts a study whose kernel lives on",
  ({ page, lab }) =>
    withStudyName(async (name) => {
      await writeNotebook(join(lab.folder, "errors.ipynb"), [
        "const before = 40; before",
        "const broken = ;",
        "3",
        study(name, 2000),
        "before + 2",
      ]);
      await lab.open("errors.ipynb");
      const outputWith = (cell: number, words: string) =>
        page.waitForSelector(`${cellSelector(cell)} ::-p-text(${words})`, { timeout: 240_000 });
      await choose(page, "Run", "Run All Cells");
      await outputWith(2, "SyntaxError");
      await kernelIs(page, "Idle");
      assert.deepEqual(await outputTexts(page, 1), ["40"]);
      assert.match(
        (await outputTexts(page, 2)).join(),
        /^SyntaxError: Expression expected[^]*line 1/,
      );
      assert.deepEqual(await outputTexts(page, 3), []);

      const progress = await watchProgress(page);
      await page.click(`${cellSelector(4)} .cm-content`);
      await choose(page, "Run", "Run Selected Cell");
      await page.waitForFunction(
        `window.progressSeen.lines.some((line) => / [1-9]\\d*\\/\\d+ runs/.test(line))`,
        { timeout: 240_000 },
      );
      await page.click("[data-command='notebook:interrupt-kernel']");
      await outputWith(4, "was interrupted");
      assert.match(
        (await outputTexts(page, 4)).at(-1)!,
        new RegExp(
          `Study ${name} was interrupted: \\d+ of at least \\d+ runs are finished and kept`,
        ),
      );
      assert.ok((await progress()).lines.length > 0);
      await choose(page, "Run", "Run Selected Cell");
      await outputWith(5, "42");
    }),
);

withJupyterLab(
  "JupyterLab shows the first notebook as it is stored: with pictures, and with drawn figures when it is trusted",
  async ({ page, lab }) => {
    const name = "01-first-look.ipynb";
    await Deno.copyFile(join(project, "notebooks", name), join(lab.folder, name));
    await page.setViewport({ width: 1200, height: 12_000 });
    await lab.open(name);
    const figures = (await readNotebook(join(lab.folder, name))).cells
      .flatMap(({ outputs = [] }) => outputs)
      .filter((output) => "data" in output && "application/vnd.plotly.v1+json" in output.data);
    assert.ok(figures.length >= 5);
    const shown = (count: number, selector: string) =>
      page.waitForFunction(
        `document.querySelectorAll(".jp-OutputArea-output ${selector}").length === ${count}`,
        { timeout: 120_000 },
      );
    // JupyterLab makes cells one after the other.
    await shown(figures.length, "img");
    await shown(0, ".js-plotly-plot");
    const widths = await page.$$eval(
      ".jp-OutputArea-output img",
      (images) => images.map(({ naturalWidth }) => naturalWidth),
    );
    assert.ok(widths.every((width) => width > 400), widths.join());

    await choose(page, "View", "Activate Command Palette");
    await page.keyboard.type("Trust Notebook");
    await page.locator(".lm-CommandPalette-item[data-command='notebook:trust']").click();
    await page.locator(".jp-Dialog button.jp-mod-accept").click();
    await shown(figures.length, ".js-plotly-plot .gtitle");
    await shown(0, "img");

    // As in docs/images: without news, without the list of files.
    await page.locator("::-p-xpath(//button[normalize-space(.)='No'])").setTimeout(10_000).click();
    await page.locator("[data-id='filebrowser']").click();
    await page.setViewport({ width: 1200, height: 860 });
    await Deno.mkdir(screenshots, { recursive: true });
    for (const [file, call] of [["curves", "plotLearningCurves"], ["maps", "plotHeatMaps"]]) {
      const cell = await page.waitForSelector(
        `::-p-xpath(//*[contains(@class, "jp-CodeCell")][contains(., "${call}(strengths);")])`,
      );
      await cell!.evaluate((element) => element.scrollIntoView({ block: "center" }));
      await page.mouse.move(0, 400);
      await page.waitForFunction(`document.getAnimations().length === 0`);
      await page.screenshot({ path: join(screenshots, `jupyterlab-${file}.png`) });
    }
  },
);
