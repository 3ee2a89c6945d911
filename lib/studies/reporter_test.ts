import assert from "node:assert/strict";
import type { NotebookDisplay } from "../core/runtime/notebook.ts";
import { notebookReporter, progressMimeType } from "./notebook_reporter.ts";
import { formatDuration, progressText, type StudyProgress, terminalReporter } from "./reporter.ts";

const halfway: StudyProgress = {
  study: "a<b",
  done: 5,
  total: 10,
  fractional: 5.5,
  diverged: 1,
  failed: 2,
  pruned: 0,
  runsPerMinute: 12.34,
  secondsLeft: 65,
  best: { point: { lambda: 1e-5, kind: "l1" }, validationLoss: 1.98765 },
  points: [
    { point: { lambda: 0 }, runs: 2, validationLoss: 2.5, generalizationGap: 1 },
    { point: { lambda: 1e-5 }, runs: 2, validationLoss: 1.98765, generalizationGap: 0.5 },
  ],
};

Deno.test("report.md 9: progress names a point as reports do, and shows what would colour a terminal", () => {
  const point = { lambda: 3e-5, kind: "\u001b[31m\u202e" };
  const text = progressText({ ...halfway, best: { point, validationLoss: 1 } });
  assert.ok(text.endsWith("at λ = 3e-5, kind = ‹U+001B›[31m‹U+202E›"), text);
});

Deno.test("progressText says runs, losses, speed, time left and the best point so far", () => {
  assert.equal(
    progressText(halfway),
    "5/10 runs · 1 diverged · 2 failed · 12.3 runs/min · 1 min 05 s left · best 1.988 at " +
      "λ = 1e-5, kind = l1",
  );
  const start = { ...halfway, diverged: 0, failed: 0, runsPerMinute: null, secondsLeft: null };
  assert.equal(progressText({ ...start, best: null }), "5/10 runs");
  assert.equal(
    progressText({ ...start, best: null, refitsToCome: true }),
    "5/10 runs, then refits",
  );
});

Deno.test("formatDuration is short and exact", () => {
  assert.equal(formatDuration(59.4), "59 s");
  assert.equal(formatDuration(59.6), "1 min 00 s");
  assert.equal(formatDuration(3725), "1 h 02 min");
});

Deno.test("terminalReporter draws one bar in place, no wider than the terminal", () => {
  let text = "";
  const reporter = terminalReporter({ write: (more) => text += more, columns: () => 60 });
  reporter.progress(halfway);
  assert.match(text, /^\ra<b ━{13}╌{11} 5\/10 runs/);
  assert.ok(text.replace("\r", "").replace("\x1b[K", "").length < 60);
  assert.ok(!text.includes("\n"));
  reporter.warn("a warning");
  assert.ok(text.endsWith("\r\x1b[Ka warning\n"));
  reporter.progress(halfway);
  reporter.finish({ ...halfway, done: 10, fractional: 10 }, "All is done.");
  assert.ok(text.endsWith("\r\x1b[KAll is done.\n"));
});

Deno.test("terminalReporter writes no control characters where stderr is no terminal", () => {
  let text = "";
  const reporter = terminalReporter({ write: (more) => text += more, columns: () => null });
  for (let index = 0; index < 100; index++) reporter.progress(halfway);
  reporter.finish(halfway, "All is done.");
  assert.equal(text, "All is done.\n");
});

Deno.test("notebookReporter updates one display in place and ends without durations", async () => {
  const shown: { bundle: { [mimeType: string]: unknown }; update: boolean; id: string }[] = [];
  const notebook: NotebookDisplay = {
    display(bundle, { update, display_id }) {
      shown.push({ bundle, update: update ?? false, id: display_id });
      return Promise.resolve();
    },
  };
  const reporter = notebookReporter(notebook);
  reporter.progress(halfway);
  reporter.progress(halfway); // too soon after the first
  const done = { ...halfway, done: 10, fractional: 10 };
  reporter.finish(done, "Study a<b: 10 of 10 runs are recorded.");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(shown.map(({ update }) => update), [false, true]);
  assert.equal(shown[0].id, shown[1].id);
  assert.deepEqual(shown[0].bundle[progressMimeType], {
    done: 5,
    total: 10,
    secondsLeft: 65,
    message: `a<b: ${progressText(halfway)}`,
  });
  assert.match(String(shown[0].bundle["text/html"]), /<progress value="0.5500" max="1".*a&lt;b: 5/);
  assert.match(String(shown[0].bundle["text/html"]), /<svg .*a&lt;b: best so far λ = 1e-5/s);
  const last = shown[1].bundle;
  assert.ok(!JSON.stringify(last).includes("<svg"));
  assert.equal(last["text/plain"], "Study a<b: 10 of 10 runs are recorded.");
  assert.equal(last["text/html"], "<div>Study a&lt;b: 10 of 10 runs are recorded.</div>");
  assert.deepEqual(last[progressMimeType], {
    done: 10,
    total: 10,
    secondsLeft: null,
    message: "Study a<b: 10 of 10 runs are recorded.",
    ended: { study: "a<b", failed: 2 },
  });
});

Deno.test("what is noted is printed by a terminal, and stands in a notebook's display until its end", async () => {
  let text = "";
  terminalReporter({ write: (more) => text += more, columns: () => null }).note!("1 run < 2");
  assert.equal(text, "1 run < 2\n");
  const shown: string[] = [];
  const reporter = notebookReporter({
    display(bundle) {
      shown.push(String(bundle["text/html"]));
      return Promise.resolve();
    },
  });
  reporter.note!("1 run < 2");
  reporter.progress(halfway);
  reporter.finish(halfway, "All is done.");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(shown[0], "<div>1 run &lt; 2</div>");
  assert.match(shown[1], /<div>1 run &lt; 2<\/div>/);
  assert.equal(shown[2], "<div>All is done.</div>");
});

Deno.test("notebookReporter draws its figure anew when more runs are finished, and not before", async () => {
  const figures: string[] = [];
  const reporter = notebookReporter({
    display(bundle) {
      figures.push(/<svg.*<\/svg>/s.exec(String(bundle["text/html"]))?.[0] ?? "");
      return Promise.resolve();
    },
  });
  const later = { ...halfway.points[0], runs: 3, validationLoss: 1.5 };
  for (
    const points of [[], halfway.points, halfway.points, [later, halfway.points[1]]]
  ) {
    reporter.progress({ ...halfway, points });
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  assert.equal(figures.length, 4);
  assert.equal(figures[0], "");
  assert.match(figures[1], /best so far λ = 1e-5/);
  assert.equal(figures[2], figures[1]);
  // Another point has more runs than the others: it alone can be compared.
  assert.match(figures[3], /best so far λ = 0</);
});

Deno.test("notebookReporter's last display does not depend on what was shown before", async () => {
  const ends = [];
  for (const earlier of [0, 1]) {
    let last: unknown;
    const reporter = notebookReporter({
      display(bundle) {
        last = bundle;
        return Promise.resolve();
      },
    });
    if (earlier) reporter.progress(halfway);
    reporter.finish({ ...halfway, secondsLeft: earlier, runsPerMinute: earlier }, "All is done.");
    await new Promise((resolve) => setTimeout(resolve, 0));
    ends.push(last);
  }
  assert.deepEqual(ends[0], ends[1]);
});
