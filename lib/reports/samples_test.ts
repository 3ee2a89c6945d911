import assert from "node:assert/strict";
import { findings } from "../statistics/findings.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { reportDocument } from "./document.ts";
import { renderMarkdown } from "./markdown.ts";
import { samplePanels, samplesSection, statisticsInWords } from "./samples.ts";
import { showSamples } from "./show.ts";

Deno.test("statisticsInWords says every number of a sample's statistics with its meaning", () => {
  const line = statisticsInWords({
    tokens: 160,
    distinct: [0.25, 0.5, 0.75, 0.9],
    nGramLength: 8,
    repetition: 0.125,
    trainingOverlap: 0.5,
    heldOutOverlap: 0.1,
    memorizedShare: 0.4,
    longestCopiedSpan: 37,
  });
  assert.equal(
    line,
    "160 tokens: distinct-1 25.0 %, distinct-2 50.0 %, distinct-3 75.0 %, distinct-4 90.0 %; " +
      "repeated 8-grams 12.5 %; memorized share 40.0 % (of its 8-grams 50.0 % in a training excerpt " +
      "as long as the held-out text, 10.0 % in the held-out text); longest span copied from the " +
      "training text: 37 tokens.",
  );
});

const small: SyntheticOptions = { axes: { lambda: [0, 1e-5, 1e-4] }, folds: 2, seeds: [1, 2] };

function panelsOf(options: SyntheticOptions) {
  const { study, runs } = syntheticStudy({ ...small, ...options });
  return { study, runs, panels: samplePanels(findings(study, runs), runs) };
}

Deno.test("samplePanels takes the refit of a point where there is one, else its first run, by value", () => {
  const { panels, runs } = panelsOf({ finalPoints: [{ lambda: 0 }] });
  assert.deepEqual(panels.map(({ point, fold, seed }) => [point.lambda, fold, seed]), [
    [0, "final", 1],
    [1e-5, 0, 1],
    [1e-4, 0, 1],
  ]);
  assert.deepEqual(panels[0].samples, runs.find(({ fold }) => fold === "final")!.samples);
  assert.ok(panels[0].roles.includes("no penalty"));
  assert.ok(panels.some(({ roles }) => roles.length === 0));
  assert.deepEqual(panelsOf({ status: () => "diverged" }).panels, []);
});

Deno.test("the samples panel of a page and of a Markdown report are those that were looked at", async () => {
  const { study, runs, panels } = panelsOf({ finalPoints: [{ lambda: 0 }] });
  const document = reportDocument({ record: study, records: runs }, null);
  const sections = document.sections.filter(({ id }) => id === "samples");
  const shown = [
    ["samples.html.txt", samplesSection(panels).html],
    ["samples.md.txt", renderMarkdown({ ...document, sections, figures: [] }, [])],
  ];
  for (const [name, content] of shown) {
    const path = new URL(`./testing/${name}`, import.meta.url);
    if (Deno.args.includes("--update")) await Deno.writeTextFile(path, content);
    assert.equal(content, await Deno.readTextFile(path), `${name} differs`);
  }
});

Deno.test("showSamples shows every point's text, also where a study has no final block, and pairs with their targets", () => {
  const { study, runs } = panelsOf({});
  const text = String(showSamples({ record: study, records: runs }));
  assert.equal(text.split("\n").length, 3);
  assert.match(
    text,
    /^λ = 0, fold 0, seed 1: "Call me Ishmael\. Strength 0\.00, seed 1\."/,
  );
  const pairs = runs.map((run) => ({
    ...run,
    samples: [{ prompt: "he saith", text: "he sayeth", reference: "he says", temperature: 0 }],
  }));
  assert.match(
    String(showSamples({ record: study, records: pairs })),
    /"he saith" → "he sayeth" → "he says"$/,
  );
});

Deno.test("headings of samples say at which texts a model stops, and prompts are called by their name", () => {
  const { study, runs } = syntheticStudy(small);
  const panelsBy = (kind: string) => {
    const specifications = study.specifications.map((each) => ({
      ...each,
      tokenizer: { kind, tokenizer: { kind: "words" }, target: { kind: "words" } },
      training: { samples: { stopStrings: ["\n", "END"] } },
    }));
    const samples = [{ prompt: "Go.", text: "Va", reference: "Va !", temperature: 0 }];
    const panels = samplePanels(
      findings({ ...study, specifications }, runs),
      runs.map((run) => ({ ...run, samples })),
    );
    return samplesSection(panels).html;
  };
  assert.match(
    panelsBy("completions"),
    /temperature 0, ending before &quot;\\n&quot; or &quot;END&quot;; prompt and true completion are set apart\./,
  );
  assert.match(panelsBy("pairs"), /; source and true target are set apart\./);
});
