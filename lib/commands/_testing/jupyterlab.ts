import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { freePorts } from "../../core/free_ports.ts";
import { findJupyter, type Program } from "../../doctor/programs.ts";
import { linesOf, type Notebook } from "../../notebook/notebook_file.ts";
import { type WatchedPage, withChromium } from "../../plots/testing/chromium.ts";
import { project } from "./task.ts";

/** Where tests put pictures of what they saw, for people. */
export const screenshots = join(project, ".temporary", "screenshots");

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const jupyter = await findJupyter();

/** A JupyterLab that `deno task lab` started. */
export interface RunningLab {
  /** Folder that it shows: inside the project, so that notebooks find the library. */
  readonly folder: string;
  /** Opens a notebook of that folder in the page, and waits until its kernel is idle. */
  open(name: string): Promise<void>;
  /** What JupyterLab wrote to its terminal. */
  log(): string;
}

/** A test in Chromium that needs JupyterLab; ignored, with the reason, where there is none. */
export function withJupyter(
  name: string,
  use: (watched: WatchedPage & { readonly jupyter: Program }) => Promise<void>,
): void {
  if (jupyter === null && !required) {
    Deno.test({ name: `${name} (ignored: no JupyterLab found)`, ignore: true, fn: () => {} });
    return;
  }
  withChromium(name, async (watched) => {
    assert.ok(jupyter, "JupyterLab was not found.");
    await use({ ...watched, jupyter });
  });
}

/** The same with JupyterLab running, started as a user starts it, with no settings of anyone. */
export function withJupyterLab(
  name: string,
  use: (watched: WatchedPage & { readonly lab: RunningLab }) => Promise<void>,
): void {
  withJupyter(name, async (watched) => {
    const temporary = join(project, ".temporary");
    await Deno.mkdir(temporary, { recursive: true });
    const folder = await Deno.makeTempDir({ dir: temporary, prefix: "lab-" });
    const [port] = freePorts(1);
    const token = crypto.randomUUID();
    const own = (name: string) => join(watched.folder, "jupyter", name);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["task", "--quiet", "lab", "--", "--no-browser", "--allow-root", "--ip=127.0.0.1"],
        ...[`--port=${port}`, "--ServerApp.port_retries=0", `--IdentityProvider.token=${token}`],
        `--ServerApp.root_dir=${folder}`,
        // It would ask another machine for news and for newer versions of itself.
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
      ],
      cwd: project,
      env: {
        JUPYTER_CONFIG_DIR: own("configuration"),
        JUPYTER_DATA_DIR: own("data"),
        JUPYTER_RUNTIME_DIR: own("runtime"),
        JUPYTERLAB_SETTINGS_DIR: own("settings"),
        JUPYTERLAB_WORKSPACES_DIR: own("workspaces"),
        NO_COLOR: "1",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let log = "";
    const reading = Promise.all([child.stdout, child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) log += text;
    }));
    const at = (path: string) => `http://127.0.0.1:${port}${path}?token=${token}`;
    try {
      await untilAnswers(at("/api/status"), () => log);
      const lab: RunningLab = {
        folder,
        async open(name) {
          await watched.page.goto(at(`/lab/tree/${name}`), { timeout: 120_000 });
          await kernelIs(watched.page, "Idle");
        },
        log: () => log,
      };
      await use({ ...watched, lab });
    } finally {
      await Deno.remove(folder, { recursive: true });
      child.kill("SIGTERM");
      await child.status;
      await reading;
    }
  });
}

/** Writes a notebook of code cells that names our kernel. */
export async function writeNotebook(path: string, cells: readonly string[]): Promise<void> {
  const notebook: Notebook = {
    cells: cells.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index + 1}`,
      metadata: {},
      source: linesOf(source),
      execution_count: null,
      outputs: [],
    })),
    metadata: { kernelspec: { display_name: "Deno", language: "typescript", name: "deno" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await Deno.writeTextFile(path, JSON.stringify(notebook));
}

/** Waits until the status bar says so of the kernel. */
export async function kernelIs(page: Page, state: "Idle" | "Busy"): Promise<void> {
  await page.waitForSelector(`::-p-xpath(//*[@id="jp-main-statusbar"]//*[.="Deno | ${state}"])`, {
    timeout: 120_000,
  });
}

/** Chooses from a menu by the two texts that a user reads. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  const click = (selector: string) => page.locator(selector).setTimeout(30_000).click();
  await click(`::-p-xpath(//*[contains(@class, "lm-MenuBar-itemLabel") and .="${menu}"])`);
  await click(`::-p-xpath(//*[contains(@class, "lm-Menu-itemLabel") and .="${item}"])`);
}

/** A code cell of the only open notebook, counted from 1. */
export const cellSelector = (cell: number) => `.jp-CodeCell:nth-child(${cell} of .jp-CodeCell)`;

/** The texts of the outputs of a cell, as they stand in the page. */
export function outputTexts(page: Page, cell: number): Promise<string[]> {
  return page.$$eval(
    `${cellSelector(cell)} .jp-OutputArea-output`,
    (outputs) => outputs.map((output) => output.textContent!.trim()),
  );
}

async function untilAnswers(address: string, log: () => string): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      const response = await fetch(address);
      await response.body?.cancel();
      if (response.ok) return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    assert.ok(attempt < 600, `JupyterLab did not start.\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
