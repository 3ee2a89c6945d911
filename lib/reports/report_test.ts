import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256Base64 } from "../core/hash.ts";
import { hashJson } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { bootstrapInterval } from "../statistics/bootstrap.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { fragment, table } from "./html.ts";
import { formatOutcome } from "./outcome.ts";
import { renderReport, writeReport } from "./report.ts";

function records(options: SyntheticOptions = {}) {
  const { study, runs } = syntheticStudy(options);
  return { record: study, records: runs };
}

const render = (options: SyntheticOptions = {}) =>
  renderReport(records(options), { script: "/* plotly */", command: null });

/** Cells of the table after a heading, as text, a row each. */
function cellsAfter(page: string, heading: string): string[][] {
  const from = page.indexOf(heading);
  assert.ok(from >= 0, heading);
  const body = page.slice(page.indexOf("<tbody>", from), page.indexOf("</tbody>", from));
  return body.split("<tr").slice(1).map((row) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
      cell.replace(/<[^>]*>/g, "")
    )
  );
}

const refits = [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0.03 }];

async function withFolder(
  options: SyntheticOptions,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { record, records: runs } = records(options);
    await Deno.writeTextFile(join(folder, "study.json"), JSON.stringify(record));
    const lines = runs.map((run) => JSON.stringify(run) + "\n").join("");
    await Deno.writeTextFile(join(folder, "runs.jsonl"), lines);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("writeReport shows numbers that can be computed again from runs.jsonl alone", async () => {
  await withFolder({ finalPoints: refits }, async (folder) => {
    const page = await Deno.readTextFile(await writeReport(folder));
    const lines = (await Deno.readTextFile(join(folder, "runs.jsonl"))).trim().split("\n");
    const runs: RunRecord[] = lines.map((line) => JSON.parse(line));
    const rows = cellsAfter(page, "(a) At the last step");
    assert.equal(rows.length, 20);
    const seen = new Set<string>();
    for (const run of runs) {
      const { lambda, alpha } = run.point as { lambda: number; alpha: number };
      if (seen.has(`${lambda} ${alpha}`)) continue;
      seen.add(`${lambda} ${alpha}`);
      const row = rows.find(([l, a]) => Number(l) === lambda && Number(a) === alpha)!;
      const foldMeans = (read: (run: RunRecord) => number) =>
        [0, 1, 2].map((fold) =>
          average(
            runs.filter((each) =>
              each.fold === fold && each.point.lambda === lambda && each.point.alpha === alpha
            ).map(read),
          )
        );
      const show = (values: number[]) => {
        const centre = average(values);
        const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
        return `${centre.toFixed(3)} ± ${Math.sqrt(squares / 2 / 3).toFixed(3)}`;
      };
      assert.equal(row[2], show(foldMeans((each) => each.final!.heldOutLoss)));
      assert.equal(row[3], show(foldMeans((each) => each.final!.trainingLoss)));
      assert.equal(
        row[4],
        show(foldMeans((each) => each.final!.heldOutLoss - each.final!.trainingLoss)),
      );
      const zeros = foldMeans((each) => each.final!.exactZeros / each.final!.countedWeights);
      assert.equal(row[5], `${(100 * average(zeros)).toFixed(1)} %`);
    }
    const finals = cellsAfter(page, 'id="final"');
    assert.deepEqual(finals.map(([lambda, alpha]) => [lambda, alpha]), [["0", "0"], [
      "1e-4",
      "0.03",
    ]]);
    for (const [lambda, alpha, , loss] of finals) {
      const losses = runs.filter((run) =>
        run.fold === "final" && run.point.lambda === Number(lambda) &&
        run.point.alpha === Number(alpha)
      ).map((run) => run.final!.heldOutLoss);
      assert.equal(loss.split(" ")[0], average(losses).toFixed(3));
    }
    assert.equal(cellsAfter(page, 'id="runs"').length, runs.length);
  });
});

Deno.test("writeReport leads with the final block and gives the same bytes for the same records", async () => {
  await withFolder({ finalPoints: refits }, async (folder) => {
    const first = await Deno.readTextFile(await writeReport(folder));
    const second = await Deno.readTextFile(
      await writeReport(folder, { path: join(folder, "again.html") }),
    );
    assert.ok(first === second);
    assert.ok(first.indexOf('id="final"') < first.indexOf('id="findings"'));
    assert.ok(first.indexOf('id="findings"') < first.indexOf('id="figures"'));
  });
});

Deno.test("writeReport refuses a folder without a study and an unknown option", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(writeReport(folder), /study\.json does not exist/);
    await assert.rejects(
      writeReport(folder, { format: "pdf" } as never),
      /unknown option "format"/,
    );
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("renderReport asks for nothing outside the page", () => {
  const page = render({ finalPoints: refits });
  const markup = page.replace(/<script.*?<\/script>/gs, "");
  for (const [, target] of markup.matchAll(/(?:href|src|action|data)="([^"]*)"/g)) {
    assert.match(target, /^#/);
  }
  assert.ok(!/@import|url\(https?:|<link/.test(markup));
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
});

Deno.test("F8 CSP: renderReport names its own scripts and styles by hash, and allows no others, no base and no form", () => {
  const page = render({ finalPoints: refits });
  const [, policy] = page.match(/Content-Security-Policy" content="([^"]*)"/)!;
  assert.ok(!policy.includes("unsafe"), policy);
  assert.ok(policy.includes("base-uri 'none'") && policy.includes("form-action 'none'"), policy);
  const contents = [...page.matchAll(/<(?:script|style)\b[^>]*>(.*?)<\/(?:script|style)>/gs)];
  assert.ok(contents.length > 10);
  for (const [, content] of contents) {
    assert.ok(policy.includes(`'sha256-${sha256Base64(content)}'`), content.slice(0, 80));
  }
  const markup = page.replace(/<script.*?<\/script>/gs, "");
  assert.ok(!/<[^>]* (?:style|on\w+)=/.test(markup));
  assert.match(markup, /\[data-style="0"\] \{ .*?display:block math; \}/);
});

Deno.test("F9, F5: a report says what verify cannot see, and carries the hash of study.json and later sessions", () => {
  const { record, records: runs } = records({ finalPoints: refits });
  const options = { script: "/* plotly */", command: null };
  const page = renderReport({ record, records: runs }, options);
  assert.match(
    page,
    /Without a sample <code>verify<\/code> sees that .* not that the records\nwere ever/,
  );
  assert.ok(page.includes(`<dt>study.json</dt><dd>SHA-256 <code>${hashJson(record)}</code>`));
  const later = { ...record, resumedWith: [{ ...record.provenance, cpu: "Another CPU" }] };
  const resumed = renderReport({ record: later, records: runs }, options);
  assert.match(resumed, /<dt>resumed with<\/dt><dd>Parsimony .*, Another CPU, /);
});

const bad = '</script><script>alert(1)</script>\u202eevil\u001b[31m"&\u{1f40b}\ud800';

Deno.test("renderReport escapes what comes from corpora, samples, names and errors", () => {
  const source = records({ name: "study", corpusName: bad, sampleText: bad });
  const [first, ...others] = source.records;
  const failed: RunRecord = { ...first, status: "failed", error: bad };
  const record = { ...source.record, name: bad };
  const page = renderReport({ record, records: [failed, ...others] }, {
    script: "/* plotly */",
    command: bad,
  });
  assert.equal(page.split("<script>").length - 1, 1);
  assert.equal(page.split("</script>").length - 1, 2);
  assert.ok(!page.includes("<script>alert"));
  assert.ok(!page.includes("\u202e") && !page.includes("\u001b"));
  assert.ok(
    page.includes("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;‹U+202E›evil‹U+001B›"),
  );
  assert.ok(page.includes("\u{1f40b}") && page.isWellFormed());
});

Deno.test("renderReport of an all-diverged, failed, empty or half-done study says so and builds", () => {
  const diverged = render({ status: () => "diverged" });
  assert.match(diverged, /class="notice">This study is incomplete: of 180 runs .* 180 diverged/);
  assert.match(diverged, /No run has completed, so there is nothing to draw/);
  const empty = render({ status: () => "missing" });
  assert.match(empty, /0 completed, 180 missing/);
  const half = render({ status: (_p, _f, seed) => seed === 3 ? "missing" : "completed" });
  assert.match(half, /120 completed, 60 missing\. No point has all its runs/);
  for (const page of [diverged, empty, half]) {
    const found = /.{30}(?:\bNaN\b|undefined|\[object).{30}/.exec(
      page.replace(/<script.*?<\/script>/gs, ""),
    );
    assert.equal(found, null);
  }
});

Deno.test("renderReport builds for one fold, one axis, three axes, other axis names and no final block", () => {
  for (
    const options of [
      { folds: 1 },
      { axes: { dropout: [0, 0.2, 0.5] } },
      { axes: { lambda: [0, 1e-4], alpha: [0, 1], hiddenSize: [64, 128] } },
    ] as SyntheticOptions[]
  ) {
    const page = render(options).replace(/<script.*?<\/script>/gs, "");
    assert.ok(!/\bNaN\b|undefined|\[object/.test(page));
  }
  const source = records();
  const without = { ...source.record, finalFold: null, baseline: null };
  const page = renderReport({ record: without, records: source.records }, {
    script: "",
    command: null,
  });
  assert.match(page, /This study has no final block/);
});

Deno.test("renderReport leads with an abstract, and writes its formulas as MathML with their TeX", () => {
  const page = render({ finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0 }] });
  const abstract = /<p class="abstract">(.*?)<\/p>/s.exec(page)![1].replace(/<[^>]*>/g, "");
  assert.match(
    abstract,
    /^We compared 20 settings .* with 3 folds and 3 seeds\. On a final block that no/,
  );
  assert.match(
    abstract,
    /closed most of it in the mean, \d+\.\d % .* with a validation loss \d\.\d{3} below/,
  );
  assert.match(abstract, /Held against early stopping without penalty \(step \d+\)/);
  assert.match(
    abstract,
    /% of the penalized weights exactly 0, at a training loss \d\.\d{3} above/,
  );
  assert.match(
    abstract,
    /λ = 1e-4, α = 0, which the one-standard-error rule selects, has a loss of \d\.\d{3} nats/,
  );
  assert.ok(page.indexOf('id="abstract"') < page.indexOf('id="final"'));
  const formulas = [
    ...page.matchAll(/<annotation encoding="application\/x-tex">(.*?)<\/annotation>/gs),
  ];
  assert.ok(formulas.some(([, tex]) => tex.includes("\\lambda \\sum_i |w_i|")));
  assert.equal(formulas.length, page.split("<math").length - 1);
  assert.equal(formulas.length, 7);
  assert.match(
    page,
    /gradient with loss-term penalties, clipping, coupled decay, decoupled decay, optimizer\s+step/,
  );
});

Deno.test("renderReport numbers its figures, says what each draws, and how to train every run again", () => {
  const page = render({ finalPoints: refits });
  const captions = [...page.matchAll(/<figcaption>(.*?)<\/figcaption>/gs)].map(([, text]) => text);
  assert.equal(captions.length, page.split('class="plot"').length - 1);
  captions.forEach((caption, index) => assert.ok(caption.startsWith(`Figure ${index + 1}. `)));
  assert.equal(
    captions[1],
    "Figure 2. Generalization gap against λ (proximal L1), at the last step.",
  );
  assert.equal(new Set(captions.map((caption) => caption.replace(/^Figure \d+/, ""))).size, 15);
  const [, commands] = /<h3>To reproduce<\/h3>\n<pre>(.*?)<\/pre>/s.exec(page)!;
  assert.deepEqual(commands.split("\n"), [
    "git checkout 0123456789abcdef0123456789abcdef01234567",
    "deno task verify synthetic --sample 186",
    "deno task report synthetic",
    "deno task study digest synthetic",
  ]);
});

Deno.test("the methods say which text and how many tokens and weights were used, and options in words", () => {
  const source = records({ finalPoints: refits });
  const specifications = source.record.specifications.map((specification) => ({
    ...specification,
    corpus: { kind: "catalogue", name: "x", excerpt: { start: 400, length: 1200 } },
    tokenizer: { kind: "characters" },
    model: {
      kind: "gruLanguageModel",
      hiddenSize: 128,
      tied: null,
      start: { kind: "uniform", range: 0.1 },
    },
  }));
  const page = renderReport({ ...source, record: { ...source.record, specifications } }, {
    script: "",
    command: null,
  });
  assert.match(page, /characters 400 to 1600 of it, 44500 tokens; tokens: characters\./);
  assert.match(page, /hiddenSize 128, tied none, start uniform \(range 0\.1\)\./);
  const folds = cellsAfter(page, "Folds: positions in tokens");
  assert.deepEqual(folds.map((cells) => cells.slice(3, 5)), Array(4).fill(["26000", "13000"]));
  // 64 × 384 and 128 × 384 of these, and 70 × 64 and 384 beside them.
  assert.match(
    page,
    /on fold 0 \(other folds have other vocabularies\): 73728 of 78592 weights are penalized/,
  );
  const published = specifications.map((each) => ({
    ...each,
    tokenizer: { kind: "publishedTokenizer", name: "r50k_base" },
  }));
  const corpus = { ...source.record.corpus, bytes: 44500 };
  const brought = renderReport({
    ...source,
    record: { ...source.record, corpus, specifications: published },
  }, { script: "", command: null });
  assert.match(brought, /The vocabulary is the tokenizer(&#39;|')s own, whatever the text\./);
  assert.match(brought, /on fold 0: 73728 of 78592 weights are penalized/);
  assert.match(
    page,
    /λ is the setting of proximal L1, α is the setting of decoupled weight decay\./,
  );
  assert.ok(!page.includes("what went wrong"));
  const broken = render({ status: (_p, fold) => fold === 1 ? "failed" : "completed" });
  assert.match(broken, /what went wrong.*ended with code 139/s);
});

Deno.test("renderReport shows differences with the intervals and effect sizes of statistics", () => {
  const source = records({ folds: 6 });
  const [row] = cellsAfter(render({ folds: 6 }), 'id="differences"');
  const [point] = compareWithBaseline(source)!.points;
  const ends = (interval: readonly [number, number]) =>
    `[${interval.map((end) => end.toFixed(3).replace("-", "−")).join(", ")}]`;
  assert.deepEqual(row.slice(2, 5), [
    point.test!.mean.toFixed(3).replace("-", "−"),
    ends(point.test!.interval!),
    ends(bootstrapInterval(point.foldDifferences, { seed: 1 }).interval!),
  ]);
  assert.equal(row[7], point.effect!.dz!.toFixed(2).replace("-", "−"));
  assert.match(row[10], /^0\.\d{3}$/);
  const few = render();
  assert.equal(cellsAfter(few, 'id="differences"')[0].length, 7);
  assert.match(few, /With fewer than 6 folds effect sizes and the signed-rank test say little/);
});

Deno.test("formatOutcome lists the points without penalty and those selected by each rule", () => {
  const text = formatOutcome(records({ finalPoints: refits }));
  const lines = text.split("\n");
  assert.match(lines[0], /^Study synthetic: best points/);
  for (
    const start of ["no penalty, last step", "no penalty, early stopping", "lowest mean, last"]
  ) {
    assert.ok(lines.some((line) => line.startsWith(start)), start);
  }
  const selected = lines.find((line) => line.startsWith("one standard error, last step"))!;
  assert.match(selected, /λ = .*, α = .* 1000 +\d\.\d{3} ± \d\.\d{3} +.* %/);
  assert.match(text, /early stopping/i);
  assert.ok(lines.every((line) => line.length <= 130));
  assert.match(formatOutcome(records({ status: () => "diverged" })), /nothing can be concluded/);
});

Deno.test("fragment escapes texts and leaves markup, and table heads its rows", () => {
  assert.equal(
    fragment`<i>${["<", fragment`<b>${1}</b>`, null]}</i>`.html,
    "<i>&lt;<b>1</b></i>",
  );
  const shown = table("caption <", [{ title: "a", cell: (row: number) => row }], [1]).html;
  assert.match(shown, /<caption>caption &lt;<\/caption>/);
  assert.match(shown, /<th scope="row" class="number">1<\/th>/);
});
