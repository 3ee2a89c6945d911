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
  let updated = -Infinity;
  return {
    progress(progress) {
      const now = performance.now();
      if (now - updated < pause) return;
      updated = now;
      show(bundleOf(progress));
    },
    // deno-lint-ignore no-console -- in a kernel it becomes output of the cell
    warn: (message) => console.warn(message),
    finish({ done, total }, sentence) {
      show({
        "text/plain": sentence,
        "text/html": `<div>${escapeHtml(sentence)}</div>`,
        [progressMimeType]: { done, total, secondsLeft: null, message: sentence },
      });
    },
  };
}

function bundleOf(progress: StudyProgress) {
  const { study, done, total, fractional, secondsLeft } = progress;
  const message = progressText(progress);
  const line = `${study}: ${message}`;
  const share = total === 0 ? 1 : Math.min(1, fractional / total);
  const bar = `<progress value="${share.toFixed(4)}" max="1" style="width:100%"></progress>`;
  return {
    "text/plain": line,
    "text/html": `<div>${bar}<div>${escapeHtml(line)}</div></div>`,
    [progressMimeType]: { done, total, secondsLeft, message },
  };
}
