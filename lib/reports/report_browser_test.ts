import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { withChromium } from "../plots/testing/chromium.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { writeReport } from "./report.ts";
import { drawAll } from "./testing/draw_all.ts";

withChromium(
  "a report in Chromium draws every figure, logs no error and asks for nothing from the network",
  async ({ page, requests, errors, folder }) => {
    const { study, runs } = syntheticStudy({
      finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }],
      sampleText: "</script><script>window.wasHere = true</script>",
    });
    const path = await writeReport({ record: study, records: runs, folder });
    await page.goto(`file://${path}`);
    await drawAll(page);
    const drawn = await page.evaluate(`[...document.querySelectorAll(".plot")].map((element) => ({
      title: element.querySelector(".gtitle")?.textContent ?? "",
      axes: element.querySelectorAll(".xtick").length,
      marks: element.querySelectorAll(".trace").length,
    }))`) as { title: string; axes: number; marks: number }[];
    assert.equal(drawn.length, 15);
    for (const figure of drawn) {
      assert.ok(figure.title.length > 20 && figure.axes > 2 && figure.marks > 0, figure.title);
    }
    assert.deepEqual(errors, []);
    assert.deepEqual(requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
    assert.equal(await page.evaluate("window.wasHere === undefined"), true);
    // A pointer in the corner of a cell of the first figure, a map, is told of that cell.
    await page.evaluate(`document.getElementById("figure-0").scrollIntoView()`);
    const corner = await page.evaluate(`(() => {
      const [cell] = document.querySelectorAll("#figure-0 .shapelayer path");
      const { left, top } = cell.getBoundingClientRect();
      return { left, top };
    })()`) as { left: number; top: number };
    await page.mouse.move(corner.left + 4, corner.top + 4, { steps: 3 });
    const told = await page.waitForSelector("#figure-0 .hoverlayer .hovertext", {
      timeout: 60_000,
    });
    assert.match(
      await told!.evaluate((element) => element.textContent ?? ""),
      /^λ = 0, α = 0: \d\.\d{3} ± \d\.\d{3}$/,
    );
    const widest = await page.evaluate("document.documentElement.scrollWidth") as number;
    assert.ok(widest <= 1200, `the page is ${widest} pixels wide in a window of 1200`);
    const picture = Deno.env.get("PARSIMONY_SCREENSHOT");
    if (picture) await page.screenshot({ path: picture as `${string}.png`, fullPage: true });
  },
);

/** What axe finds serious or critical in the page as it is. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] })`,
  ) as { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`);
}

withChromium(
  "a report is light or dark as its reader wants, passes axe in both, and prints light with every run",
  async ({ page, errors, folder }) => {
    const { study, runs } = syntheticStudy({
      axes: { lambda: [0, 1e-4, 3e-4], alpha: [0, 0.03] },
      seeds: [1, 2],
      finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }],
      status: (point, fold) => point.lambda === 3e-4 && fold === 0 ? "diverged" : "completed",
    });
    const path = await writeReport({ record: study, records: runs, folder });
    const look = () =>
      page.evaluate(`[
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector(".plot .live .main-svg")).backgroundColor,
        getComputedStyle(document.querySelector(".plot > svg > rect")).fill,
      ]`);
    const prefer = (value: string) =>
      page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await prefer("dark");
    await page.goto(`file://${path}`);
    await drawAll(page);
    const dark = ["rgb(15, 19, 24)", "rgb(22, 27, 34)", "rgb(22, 27, 34)"];
    assert.deepEqual(await look(), dark);
    assert.deepEqual(await seriousFindings(page), []);
    await prefer("light");
    const light = ["rgb(245, 247, 250)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"];
    await page.waitForFunction(
      `getComputedStyle(document.querySelector(".plot .live .main-svg")).backgroundColor === ` +
        `"rgb(255, 255, 255)"`,
    );
    assert.deepEqual(await look(), light);
    await page.evaluate(
      `for (const each of document.querySelectorAll("details")) each.open = true`,
    );
    assert.deepEqual(await seriousFindings(page), []);
    await page.evaluate(
      `for (const each of document.querySelectorAll("details")) each.open = false`,
    );
    await prefer("dark");
    await page.emulateMediaType("print");
    const printed = await page.evaluate(`[
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector(".plot > .live")).display,
      getComputedStyle(document.querySelector(".plot > svg")).display,
      getComputedStyle(document.querySelector(".plot > svg > rect")).fill,
      document.querySelector("#runs ~ details tbody tr").getBoundingClientRect().height > 0,
    ]`);
    assert.deepEqual(printed, [
      "rgb(255, 255, 255)",
      "none",
      "block",
      "rgb(255, 255, 255)",
      true,
    ]);
    assert.deepEqual(errors, []);
  },
);

withChromium(
  "F8 CSP: what someone writes into a report does not run, and its own figures still do",
  async ({ page, errors, folder }) => {
    const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4], alpha: [0] }, seeds: [1] });
    const path = await writeReport({ record: study, records: runs, folder });
    const content = await Deno.readTextFile(path);
    const evil = `<base href="https://example.org/"><script>window.wasHere = true</script>` +
      `<img src="data:," onerror="window.wasHere = true"><p style="color: red">`;
    await Deno.writeTextFile(path, content.replace("<main>", `${evil}<main>`));
    await page.goto(`file://${path}`);
    await page.waitForFunction(
      `document.querySelector(".plot[data-drawn]") !== null ||
      (document.getElementById("figure-0").scrollIntoView(), false)`,
      { timeout: 60_000 },
    );
    assert.equal(await page.evaluate("window.wasHere === undefined"), true);
    assert.match(await page.evaluate("document.baseURI") as string, /^file:/);
    // Base, script, handler and style: each was refused.
    assert.equal(errors.filter((error) => error.includes("Content Security Policy")).length, 4);
  },
);

withChromium(
  "a printed report has every run unfolded, and no table or figure wider than an A4 page",
  async ({ page, folder }) => {
    const { study, runs: made } = syntheticStudy({
      seeds: [1],
      finalPoints: [{ lambda: 0, alpha: 0 }],
      status: (point, fold) => point.lambda === 3e-4 && fold === 0 ? "failed" : "completed",
    });
    // Columns that only some studies have.
    const pairs = { training: 900, heldOut: 100, sourceVocabulary: 60, sourceUnknownShare: 0 };
    const written = { pairs: 100, exactMatch: 0.25, editDistance: 0.31, chrf: 55.5 };
    const runs = made.map((run) => ({
      ...run,
      tokenAccuracy: { training: 0.91, heldOut: 0.52 },
      pairs: { ...pairs, tokenAccuracy: 0.5, written },
    }));
    const path = await writeReport({ record: study, records: runs, folder });
    await page.goto(`file://${path}`);
    await page.emulateMediaType("print");
    // A4 without the margins of 12 mm, at 96 pixels an inch.
    await page.setViewport({ width: Math.floor(186 / 25.4 * 96), height: 1000 });
    const wide = await page.evaluate(`[...document.querySelectorAll("main *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => Math.round(element.getBoundingClientRect().right) + " of " + innerWidth +
        ": " + element.tagName + " " + element.textContent.slice(0, 60))`);
    assert.deepEqual(wide, []);
    const pdf = await page.pdf({ preferCSSPageSize: true, format: "A4" });
    assert.equal(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
    const folded = await page.$$eval("details", (all) => all.filter(({ open }) => !open).length);
    assert.ok(folded > 0, "what was folded on the screen is folded again");
  },
);
