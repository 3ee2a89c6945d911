import { escapeHtml } from "../core/html.ts";
import { progressText, type StudyProgress, type StudyReporter } from "./reporter.ts";

/** MIME type by which a runner of notebooks learns how far a study is. */
export const progressMimeType = "application/vnd.parsimony.progress+json";

/** The part of `Deno.jupyter` that a display in a cell needs. */
export interface NotebookDisplay {
  display(
    bundle: { readonly [mimeType: string]: unknown },
    options: { raw: true; display_id: string; update?: boolean },
  ): Promise<void>;
}

/** The kernel's display, or null outside a notebook. */
export function notebookDisplay(): NotebookDisplay | null {
  try {
    // Outside a kernel the getter throws.
    return (Deno as unknown as { jupyter?: NotebookDisplay }).jupyter ?? null;
  } catch {
    return null;
  }
}

let displays = 0;

/** Milliseconds between two updates of the display. */
const pause = 500;

/**
 * Shows progress in the output of a cell, updated in place. What is there in the end has no
 * duration, so that running a notebook again does not change it.
 */
export function notebookReporter(notebook: NotebookDisplay): StudyReporter {
  const display_id = `parsimony-progress-${++displays}`;
  let shown = 0;
  let last = Promise.resolve();
  const show = (bundle: { readonly [mimeType: string]: unknown }) => {
    const update = shown++ > 0;
    // One after the other, or an update could overtake the display that it is of.
    last = last.then(() => notebook.display(bundle, { raw: true, display_id, update })).catch(
      () => {},
    );
  };
  const warnings: string[] = [];
  let updated = -Infinity;
  return {
    progress(progress) {
      const now = performance.now();
      if (now - updated < pause) return;
      updated = now;
      show(bundleOf(progress, progressText(progress), warnings));
    },
    warn(message) {
      warnings.push(message);
    },
    finish(progress, sentence) {
      show(bundleOf({ ...progress, fractional: progress.done, secondsLeft: null }, sentence, []));
    },
  };
}

function bundleOf(progress: StudyProgress, text: string, warnings: readonly string[]) {
  const { study, done, total, fractional, secondsLeft } = progress;
  const lines = [...warnings, `${study}: ${text}`];
  const share = total === 0 ? 1 : Math.min(1, fractional / total);
  const bar = `<progress value="${share.toFixed(4)}" max="1" style="width:100%"></progress>`;
  return {
    "text/plain": lines.join("\n"),
    "text/html": `<div>${secondsLeft === null && done === total ? "" : bar}<div>${
      lines.map(escapeHtml).join("<br>")
    }</div></div>`,
    [progressMimeType]: { done, total, secondsLeft, message: text },
  };
}
