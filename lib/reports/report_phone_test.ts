import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { withChromium } from "../plots/testing/chromium.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { writeReport } from "./report.ts";
import { drawAll } from "./testing/draw_all.ts";

const phone = { width: 390, height: 844, isMobile: true, hasTouch: true };

/** A report with names that no line of a phone holds. */
async function longNames(folder: string): Promise<string> {
  const { study, runs } = syntheticStudy({
    axes: { lambda: [0, 1e-4, 3e-4], strengthOfTheOtherDecayOfAllWeights: [0, 0.03] },
    seeds: [1, 2],
    finalPoints: [{ lambda: 0, strengthOfTheOtherDecayOfAllWeights: 0 }],
    status: (point, fold) => point.lambda === 3e-4 && fold === 0 ? "diverged" : "completed",
  });
  const record = {
    ...study,
    name: "a-study-whose-name-is-longer-than-a-line-of-a-phone-holds",
    corpus: { ...study.corpus, name: "a corpus of the same kind, ".repeat(3) + "x".repeat(60) },
  };
  return await writeReport({ record, records: runs, folder });
}

/** What is wider than the screen, but for what scrolls by itself. */
const tooWide = `[...document.querySelectorAll("main *")]
  .filter((element) => !element.closest(".scroll table, pre, .formula, svg"))
  .map((element) => ({ element, box: element.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5))
  .map(({ element, box }) => element.tagName + "." + element.className + " " + Math.round(box.right) +
    ": " + element.textContent.slice(0, 60))`;

/** Texts of figures that leave their image, or are smaller than 10 pixels as they are shown. */
const badTexts = `[...document.querySelectorAll(".plot svg text")].flatMap((text) => {
  const box = text.getBoundingClientRect();
  if (box.width === 0 || text.textContent === "") return [];
  const { a, b } = text.getScreenCTM();
  const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
  const image = text.closest(".plot").getBoundingClientRect();
  const inside = box.left >= image.left - 1 && box.right <= image.right + 1;
  return inside && size >= 10 ? [] : [text.textContent + ": " + size.toFixed(1) + " px, " +
    Math.round(box.left) + " to " + Math.round(box.right)];
})`;

async function checkPage(page: Page): Promise<void> {
  assert.deepEqual(await page.evaluate(tooWide), []);
  assert.deepEqual(await page.evaluate(badTexts), []);
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), phone.width);
}

withChromium(
  "on a phone a report scrolls down only, its figures are laid out for it, and its tables scroll by themselves",
  async ({ page, errors, folder }) => {
    const path = await longNames(folder);
    await page.setViewport(phone);
    await page.goto(`file://${path}`);
    const shown = () =>
      page.evaluate(`[...document.querySelectorAll(".plot")].map((plot) =>
        [...plot.children].filter((each) => each.getBoundingClientRect().height > 0)
          .map((each) => each.getAttribute("class")).join())`) as Promise<string[]>;
    await drawAll(page);
    assert.deepEqual(new Set(await shown()), new Set(["live js-plotly-plot"]));
    await checkPage(page);
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(
        `axe.run(document, { resultTypes: ["violations"] })`,
      ) as { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
      assert.deepEqual(
        violations.filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
        [],
      );
    }
    // The widest table, scrolled to its end: the first column and the caption stay.
    const stays = await page.evaluate(`(() => {
      const regions = [...document.querySelectorAll(".scroll")];
      const room = (each) => each.scrollWidth - each.clientWidth;
      const region = regions.sort((a, b) => room(b) - room(a))[0];
      region.scrollLeft = 10_000;
      const left = (selector) => region.querySelector(selector).getBoundingClientRect().left;
      const { right } = region.querySelector("caption").getBoundingClientRect();
      return [region.scrollLeft > 100, left("tbody th"), left("thead th"), left("caption"), right <= 390];
    })()`);
    assert.deepEqual(stays, [true, 16, 16, 16, true]);
    assert.deepEqual(errors, []);
    // Turned, the page is wide enough for the wide layout.
    await page.setViewport({ ...phone, width: 844, height: 390 });
    await page.waitForFunction(
      `document.querySelector("#figure-0 .main-svg").getBoundingClientRect().width === 1000`,
    );
    // Without scripts the images are those for a phone, too.
    await page.setViewport(phone);
    await page.setJavaScriptEnabled(false);
    await page.goto(`file://${path}`);
    assert.deepEqual(new Set(await shown()), new Set(["narrow"]));
    await checkPage(page);
  },
);
