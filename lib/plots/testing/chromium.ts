import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
/** Where Chromium lies; undefined where there is none. */
export const chromiumPath = [
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

/** Starts Chromium without a window, its profile in a folder. */
export async function launchChromium(profile: string): Promise<Browser> {
  const { default: puppeteer } = await import("puppeteer-core");
  return await puppeteer.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    userDataDir: profile,
    // Waits have limits of their own, which may be longer than puppeteer's for one message.
    protocolTimeout: 0,
  });
}

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
  const missing = chromiumPath === undefined && !required;
  Deno.test({
    name: missing ? `${name} (ignored: no Chromium found)` : name,
    ignore: missing,
    async fn() {
      const folder = await Deno.makeTempDir();
      const browser = await launchChromium(join(folder, "profile"));
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
