import assert from "node:assert/strict";
import { join } from "node:path";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { writeReport } from "./report.ts";

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
const missing = chromium === undefined && !required;

Deno.test({
  name:
    "a report in Chromium draws every figure, logs no error and asks for nothing from the network" +
    (missing ? " (ignored: no Chromium found)" : ""),
  ignore: missing,
  async fn() {
    const { default: puppeteer } = await import("puppeteer-core");
    const folder = await Deno.makeTempDir();
    const { study, runs } = syntheticStudy({
      finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }],
      sampleText: "</script><script>window.wasHere = true</script>",
    });
    const path = await writeReport({ record: study, records: runs, folder });
    const browser = await puppeteer.launch({
      executablePath: chromium,
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
      userDataDir: join(folder, "profile"),
    });
    try {
      const page = await browser.newPage();
      const requests: string[] = [];
      const errors: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warn") errors.push(message.text());
      });
      await page.setViewport({ width: 1200, height: 900 });
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
      const outside = requests.filter((url) => !/^(file|data|blob):/.test(url));
      assert.deepEqual(outside, []);
      assert.equal(await page.evaluate("window.wasHere === undefined"), true);
      const widest = await page.evaluate("document.documentElement.scrollWidth") as number;
      assert.ok(widest <= 1200, `the page is ${widest} pixels wide in a window of 1200`);
      const picture = Deno.env.get("PARSIMONY_SCREENSHOT");
      if (picture) await page.screenshot({ path: picture as `${string}.png`, fullPage: true });
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
