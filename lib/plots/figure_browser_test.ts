import assert from "node:assert/strict";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import type { Figure } from "./figure.ts";
import { plotHeatMaps } from "./heat_maps.ts";
import { plotLearningCurves } from "./learning_curves.ts";
import { withChromium } from "./testing/chromium.ts";

const { study: record, runs: records } = syntheticStudy();

async function outputs(): Promise<string[]> {
  const display = Symbol.for("Jupyter.display");
  type Shown = Figure & { [display: symbol]: () => Promise<{ "text/html": string }> };
  const figures = [plotLearningCurves({ record, records }), plotHeatMaps({ record, records })];
  const html = [];
  for (const figure of figures) html.push((await (figure as Shown)[display]())["text/html"]);
  return html;
}

withChromium(
  "figures of a notebook draw in a page whichever output comes first, and stay pictures without scripts",
  async ({ page, requests, errors, folder }) => {
    const [withScript, without] = await outputs();
    const path = `${folder}/page.html`;
    const drawn = () =>
      page.waitForFunction(
        `document.querySelectorAll(".js-plotly-plot .gtitle").length === 2`,
        { timeout: 60_000 },
      );
    for (const order of [[withScript, without], [without, withScript]]) {
      await Deno.writeTextFile(path, `<!DOCTYPE html><meta charset="utf-8">${order.join("<hr>")}`);
      await page.goto(`file://${path}`);
      await drawn();
      assert.equal(await page.evaluate(`document.querySelectorAll("img").length`), 0);
    }
    // A dark notebook: by its own theme, else by what the reader prefers.
    const background = () =>
      page.evaluate(`getComputedStyle(document.querySelector(".main-svg")).backgroundColor`);
    assert.equal(await background(), "rgb(255, 255, 255)");
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.waitForFunction(
      `getComputedStyle(document.querySelector(".main-svg")).backgroundColor === "rgb(22, 27, 34)"`,
    );
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await Deno.writeTextFile(
      path,
      `<!DOCTYPE html><meta charset="utf-8"><body data-jp-theme-light="false">${without}${withScript}`,
    );
    await page.goto(`file://${path}`);
    await drawn();
    assert.equal(await background(), "rgb(22, 27, 34)");
    await page.setJavaScriptEnabled(false);
    await page.goto(`file://${path}`);
    const pictures = await page.$$eval(
      "img",
      (images) => images.map(({ naturalWidth, alt }) => ({ naturalWidth, alt })),
    );
    assert.deepEqual(pictures.map(({ naturalWidth }) => naturalWidth), [960, 760]);
    assert.ok(pictures.every(({ alt }) => alt.length > 40));
    assert.deepEqual(errors, []);
    assert.deepEqual(requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
  },
);
