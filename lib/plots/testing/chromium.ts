import { join } from "node:path";
import type { Page } from "puppeteer-core";

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const chromium = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** A page in Chromium, with what it asked for and what it complained of. */
export interface WatchedPage {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly errors: readonly string[];
  /** An empty folder for the test's files. */
  readonly folder: string;
}

/** A test in Chromium; ignored, with the reason in its name, where there is none. */
export function withChromium(name: string, use: (watched: WatchedPage) => Promise<void>): void {
  const missing = chromium === undefined && !required;
  Deno.test({
    name: missing ? `${name} (ignored: no Chromium found)` : name,
    ignore: missing,
    async fn() {
      const { default: puppeteer } = await import("puppeteer-core");
      const folder = await Deno.makeTempDir();
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
        await use({ page, requests, errors, folder });
      } finally {
        await browser.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
