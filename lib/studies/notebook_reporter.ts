import { escapeHtml, visibleText } from "../core/html.ts";
import type { NotebookDisplay } from "../core/runtime/notebook.ts";
import { livePointsChart } from "../plots/live_points.ts";
import { renderSvg } from "../plots/svg.ts";
import { formatPoint } from "../statistics/format.ts";
import { progressText, type StudyProgress, type StudyReporter } from "./reporter.ts";

/** MIME type by which a runner of notebooks learns how far a study is. */
export const progressMimeType = "application/vnd.parsimony.progress+json";

let displays = 0;

/** Milliseconds between two updates of the display. */
const pause = 500;
/** A figure of many points takes longer; it is drawn anew after so many times what it took. */
const figureShare = 10;

/**
 * Shows progress in the output of a cell, updated in place: bar, speed, time left, the best point so
 * far, and a figure of the finished runs. What is there in the end is one sentence without durations,
 * so that running a notebook again does not change it.
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
  let next = -Infinity;
  const figure = liveFigure();
  let noted = "";
  return {
    progress(progress) {
      const now = performance.now();
      if (now < next) return;
      show(bundleOf(progress, noted, figure(progress)));
      next = now + Math.max(pause, figureShare * (performance.now() - now));
    },
    // deno-lint-ignore no-console -- in a kernel it becomes output of the cell
    warn: (message) => console.warn(visibleText(message)),
    note(message) {
      noted = message;
      show(textBundle(message));
    },
    finish({ study, done, total, failed }, sentence) {
      show({
        ...textBundle(sentence),
        [progressMimeType]: {
          done,
          total,
          secondsLeft: null,
          message: sentence,
          ended: { study, failed },
        },
      });
    },
  };
}

/** The figure of the finished runs as SVG, drawn anew when there are more of them. */
function liveFigure(): (progress: StudyProgress) => string {
  let drawn = "";
  let runs = 0;
  return ({ study, points, unit }) => {
    const finished = points.reduce((sum, point) => sum + point.runs, 0);
    if (finished !== runs) {
      runs = finished;
      const labelled = points.map(({ point, ...rest }) => ({ label: formatPoint(point), ...rest }));
      drawn = renderSvg(livePointsChart(study, labelled, unit));
    }
    return drawn;
  };
}

function textBundle(text: string) {
  return { "text/plain": text, "text/html": `<div>${escapeHtml(text)}</div>` };
}

function bundleOf(progress: StudyProgress, noted: string, figure: string) {
  const { study, done, total, fractional, secondsLeft } = progress;
  const line = `${study}: ${progressText(progress)}`;
  const share = total === 0 ? 1 : Math.min(1, fractional / total);
  const note = noted === "" ? "" : `<div>${escapeHtml(noted)}</div>`;
  const bar = `<progress value="${share.toFixed(4)}" max="1" style="width:100%"></progress>`;
  return {
    "text/plain": line,
    "text/html": `<div>${bar}<div>${escapeHtml(line)}</div>${note}${figure}</div>`,
    [progressMimeType]: { done, total, secondsLeft, message: line },
  };
}
