import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { findings } from "../statistics/findings.ts";
import { joinedHandStudy } from "../statistics/testing/hand_study.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { pointTable, tableText } from "../studies/table.ts";
import { selectPoints } from "../studies/plan/selection.ts";
import { differencesSection } from "./differences.ts";
import { headlineSection } from "./headline.ts";
import { methodsSection } from "./methods.ts";
import { formatOutcome } from "./outcome.ts";
import { provenanceSection } from "./provenance_section.ts";
import { taskCommands } from "../core/study_commands.ts";
import { renderPage } from "./page.ts";
import { runsSection } from "./run_sections.ts";
import { searchSection } from "./search_section.ts";
import { finalSection, selectionSection, wordsSection } from "./sections.ts";
import { pointsSection } from "./points_section.ts";
import { differingInWords } from "./specification_words.ts";

/** Every section but samples and figures, as text without tags. */
function sections({ study, runs }: { study: StudyRecord; runs: readonly RunRecord[] }) {
  const shown = findings(study, runs);
  const axes = [...new Set(study.space.points.flatMap((point) => Object.keys(point)))];
  const text = ({ html }: { html: string }) =>
    html.replace(/<math.*?<\/math>/gs, "").replace(/<[^>]*>/g, "|").replace(/\s+/g, " ");
  return {
    points: text(pointsSection(shown, axes)),
    differences: text(differencesSection(shown, axes)),
    methods: text(methodsSection(shown, runs)),
    selection: text(selectionSection(shown)),
    final: text(finalSection(shown, axes)),
    words: text(wordsSection(shown)),
    headline: text(headlineSection(shown, runs)),
    runs: text(runsSection(study, runs, axes)),
    search: text(searchSection(study, runs, shown.summaries)),
    outcome: formatOutcome({ record: study, records: runs }),
    table: tableText(pointTable(study, runs, selectPoints(study, runs))),
  };
}

function synthetic(
  options: SyntheticOptions,
  change: (study: StudyRecord) => StudyRecord = (s) => s,
) {
  const { study, runs } = syntheticStudy(options);
  return { study: change(study), runs };
}

const specified = (of: (specification: JsonObject) => JsonObject) => (study: StudyRecord) => ({
  ...study,
  specifications: study.specifications.map((each) => ({ ...each, ...of(each) })),
});

Deno.test("No section, table or outcome says no penalty of a baseline with decay (case users 3)", () => {
  const found = sections(synthetic(
    { axes: { dropout: [0, 0.3] }, finalPoints: [{ dropout: 0 }, { dropout: 0.3 }] },
    specified(() => ({
      penalties: [{ kind: "decoupledWeightDecay", strength: 0.5, targets: ["kernel"] }],
    })),
  ));
  for (const [name, text] of Object.entries(found)) {
    const said = text.replaceAll("without dropout and without penalty", "")
      .replaceAll("without output dropout", "");
    assert.doesNotMatch(said, /without penalty|no penalty|unpenalized|penalized point/i, name);
  }
  const name = "the baseline (decoupled weight decay 0.5, without output dropout)";
  assert.ok(found.differences.includes(`minus that of ${name}`));
  assert.match(found.table, /b baseline \(decoupled weight decay 0\.5, without output dropout\)/);
  assert.match(found.outcome, /^the baseline, last step/m);
});

Deno.test("Sections of a joined space show a dash for an axis that a point lacks (case report 1)", () => {
  const found = sections(joinedHandStudy());
  for (const [name, text] of Object.entries(found)) {
    assert.doesNotMatch(text, /undefined|NaN|\[object/, name);
  }
  assert.match(found.points, /\|0\.003\|+–\|+–\|/);
  assert.match(found.table, /0\.003 +– +–/);
  assert.match(found.differences, /compared with.*learningRate = 0\.003\|/);
  assert.match(found.differences, /Holm over 2 comparisons/);
});

Deno.test("With a learning rate as axis selection, tables and methods name no largest rate and no penalized rates (case report 2)", () => {
  const found = sections(synthetic({ axes: { learningRate: [0.001, 0.01], alpha: [0, 1] } }));
  assert.match(found.methods, /one standard error of validation loss, taking the largest α\./);
  assert.match(found.selection, /the rest the largest α is taken, then the lowest mean/);
  const rates = sections(synthetic({ axes: { learningRate: [0.001, 0.01] } }));
  assert.match(rates.methods, /Rule of the study: lowest mean of validation loss\./);
  assert.match(rates.selection, /No axis says which point is the simpler model/);
  assert.doesNotMatch(rates.table, /one standard error/);
  const sizes = sections(synthetic({ axes: { hiddenSize: [16, 64] } }));
  assert.match(sizes.selection, /the smallest hiddenSize is taken/);
  for (const { points, differences } of [found, rates, sizes]) {
    assert.doesNotMatch(points + differences, /penalized|without penalty|no penalty/);
  }
});

Deno.test("Tables that repeat each other are one, and say so (case report 4)", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4] } });
  const falling = runs.map((run) => {
    const curve = run.curve.map((at) => ({
      ...at,
      heldOutLoss: at.trainingLoss + 0.1 + (run.point.lambda === 0 ? 0.01 * Number(run.fold) : 0),
    }));
    return { ...run, curve, final: curve.at(-1)! };
  });
  const found = sections({ study, runs: falling });
  assert.match(
    found.points,
    /the best step in the fold mean is the last one, so this table serves both/,
  );
  assert.doesNotMatch(found.points, /\(b\)/);
  assert.match(found.differences, /2 comparisons with no penalty in 2 families of 1/);
  assert.match(found.differences, /one table serves both/);
  assert.equal(found.selection.split("|lowest mean|").length - 1, 1);
  assert.doesNotMatch(found.table, /best step {2}/);
  const both = sections({ study, runs });
  assert.match(both.points, /\(b\) At one step per point/);
  assert.match(
    both.differences,
    /3 comparisons with no penalty in 3 families of 1, a table each: Holm adjusts within a family, and not over them together/,
  );
});

Deno.test("Runs that stop early have one table of what each kept (case users 2)", () => {
  const found = sections(synthetic(
    { axes: { lambda: [0, 1e-4] } },
    specified(({ training }) => ({
      training: { ...training as JsonObject, earlyStopping: { patience: 2 } },
    })),
  ));
  assert.match(found.points, /\(a\) At the step that each run kept \(early stopping\)/);
  assert.match(found.points, /Every run stopped early and kept its best evaluation/);
  assert.match(found.table, /loss, kept step/);
  assert.doesNotMatch(found.table + found.outcome + found.points, /last step/);
});

Deno.test("Model and training show what varies as its values and not as the first point's (case report 5)", () => {
  const found = sections(synthetic({
    axes: { learningRate: [0.001, 0.003], dropout: [0, 0.3], hiddenSize: [16, 64] },
    folds: 2,
    seeds: [1],
  }));
  assert.match(found.methods, /learningRate 0\.001, 0\.003 \(see the points\)/);
  assert.match(found.methods, /outputDropout 0, 0\.3 \(see the points\)/);
  assert.match(found.methods, /hiddenSize 16, 64 \(see the points\)/);
  const hiddenSize = Array.from({ length: 8 }, (_, index) => 8 * (index + 1));
  const many = sections(synthetic({ axes: { hiddenSize }, folds: 2, seeds: [1] }));
  assert.match(many.methods, /hiddenSize 8 values from 8 to 64 \(see the points\)/);
});

Deno.test("What points differ in is said in words, a penalty that comes and goes by its strength (case report, Unclear)", () => {
  const of = (...penalties: JsonObject[]) => ({
    penalties,
    optimizer: { kind: "adam", learningRate: 1 },
  });
  const decay = { kind: "decoupledWeightDecay", strength: 0.5, targets: ["kernel"] };
  assert.deepEqual(
    differingInWords({
      specifications: [
        of(),
        of({ kind: "proximalL1", strength: 1e-4, targets: ["kernel"] }),
        { ...of(decay), optimizer: { kind: "sgd", learningRate: 1 } },
      ],
    }),
    [
      "proximal L1 (0, 1e-4)",
      "decoupled weight decay (0, 0.5)",
      "optimizer kind (adam, sgd)",
    ],
  );
});

Deno.test("Reports say none of what readers misread (case report, Unclear)", () => {
  const finalPoints = [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0 }];
  const found = sections(synthetic({ finalPoints, seeds: [1] }));
  const all = Object.values(found).join(" ");
  assert.doesNotMatch(
    all,
    /mean at most|why it was refit|the best point at \d|over 1 seed|little beyond/,
  );
  assert.match(found.runs, /All 62 runs: 60 on the folds, 2 refits on all but the final block/);
  assert.match(
    found.final,
    /\|role\|.*one training of one seed|one training of one seed.*\|role\|/,
  );
  assert.doesNotMatch(found.final.split("|role|")[1], /±/);
});

Deno.test("Parameters, compute, tuning, a table by fold and a citation are there (case report, What a reviewer still asks)", () => {
  const source = synthetic({ axes: { lambda: [0, 1e-4] }, finalPoints: [{ lambda: 0 }] });
  const found = sections(source);
  assert.match(found.headline, /\|parameters\|+78,592\|/);
  assert.match(found.headline, /18 on 3 folds, 3 refits on all but the final block/);
  // 7 runs of each seed, 10 + seed seconds each.
  assert.match(found.headline, /\|4\.2 minutes of training in all/);
  // 3 · 2 · (64 · 384 + 128 · 384) a token (no output layer is among the synthetic parameters),
  // 1000 · 32 · 64 tokens, 21 runs.
  const operations = (3 * 2 * 73_728 * 1000 * 32 * 64 * 21).toExponential(1).split("e+");
  assert.ok(
    found.headline.includes(`|${operations[0]} · 10^${operations[1]} floating-point operations`),
    found.headline,
  );
  assert.match(found.headline, /one learning rate, 0\.002, which was not tuned/);
  assert.match(found.methods, /one learning rate, 0\.002, which was not tuned/);
  const [, folds] = found.points.split("Fold by fold");
  const runsOf = (lambda: number, fold: number) =>
    source.runs.filter((run) => run.point.lambda === lambda && run.fold === fold)
      .map((run) => run.final!.heldOutLoss);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const fold of [0, 1, 2]) {
    const [none, penalized] = [mean(runsOf(0, fold)), mean(runsOf(1e-4, fold))];
    const difference = (penalized - none).toFixed(3).replace("-", "−");
    const cells = folds.replace(/[| ]+/g, " ");
    assert.ok(
      cells.includes(`${fold} ${none.toFixed(3)} ${penalized.toFixed(3)} ${difference}`),
      cells,
    );
  }
  const { html } = provenanceSection(
    { record: source.study, records: source.runs },
    null,
    taskCommands,
  );
  assert.match(html, /@software\{parsimony,[^@]*version = \{0\.1\.0\},\s+year = \{2026\}/);
});

Deno.test("A page has its title above and page numbers below in print, whatever the title holds", () => {
  const page = renderPage(
    { title: 'a"}</style>\u{1f40b}', byline: "", sections: [], figures: [] },
    "",
  );
  assert.match(page, /@bottom-right \{ content: counter\(page\) " \/ " counter\(pages\);/);
  assert.match(page, /@top-left \{ content: "a\\22 \\7d \\3c \\2f style\\3e \\1f40b ";/);
});

Deno.test("Scored tokens are those that an evaluation scores, not all that are held out (case statistics, Low)", () => {
  const capped = specified(({ training }) => ({
    training: { ...training as JsonObject, evaluationTokens: 4096 },
  }));
  const { methods } = sections(synthetic({ axes: { lambda: [0, 1e-4] } }, capped));
  assert.match(methods, /\|26000\|+13000\|+at most 4096\|/);
  const { methods: all } = sections(synthetic({ axes: { lambda: [0, 1e-4] } }));
  assert.match(all, /\|26000\|+13000\|+13000\|/);
});

Deno.test("What intervals cover is said once in a report, and of a halved study what Holm counts (cases S4, S5, S10)", () => {
  const short = sections(synthetic(
    { axes: { lambda: [0, 1e-4] } },
    specified(({ training }) => ({ training: { ...training as JsonObject, trainingTokens: 245 } })),
  ));
  const all = Object.values(short).join(" ");
  assert.equal(all.split("are for the mean over blocks").length - 1, 1);
  assert.equal(all.split("train on the same tokens").length - 1, 1);
  assert.match(short.words, /With 245 training tokens folds 1 and 2 train on the same tokens/);
  assert.doesNotMatch(all, /the pruned ones too/);
  const strategy = { kind: "successiveHalving", rungs: [10], reductionFactor: 3 } as const;
  const halved = sections(
    synthetic({ axes: { lambda: [0, 1e-4] } }, (study) => ({ ...study, strategy })),
  );
  assert.match(
    halved.differences,
    /Holm&#39;s adjustment counts all points that entered, the pruned/,
  );
});

Deno.test("A study without penalties has none in its methods, and null settings are called none", () => {
  const { study, runs } = synthetic({ axes: { rate: [0.001, 0.01] } }, (study) => ({
    ...study,
    baseline: null,
    specifications: study.specifications.map((each) => ({ ...each, penalties: [] })),
  }));
  const unpenalized = runs.map((run) => ({
    ...run,
    parameters: run.parameters.map((each) => ({ ...each, penalties: [] })),
  }));
  const { methods } = sections({ study, runs: unpenalized });
  assert.match(methods, /Order in a step: gradient, clipping, optimizer step\. η is/);
  assert.match(methods, /on none of which a penalty acts/);
  assert.doesNotMatch(methods, /are penalized|proximal map/);
  const asNull = (point: JsonObject) => point.rate === 0.001 ? { rate: null } : point;
  const found = sections({
    study: { ...study, space: { ...study.space, points: study.space.points.map(asNull) } },
    runs: unpenalized.map((run) => ({ ...run, point: asNull(run.point) })),
  });
  const { points, runs: list, table, outcome, selection } = found;
  for (const text of [points, list, table, outcome, selection]) {
    assert.doesNotMatch(text, /\bnull\b/);
  }
  assert.match(found.table, /none/);
});

Deno.test("Methods say what is kept together, what tokens lose, and that a licence is not stated", () => {
  const methods = (corpus: JsonObject, changed: Partial<StudyRecord["corpus"]>, tokenizer = {}) =>
    sections(synthetic({}, (study) => ({
      ...study,
      corpus: { ...study.corpus, licence: "not stated", ...changed },
      specifications: study.specifications.map((each) => ({ ...each, corpus, tokenizer })),
    }))).methods;
  const pairs = { pairs: 90 };
  assert.match(methods({}, pairs), /with all pairs of one source in the same block/);
  assert.match(
    methods({ rows: { kind: "dialogues" }, group: null }, pairs),
    /with all pairs of one source or one dialogue in the same block/,
  );
  assert.match(
    methods({ rows: { kind: "dialogues" }, group: "author" }, pairs),
    /with all pairs of one source or one group in the same block/,
  );
  const whole = methods({}, { bytes: 900 }, { kind: "bytes" });
  assert.match(whole, /every byte that is held out is in a token that is predicted\./);
  const lossy = methods({}, { bytes: 900 }, { kind: "words", lowercase: false });
  assert.match(lossy, /every token that is held out is predicted, .*: lost is white space\./);
  assert.doesNotMatch(lossy, /every byte/);
  assert.match(whole, /\(licence not stated; /);
});

Deno.test("tests are with the tokens that runs used, or the bytes where folds are in bytes", () => {
  const { study, runs } = syntheticStudy();
  const { tokens, ...corpus } = study.corpus;
  const methods = (size: { tokens?: number; bytes?: number; pairs?: number }) =>
    sections({ study: { ...study, corpus: { ...corpus, ...size } }, runs }).methods;
  assert.match(methods({ tokens }), /with the tokens that the runs used:/);
  assert.match(methods({ bytes: tokens }), /with the bytes that the runs used:/);
  assert.match(methods({ bytes: tokens, pairs: 90 }), /with the pairs that the runs used:/);
});
