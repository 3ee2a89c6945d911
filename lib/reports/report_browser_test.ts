import assert from "node:assert/strict";
import { withChromium } from "../plots/testing/chromium.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { writeReport } from "./report.ts";

withChromium(
  "a report in Chromium draws every figure, logs no error and asks for nothing from the network",
  async ({ page, requests, errors, folder }) => {
    const { study, runs } = syntheticStudy({
      finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }],
      sampleText: "</script><script>window.wasHere = true</script>",
    });
    const path = await writeReport({ record: study, records: runs, folder });
    await page.goto(`file://${path}`);
    await page.waitForFunction(
      `[...document.querySelectorAll(".plot")].every((element) => element.dataset.drawn)`,
      { timeout: 60_000 },
    );
    const drawn = await page.evaluate(`[...document.querySelectorAll(".plot")].map((element) => ({
      title: element.querySelector(".gtitle")?.textContent ?? "",
      axes: element.querySelectorAll(".xtick").length,
      marks: element.querySelectorAll(".trace, .heatmaplayer image").length,
    }))`) as { title: string; axes: number; marks: number }[];
    assert.equal(drawn.length, 8);
    for (const figure of drawn) {
      assert.ok(figure.title.length > 20 && figure.axes > 2 && figure.marks > 0, figure.title);
    }
    assert.deepEqual(errors, []);
    assert.deepEqual(requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
    assert.equal(await page.evaluate("window.wasHere === undefined"), true);
    const widest = await page.evaluate("document.documentElement.scrollWidth") as number;
    assert.ok(widest <= 1200, `the page is ${widest} pixels wide in a window of 1200`);
    const picture = Deno.env.get("PARSIMONY_SCREENSHOT");
    if (picture) await page.screenshot({ path: picture as `${string}.png`, fullPage: true });
  },
);
