import type { Page } from "puppeteer-core";

/** Shows every figure to the page, which draws those that are near its view. */
export async function drawAll(page: Page): Promise<void> {
  const count = await page.$$eval(".plot", (plots) => plots.length);
  for (let index = 0; index < count; index++) {
    await page.evaluate(`document.getElementById("figure-${index}").scrollIntoView()`);
    await page.waitForFunction(`document.getElementById("figure-${index}").dataset.drawn`, {
      timeout: 60_000,
    });
  }
}
