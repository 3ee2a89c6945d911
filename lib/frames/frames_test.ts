import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../core/json.ts";
import type { CurvePoint } from "../records/run_record.ts";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import { shapes } from "../statistics/testing/shapes.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { shapedStudy } from "../statistics/testing/shaped_study.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import {
  curvesFrame,
  DataFrame,
  frameCsv,
  frameHtml,
  frameText,
  groupMeans,
  pivotFrame,
  runsFrame,
  sortFrame,
  table,
  toCSV,
  trialsFrame,
  weightsFrame,
  weightValuesFrame,
  writeCsv,
} from "./mod.ts";

function distinct(frame: DataFrame, column: string) {
  return new Set(frame.column(column).values as unknown[]);
}

function keptStudy(name: string) {
  const file = (file: string) =>
    fileURLToPath(new URL(`../../results/${name}/${file}`, import.meta.url));
  return { record: readStudyRecord(file("study.json"))!, records: readRuns(file("runs.jsonl")) };
}

const small = { axes: { lambda: [0, 1e-4], alpha: [0, 1] }, folds: 2, seeds: [1, 2] };

Deno.test("runsFrame has a row a run with its point, and groups by an axis", () => {
  const source = records(small);
  const frame = runsFrame(source, { status: "completed" });
  assert.deepEqual(frame.shape, [16, 16]);
  assert.deepEqual(frame.columns.slice(0, 5), ["lambda", "alpha", "fold", "seed", "status"]);
  const grouped = frame.groupby(["lambda"]).col(["validationLoss"]).mean();
  const expected = source.records.filter((run) => run.point.lambda === 0)
    .map((run) => run.final!.heldOutLoss);
  const [[lambda, mean]] = grouped.values as number[][];
  assert.equal(lambda, 0);
  assertClose(mean, expected.reduce((sum, value) => sum + value, 0) / expected.length);
});

Deno.test("frames have columns of costs and of averages where runs have them", () => {
  const source = records(small);
  const weights = "EMA of 10 steps";
  const averages = [{ weights: "trained", heldOutLoss: 3 }, { weights, heldOutLoss: 2 }];
  const changed = {
    ...source,
    records: source.records.map((run) => {
      const curve = run.curve.map((at, index) => index === 0 ? at : { ...at, averages });
      const cost = { flops: null, tokens: 600, weights: 5, bytes: 20 };
      return { ...run, curve, final: curve.at(-1)!, ...(run.fold === 0 && { cost }) };
    }),
  };
  const added = ["validationLoss of trained", `validationLoss of ${weights}`];
  const costs = ["flops", "tokens", "weights", "bytes"];
  const values = (frame: DataFrame, column: string) => frame.column(column).values as number[];
  const [plain, runs] = [runsFrame(source), runsFrame(changed)];
  assert.deepEqual(
    runs.columns.filter((name) => !plain.columns.includes(name)),
    [...added, ...costs],
  );
  assert.deepEqual(values(runs, added[1]).slice(0, 2), [2, 2]);
  assert.deepEqual(values(runs, "tokens").slice(0, 2), [600, NaN]);
  assert.ok(values(runs, "flops").every(Number.isNaN));
  const curves = curvesFrame(changed);
  const points = source.records[0].curve.length;
  assert.ok(Number.isNaN(values(curves, added[0])[0]));
  assert.deepEqual(values(curves, added[0]).slice(1, points), Array(points - 1).fill(3));
  const steps = values(curves, "step").slice(0, points);
  assert.deepEqual(
    values(curves, "tokens").slice(0, points),
    steps.map((step) => 600 * step / steps.at(-1)!),
  );
});

Deno.test("runsFrame has columns of what models of pairs predict and write, of scores those that were asked for", () => {
  const source = records(small);
  const written = { pairs: 5, exactMatch: 0.2, editDistance: 0.4, chrf: 40, rougeL: 0.5 };
  const pairs = { training: 9, heldOut: 5, sourceVocabulary: 7, sourceUnknownShare: 0 };
  const summary = { ...pairs, tokenAccuracy: 0.75 };
  const changed = {
    ...source,
    records: source.records.map((run) =>
      run.seed === 1
        ? { ...run, pairs: { ...summary, written: run.fold === 0 ? written : null } }
        : run
    ),
  };
  const [plain, frame] = [runsFrame(source), runsFrame(changed)];
  const added = frame.columns.filter((name) => !plain.columns.includes(name));
  assert.deepEqual(added, ["pairAccuracy", "exactMatch", "editDistance", "chrf", "rougeL"]);
  const values = (column: string) => frame.column(column).values as (number | string)[];
  for (const [row, seed] of values("seed").entries()) {
    const first = seed === 1 && values("fold")[row] === "0";
    assert.deepEqual(values("pairAccuracy")[row], seed === 1 ? 0.75 : NaN);
    assert.deepEqual(values("rougeL")[row], first ? 0.5 : NaN);
    assert.deepEqual(values("chrf")[row], first ? 40 : NaN);
  }
});

Deno.test("runsFrame has columns of how well models fill in the middle where runs say it", () => {
  const source = records(small);
  const infilling = { pieces: 9, loss: 1.5, prefixLoss: 2.5, exactMatch: 0.25 };
  const changed = {
    ...source,
    records: source.records.map((run) => run.seed === 1 ? { ...run, infilling } : run),
  };
  const [plain, frame] = [runsFrame(source), runsFrame(changed)];
  const added = frame.columns.filter((name) => !plain.columns.includes(name));
  assert.deepEqual(added, ["infillingLoss", "infillingPrefixLoss", "infillingExactMatch"]);
  const values = (column: string) => frame.column(column).values as number[];
  for (const [row, seed] of values("seed").entries()) {
    const expected = seed === 1 ? [1.5, 2.5, 0.25] : [NaN, NaN, NaN];
    assert.deepEqual(added.map((name) => values(name)[row]), expected);
  }
});

Deno.test("frames have bits per byte and per character where runs have them", () => {
  const source = records(small);
  const withBits = (at: CurvePoint) => ({
    ...at,
    bitsPerByte: at.heldOutLoss,
    bitsPerCharacter: 3,
  });
  const changed = {
    ...source,
    records: source.records.map((run) =>
      run.fold === 0 ? { ...run, curve: run.curve.map(withBits), final: withBits(run.final!) } : run
    ),
  };
  for (const frameOf of [runsFrame, curvesFrame]) {
    const [plain, frame] = [frameOf(source), frameOf(changed)];
    const added = frame.columns.filter((name) => !plain.columns.includes(name));
    assert.deepEqual(added, ["bitsPerByte", "bitsPerCharacter"]);
    const values = (column: string) => frame.column(column).values as (number | string)[];
    for (const [row, fold] of values("fold").entries()) {
      const bits = values("bitsPerByte")[row];
      assert.ok(fold === "0" ? bits === values("validationLoss")[row] : Number.isNaN(bits));
    }
  }
});

Deno.test("runsFrame is sorted by point, seed and fold whatever order the runs ended in", () => {
  const source = records(small);
  const frame = runsFrame({ ...source, records: source.records.toReversed() });
  assert.deepEqual(frame.values, runsFrame(source).values);
  const column = (name: string) => frame.column(name).values.slice(0, 5);
  assert.deepEqual(column("seed"), [1, 1, 2, 2, 1]);
  assert.deepEqual(column("fold"), ["0", "1", "0", "1", "0"]);
  assert.deepEqual(column("alpha"), [0, 0, 0, 0, 1]);
});

Deno.test("runsFrame keeps failed runs unless a status is asked for", () => {
  const source = records({
    ...small,
    status: (_p, _f, seed) => seed === 2 ? "failed" : "completed",
  });
  assert.equal(runsFrame(source).shape[0], 16);
  assert.equal(runsFrame(source, { status: "failed" }).shape[0], 8);
  assert.match(frameHtml(runsFrame(source, { status: "failed" })), /<td>failed<\/td><td>–<\/td>/);
  assert.throws(() => runsFrame(source, { status: "diverged" }), /no such runs yet/);
  assert.throws(() => runsFrame(source, { status: "lost" as "failed" }), /found "lost"/);
  assert.throws(() => runsFrame(source, { state: "failed" } as never), /unknown option "state"/);
});

Deno.test("trialsFrame holds the summaries' means and standard errors", () => {
  const source = records(small);
  const frame = trialsFrame(source, { view: "bestStep" });
  const summaries = summarizeTrials(source.record, source.records);
  const column = (name: string) => frame.column(name).values as number[];
  for (const [index, summary] of summaries.entries()) {
    const { estimates, step } = summary.bestStep!;
    assertClose(column("validationLoss")[index], estimates.validationLoss.mean);
    assertClose(column("validationLossError")[index], estimates.validationLoss.standardError!);
    assert.equal(column("step")[index], step);
  }
});

Deno.test("curvesFrame has a row for each evaluation", () => {
  const source = records(small);
  const frame = curvesFrame(source);
  assert.equal(frame.shape[0], 16 * 11);
  assert.deepEqual((frame.column("step").values as number[]).slice(0, 3), [0, 100, 200]);
});

Deno.test("frames show as capped, escaped tables in a cell, also after a query, and write CSV", () => {
  const display = Symbol.for("Jupyter.display");
  const frame = curvesFrame(records(small));
  type Shown = { [display: symbol]: () => { "text/html": string; "text/plain": string } };
  const shown = (frame as unknown as Shown)[display]();
  assert.match(shown["text/html"], /… 136 rows …/);
  assert.match(shown["text/html"], /176 rows × 15 columns/);
  assert.match(shown["text/plain"], /… 136 rows more/);
  const some = frame.query(frame.column("step").eq(0));
  assert.match((some as unknown as Shown)[display]()["text/html"], /16 rows/);
  const bad = new DataFrame([["<script>", 1]], { columns: ["<b>", "n"] });
  assert.ok(!/<script>|<b>/.test(frameHtml(bad)));
  const codes = new DataFrame([["\u001b[31m\u202ex\ny", 1]], { columns: ["a\u2066", "n"] });
  for (const text of [frameHtml(codes), frameText(codes)]) {
    assert.ok(text.includes("‹U+001B›[31m‹U+202E›x y") && text.includes("a‹U+2066›"));
    assert.ok(!["\u001b", "\u202e", "\u2066"].some((mark) => text.includes(mark)));
  }
  const csv = toCSV(frame, { download: false }) as unknown as string;
  assert.equal(csv.trim().split("\n").length, 177);
});

Deno.test("frames name an axis that shares its name with a column apart from it", () => {
  const frame = runsFrame(records({ axes: { seed: [0, 1] } }));
  assert.deepEqual(frame.columns.slice(0, 3), ["point.seed", "fold", "seed"]);
});

Deno.test("no frame loses an axis, whatever it is called, nor a column of its own", () => {
  const names = [
    ...["penalty", "fold", "seed", "step", "loss", "id", "point", "index", "status", "count"],
    ...["trainingLoss", "validationLoss", "validationLossError", "bestStep", "seconds"],
    ...["learningRate", "gradientNorm", "complete", "completed", "point.penalty", "toString"],
  ];
  const values = (shift: number): JsonObject =>
    Object.fromEntries(names.map((name, index) => [name, shift + index]));
  const source = shapedStudy({
    points: [values(1000), values(2000)],
    specify: () => ({}),
    response: () => ({ training: 0, heldOut: 0 }),
    folds: 2,
    seeds: [1],
  });
  const plain = shapedStudy({
    points: [{ other: 0 }, { other: 1 }],
    specify: () => ({}),
    response: () => ({ training: 0, heldOut: 0 }),
    folds: 2,
    seeds: [1],
  });
  for (const frameOf of [runsFrame, trialsFrame, curvesFrame]) {
    const frame = frameOf(source);
    const own = frameOf(plain).columns.filter((column) => column !== "other");
    assert.equal(new Set(frame.columns).size, names.length + own.length);
    const taken = new Set(own);
    for (const [index, name] of names.entries()) {
      let column = name;
      while (taken.has(column)) column = `point.${column}`;
      taken.add(column);
      const cells = frame.column(column).values as number[];
      assert.deepEqual([cells[0], cells.at(-1)], [1000 + index, 2000 + index], name);
    }
    for (const column of own) {
      assert.ok((frame.column(column).values as unknown[])[0] !== undefined, column);
    }
  }
  const means = groupMeans(trialsFrame(source), { by: ["count"], columns: ["validationLoss"] });
  assert.deepEqual(means.columns.slice(0, 2), ["count", "group.count"]);
});

Deno.test("curvesFrame of the study l1-zeros keeps its axis penalty beside the column", () => {
  const source = keptStudy("findings/l1-zeros");
  const frame = curvesFrame(source);
  const kinds = source.record.space.points.map(({ penalty }) => penalty);
  assert.deepEqual(distinct(frame, "point.penalty"), new Set(kinds));
  assert.ok((frame.column("penalty").values as unknown[]).every((x) => typeof x === "number"));
  assert.match(frameCsv(frame).split("\n")[0], /(^|,)point\.penalty,.*,penalty,/);
});

Deno.test("axes that a point lacks are null in frames, dashes in tables, and empty in CSV", () => {
  const frame = trialsFrame(shapes["conditional axis"]());
  assert.deepEqual(distinct(frame, "momentum"), new Set([null, 0.5, 0.9]));
  const rows = frameCsv(frame).split("\n").slice(1, -1).map((line) => line.split(","));
  const at = frame.columns.indexOf("momentum");
  assert.deepEqual(new Set(rows.map((cells) => cells[at])), new Set(["", "0.5", "0.9"]));
  assert.match(frameText(frame), /adam +0 +–/);
  assert.ok(!/undefined|null/.test(frameHtml(frame)));
  const groups = groupMeans(frame, { by: ["momentum"], columns: ["validationLoss"] });
  assert.deepEqual(groups.column("count").values, [3, 3, 3]);
  assert.deepEqual(groups.column("momentum").values, [0.5, 0.9, null]);
});

const models = [
  {
    name: { lambda: 0, alpha: 1 },
    weights: new Map([["kernel", { shape: [2, 2], values: Float32Array.of(3, 0, -4, 0.0005) }]]),
  },
  { name: "other", weights: new Map([["bias", { values: [0] }]]) },
];

Deno.test("weightsFrame has a row a parameter with its zeros and norm, weightValuesFrame one a weight", () => {
  const frame = weightsFrame(models);
  const [kernel, bias] = frame.values as unknown[][];
  assert.deepEqual(kernel.slice(0, 6), ["λ = 0, α = 1", "kernel", "2 × 2", 4, 0.25, 0.5]);
  assertClose(kernel[6] as number, 5, 1e-7);
  assert.deepEqual(kernel.slice(8), [4]);
  assert.deepEqual(bias, ["other", "bias", "1", 1, 1, 1, 0, 0, 0]);
  const values = weightValuesFrame(models);
  assert.deepEqual(values.shape, [5, 4]);
  assert.deepEqual((values.values as unknown[][])[2], ["λ = 0, α = 1", "kernel", 2, -4]);
  assert.match(frameText(frame), /2 × 2/);
  assert.throws(() => weightsFrame([]), RangeError);
});

Deno.test("groupMeans average over runs by hand-computed values and leave missing ones out", () => {
  const source = records({
    ...small,
    status: (point, _fold, seed) => point.alpha === 1 && seed === 2 ? "failed" : "completed",
  });
  const frame = groupMeans(runsFrame(source), {
    by: ["lambda", "alpha"],
    columns: ["validationLoss"],
  });
  assert.deepEqual(frame.columns, [
    "lambda",
    "alpha",
    "count",
    "validationLoss",
    "validationLossDeviation",
  ]);
  for (const [lambda, alpha, count, loss] of frame.values as number[][]) {
    const own = source.records.filter((run) =>
      run.point.lambda === lambda && run.point.alpha === alpha && run.final !== null
    ).map((run) => run.final!.heldOutLoss);
    assert.deepEqual([count, own.length], [4, alpha === 1 ? 2 : 4]);
    assertClose(loss, own.reduce((sum, value) => sum + value, 0) / own.length);
  }
  assert.throws(() => groupMeans(frame, { by: ["beta"] }), /column "beta" must be.*found "beta"/);
});

Deno.test("pivotFrame puts one axis in rows and one in columns, as the trials have them", () => {
  const source = records(small);
  const wide = pivotFrame(trialsFrame(source), {
    rows: "alpha",
    columns: "lambda",
    values: "validationLoss",
  });
  assert.deepEqual(wide.columns, ["alpha", "lambda = 0", "lambda = 0.0001"]);
  const summaries = summarizeTrials(source.record, source.records);
  const at = (lambda: number, alpha: number) =>
    summaries.find(({ point }) => point.lambda === lambda && point.alpha === alpha)!
      .lastStep!.estimates.validationLoss.mean;
  const rows = wide.values as number[][];
  assert.deepEqual(rows.map(([alpha]) => alpha), [0, 1]);
  rows.forEach(([alpha, first, second]) => {
    assertClose(first, at(0, alpha));
    assertClose(second, at(1e-4, alpha));
  });
});

Deno.test("sortFrame sorts by columns with missing values last and keeps the first rows", () => {
  const frame = new DataFrame([[1, NaN], [2, 3], [3, 1], [4, 3]], { columns: ["id", "loss"] });
  const ids = (sorted: DataFrame) => sorted.column("id").values;
  assert.deepEqual(ids(sortFrame(frame, { by: ["loss", "id"] })), [3, 2, 4, 1]);
  assert.deepEqual(ids(sortFrame(frame, { by: ["loss"], descending: true, rows: 3 })), [2, 4, 3]);
  assert.deepEqual(ids(frame), [1, 2, 3, 4]);
});

Deno.test("frameCsv lets no text be taken for a formula, and leaves numbers as they are", () => {
  const texts = ["=1+1", "+cmd", "-x", "@sum", "\tx", "-0.5", "+2", "", "a=b"];
  const frame = new DataFrame(texts.map((text) => [text, -0.25]), { columns: ["=x", "loss"] });
  const [head, ...rows] = frameCsv(frame).trimEnd().split("\n").map((line) => line.split(","));
  assert.deepEqual(head, ["'=x", "loss"]);
  assert.deepEqual(rows.map(([text]) => text), [
    ...["'=1+1", "'+cmd", "'-x", "'@sum", "'\tx"],
    ...["-0.5", "+2", "", "a=b"],
  ]);
  assert.ok(rows.every(([, number]) => number === "-0.25"));
});

Deno.test("frameCsv quotes what needs it, keeps all digits, and writeCsv writes it", async () => {
  const frame = new DataFrame([['a,"b"\nc', 0.1 + 0.2], ["d", NaN]], { columns: ["x", "y"] });
  const expected = 'x,y\n"a,""b""\nc",0.30000000000000004\nd,\n';
  assert.equal(frameCsv(frame), expected);
  const folder = await Deno.makeTempDir();
  try {
    await writeCsv(frame, `${folder}/new/frame.csv`);
    assert.equal(await Deno.readTextFile(`${folder}/new/frame.csv`), expected);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("table takes rows of objects, and refuses none, missing columns and others", () => {
  assert.deepEqual(table([{ "": null, b: true }, { b: false, "": 1 }]).values, [
    ...[[null, true], [1, false]],
  ]);
  const ask = (...rows: object[]) => () => table(rows as { a: number }[]);
  assert.throws(ask(), /at least one row, found none/);
  assert.throws(ask({ a: 1, b: 2 }, { a: 1 }), /the columns "a", "b", found {"a":1} in row 1/);
  assert.throws(ask({ a: 1 }, { a: 1, c: 2 }), /the columns "a", found {"a":1,"c":2} in row 1/);
});
