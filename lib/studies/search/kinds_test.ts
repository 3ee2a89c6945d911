import assert from "node:assert/strict";
import { canonicalJson } from "../../core/json.ts";
import { readJournal } from "../../records/read_runs.ts";
import type { StrategyRecord } from "../../records/strategy_record.ts";
import type { SpaceRecord } from "../../records/study_record.ts";
import { describeFindings } from "../../statistics/describe.ts";
import { findings } from "../../statistics/findings.ts";
import { rungVerdicts } from "../../statistics/rungs.ts";
import { type PointSummary, summarizeTrials } from "../../statistics/summarize.ts";
import { choice, integerRange, linearRange, logRange, when } from "./dimensions.ts";
import { empiricalMaximumOf } from "./empirical_maximum.ts";
import type { StudyOptions } from "../options.ts";
import { runStudyWith } from "../_study_course.ts";
import { grid, points } from "./space.ts";
import { bayesianSearch } from "./bayesian_search.ts";
import { empiricalMaximum } from "./empirical_maximum.ts";
import { checkStrategy, strategyKinds, strategyOf } from "./kinds.ts";
import { shapesOfSearches } from "../testing/shapes/searches.ts";
import { successiveHalving } from "./successive_halving.ts";
import { warmStartPath } from "./warm_start_path.ts";
import { loadStudy, type Study } from "../study.ts";
import { doubleOptions, doubleParts, withProject } from "../_testing/parts.ts";

const halving = successiveHalving({ rungs: [1, 2], reductionFactor: 2 });
const space = grid({ lambda: [0, 0.01, 0.02, 0.03], alpha: [0, 1] });
const foldsOf = (count: number) => ({ count, final: true }) as unknown as StudyOptions["folds"];
const folds = foldsOf(2);

const run = (project: string, changes: Partial<StudyOptions>) =>
  runStudyWith(doubleParts, doubleOptions(project, { space, folds, seeds: [1], ...changes }));

const journalOf = (study: Study) => readJournal(`${study.folder}/runs.jsonl`).lines;

Deno.test("runStudy by successive halving trains the better points of each rung on, keeps the others as pruned, and never selects them", () =>
  withProject(async (project) => {
    const study = await run(project, { name: "halving", strategy: halving });
    const full = await run(project, { name: "full" });
    const byPoint = new Map<string, string[]>();
    for (const { point, fold, status, final } of study.records) {
      if (fold === "final") continue;
      const key = canonicalJson(point);
      byPoint.set(key, [...byPoint.get(key) ?? [], `${status} ${final!.step}`]);
    }
    // 8 points: 4 pass the first rung, 2 the second, and the baseline passes both.
    const ends = [...byPoint.values()].map((runs) => new Set(runs)).map((ends) => {
      assert.equal(ends.size, 1, "the runs of a point go the same way");
      return [...ends][0];
    });
    const count = (end: string) => ends.filter((each) => each === end).length;
    assert.ok(count("completed 4") === 2 || count("completed 4") === 3);
    assert.ok(count("pruned 1") >= 3 && count("pruned 1") <= 4);
    assert.equal(ends.length, 8);
    const baseline = canonicalJson({ lambda: 0, alpha: 0 });
    assert.deepEqual(byPoint.get(baseline), ["completed 4", "completed 4"]);
    // A pruned run's curve is the beginning of the uninterrupted one, and a promoted run is it.
    for (const pruned of study.records) {
      const whole = full.records.find(({ id }) => id === pruned.id)!;
      if (whole === undefined) continue;
      assert.deepEqual(pruned.curve, whole.curve.slice(0, pruned.curve.length));
      if (pruned.status === "completed") assert.deepEqual(pruned.final, whole.final);
    }
    for (const { selected } of study.selection().selections) {
      assert.equal(selected!.complete, true);
      assert.equal(selected!.counts.pruned, 0);
    }
    const last = journalOf(study).filter(({ status }) => status === "pruned");
    assert.ok(last.length > 8 * 2, "a run is in the journal at each rung that it reached");
    const { text } = describeFindings(findings(study.record, study.records))[0];
    assert.match(
      text,
      /^Of 16 runs .* completed, \d+ pruned by the search\. [23] of 8 points have/,
    );
    assert.match(study.toString(), /Successive halving by 2 pruned \d of 8 points .* steps 1, 2/);
    await assert.rejects(Deno.stat(`${study.folder}/checkpoints`), Deno.errors.NotFound);
    assert.throws(() => rungVerdicts([], { rungs: [1], reductionFactor: 2 }), /must be a curve/);
  }));

Deno.test("runStudy by successive halving gives the same digest with 1 worker and 3, and when it is resumed from places all over its journal", () =>
  withProject(async (project) => {
    const study = await run(project, { name: "a", strategy: halving, workers: 1 });
    const other = await run(project, { name: "b", strategy: halving, workers: 3 });
    assert.equal(other.digest(), study.digest());
    const path = `${study.folder}/runs.jsonl`;
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    for (let kept = 1; kept < lines.length; kept += 7) {
      await Deno.writeTextFile(path, lines.slice(0, kept).join("\n") + "\n");
      assert.equal((await run(project, { name: "a", strategy: halving })).digest(), study.digest());
      const after = (await Deno.readTextFile(path)).trimEnd().split("\n");
      assert.deepEqual(after.slice(0, kept), lines.slice(0, kept));
      assert.equal(after.length, lines.length, "nothing is trained twice");
    }
  }));

Deno.test("runStudy by successive halving does what is missing when points, folds and seeds are added, and passes no diverged point", () =>
  withProject(async (project) => {
    const few = grid({ lambda: [0, 0.01], alpha: [0, 1] });
    const first = await run(project, { name: "grown", space: few, strategy: halving });
    const before = await Deno.readTextFile(`${first.folder}/runs.jsonl`);
    const grown = await run(project, { name: "grown", strategy: halving });
    const after = await Deno.readTextFile(`${grown.folder}/runs.jsonl`);
    assert.ok(after.startsWith(before));
    assert.equal(
      new Set(grown.records.filter(({ fold }) => fold !== "final").map(({ id }) => id)).size,
      16,
    );
    const more = { folds: foldsOf(3), seeds: [1, 2] };
    const larger = await run(project, { name: "grown", strategy: halving, ...more });
    const journal = await Deno.readTextFile(`${grown.folder}/runs.jsonl`);
    assert.ok(journal.startsWith(after));
    const crossValidation = larger.records.filter(({ fold }) => fold !== "final");
    assert.equal(crossValidation.length, 8 * 3 * 2);
    const rungOf = new Map<string, Set<string>>();
    for (const { point, status, final } of crossValidation) {
      const key = canonicalJson(point);
      rungOf.set(key, (rungOf.get(key) ?? new Set()).add(`${status} ${final!.step}`));
    }
    const whole = [...rungOf.values()].filter((ends) => [...ends].join() === "completed 4");
    assert.ok(whole.length >= 2, "points that pass have all their runs, in the new folds too");
    const { point } = crossValidation.find(({ status }) => status === "pruned")!;
    await assert.rejects(
      larger.model({ point, fold: 2, seed: 2 }),
      /its run was pruned at step [12]\./,
    );
    await assert.rejects(
      run(project, { name: "grown", strategy: successiveHalving({ rungs: [1, 3] }), ...more }),
      /another definition[^]*strategy\.(rungs|reductionFactor) is/,
    );
    const diverging = await runStudyWith(
      doubleParts,
      doubleOptions(project, { name: "diverging", space, folds, seeds: [1], strategy: halving }, {
        mischief: "diverge",
        mischiefFold: 1,
      }),
    );
    const completed = diverging.records.filter(({ status, fold }) =>
      status === "completed" && fold !== "final"
    );
    // Of the baseline alone, on the fold where it does not diverge.
    assert.deepEqual(completed.map(({ point, fold }) => [point, fold]), [
      [{ lambda: 0, alpha: 0 }, 0],
    ]);
  }));

const dimensions = {
  lambda: logRange(1e-4, 1, { zeroShare: 0.2 }),
  alpha: linearRange(0, 3),
  size: integerRange(1, 8),
  kind: choice(["a", "b"]),
  extra: when({ kind: ["b"] }, linearRange(0, 1)),
};
const specify = (point: object) =>
  ({ steps: 4, millisecondsPerStep: 0, mischief: null, once: null, ...point }) as never;
const search = (count: number) =>
  bayesianSearch({ dimensions, count, seed: 3, startup: 5, batchSize: 2 });

Deno.test("runStudy by Bayesian search asks for the same points whatever the workers and wherever it is resumed, and only for more when the count grows", () =>
  withProject(async (project) => {
    const given = points([{ lambda: 0, alpha: 0, size: 1, kind: "a" }]);
    const options = { space: given, specify, strategy: search(11) };
    const study = await run(project, { ...options, name: "a", workers: 1 });
    assert.equal(study.record.space.points.length, 11);
    assert.equal(study.selection().refits.length > 0, true);
    const other = await run(project, { ...options, name: "b", workers: 3 });
    assert.equal(other.digest(), study.digest());
    assert.deepEqual(other.record.space.points, study.record.space.points);

    const [journal, definition] = ["runs.jsonl", "study.json"].map((file) =>
      `${study.folder}/${file}`
    );
    const lines = (await Deno.readTextFile(journal)).trimEnd().split("\n");
    const last = await Deno.readTextFile(definition);
    for (const kept of [3, 15, lines.length - 5]) {
      await Deno.writeTextFile(journal, lines.slice(0, kept).join("\n") + "\n");
      // As an interruption leaves it: with the points that were asked for by then.
      const record = JSON.parse(last);
      const there = new Set(
        lines.slice(0, kept).map((line) => canonicalJson(JSON.parse(line).point)),
      );
      const until = Math.max(
        6,
        record.space.points.findLastIndex((point: never) => there.has(canonicalJson(point))) + 1,
      );
      record.space.points.splice(until);
      record.specifications.splice(until);
      await Deno.writeTextFile(definition, JSON.stringify(record));
      const resumed = await run(project, { ...options, name: "a" });
      assert.equal(resumed.digest(), study.digest());
    }
    const before = await Deno.readTextFile(journal);
    const more = await run(project, { ...options, name: "a", strategy: search(13) });
    assert.deepEqual(more.record.space.points.slice(0, 11), study.record.space.points);
    assert.equal(more.record.space.points.length, 13);
    assert.ok((await Deno.readTextFile(journal)).startsWith(before));
    // New seeds are run at the points that were asked for, which stay.
    const seeded = await run(project, {
      ...options,
      name: "a",
      strategy: search(13),
      seeds: [1, 2],
    });
    assert.deepEqual(seeded.record.space.points, more.record.space.points);
    const again = await run(project, {
      ...options,
      name: "a",
      strategy: search(13),
      seeds: [1, 2],
    });
    assert.equal(again.digest(), seeded.digest());
    assert.equal(loadStudy("a", { project }).digest(), seeded.digest());
  }));

Deno.test("runStudy along a path begins each point with the weights of the weaker one, which its id names", () =>
  withProject(async (project) => {
    const strategy = warmStartPath({ axis: "lambda" });
    const options = { space: grid({ lambda: [0.02, 0, 0.01], alpha: [0, 1] }), strategy };
    const study = await run(project, { ...options, name: "path" });
    const plain = await run(project, { space: options.space, name: "plain" });
    for (const record of study.records) {
      const { point, fold, warmStartedFrom } = record;
      if (point.lambda === 0) assert.equal(warmStartedFrom, undefined);
      else {
        const weaker = study.records.find((other) =>
          other.fold === fold && other.point.alpha === point.alpha &&
          other.point.lambda === Number(point.lambda) - 0.01
        );
        assert.equal(warmStartedFrom, weaker!.id);
      }
      const same = plain.records.some(({ id }) => id === record.id);
      assert.equal(same, point.lambda === 0 && (fold !== "final" || same));
    }
    assert.match(study.toString(), /begins with the weights .* weaker .* lambda/);
    // One more point in the middle changes what the points above it are: they are other runs.
    await assert.rejects(
      run(project, { space, strategy: warmStartPath({ axis: "beta" }) }),
      /axis "beta" must be a number/,
    );
    const grown = await run(project, {
      ...options,
      space: grid({ lambda: [0.02, 0, 0.01, 0.03], alpha: [0, 1] }),
      name: "path",
    });
    const ids = new Set(grown.records.map(({ id }) => id));
    assert.ok(study.records.filter(({ fold }) => fold !== "final").every(({ id }) => ids.has(id)));
  }));

Deno.test("runStudy looking for the empirical maximum ends with two bounds that are close", () =>
  withProject(async (project) => {
    const strategy = empiricalMaximum({ axis: "lambda", from: 1e-4, to: 10, factor: 1.5 });
    const options = { name: "maximum", strategy, space: undefined, baseline: null, specify };
    const study = await run(project, {
      ...options,
      specify: ({ lambda }) => specify({ lambda, alpha: 0, zeroFrom: 0.37 }),
    });
    const { allZeroAt, notAllZeroAt, found } = empiricalMaximumOf(study);
    assert.ok(found && notAllZeroAt! < 0.37 && 0.37 <= allZeroAt!, `${notAllZeroAt} ${allZeroAt}`);
    assert.ok(allZeroAt! / notAllZeroAt! <= 1.5);
    assert.throws(
      () => empiricalMaximumOf({ record: { ...study.record, strategy: undefined }, records: [] }),
      /must be empiricalMaximum/,
    );
  }));

Deno.test("strategies refuse what has no meaning", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => successiveHalving({ rungs: [] }), /rungs must be a list of steps/],
    [() => successiveHalving({ rungs: [2, 2] }), /rungs must ascend/],
    [() => successiveHalving({ rungs: [0] }), /a rung must be .* from 1/],
    [() => successiveHalving({ rungs: [1], reductionFactor: 1 }), /above 1, found 1/],
    [() => successiveHalving({ rungs: [1], keep: 3 } as never), /unknown option "keep"/],
    [() => bayesianSearch({ dimensions: {}, count: 3, seed: 1 }), /there must be a dimension/],
    [() => bayesianSearch({ dimensions, count: 0, seed: 1 }), /count must be .* from 1/],
    [() => bayesianSearch({ dimensions, count: 3, seed: 1.5 }), /seed must be a whole number/],
    [() => warmStartPath({ axis: "" }), /axis must be a non-empty text/],
    [() => empiricalMaximum({ axis: "lambda", from: 0, to: 1 }), /from must be .* above 0/],
    [() => empiricalMaximum({ axis: "lambda", from: 2, to: 1 }), /to must be .* above 2/],
    [() => checkStrategy("strategy", "halving"), /must be a strategy such as/],
    [() => checkStrategy("strategy", { kind: "asha" }), /kind must be one of/],
  ];
  for (const [refuse, expected] of refused) assert.throws(refuse, expected);
});

/** Of each kind the options of a study that goes by it. */
const studies: {
  readonly [kind in StrategyRecord["kind"]]: {
    readonly strategy: Extract<StrategyRecord, { kind: kind }>;
    readonly space?: SpaceRecord;
  };
} = {
  successiveHalving: { strategy: halving, space },
  treeParzenEstimator: { strategy: search(8), space: undefined },
  warmStartPath: { strategy: warmStartPath({ axis: "lambda" }), space },
  empiricalMaximum: {
    strategy: empiricalMaximum({ axis: "lambda", from: 0.01, to: 1 }),
    space: undefined,
  },
};

for (const kind of Object.keys(strategyKinds) as StrategyRecord["kind"][]) {
  const { make } = strategyKinds[kind];
  const { strategy, space } = studies[kind];
  const { kind: _, ...options } = strategy;

  Deno.test(`strategy ${kind} reads back what it gave and refuses an unknown option, and null for each`, () => {
    const again = checkStrategy("strategy", JSON.parse(JSON.stringify(strategy)));
    assert.deepEqual(again, strategy);
    const refuses = (changes: object, expected: RegExp) =>
      assert.throws(() => make({ ...options, ...changes } as never), expected);
    refuses({ other: 1 }, /unknown option "other"/);
    for (const option of Object.keys(options)) {
      refuses({ [option]: null }, new RegExp(`${make.name}: .*${option}.*found null`));
    }
  });

  Deno.test(`strategy ${kind} is public, in the guide, and among the studies whose every sentence is read`, async () => {
    assert.equal((await import("../../mod.ts") as Record<string, unknown>)[make.name], make);
    const guide = await Deno.readTextFile(new URL("../../../docs/search.md", import.meta.url));
    assert.match(guide, new RegExp(`^\\| \`${make.name}\\(`, "m"));
    const shapes = Object.values(shapesOfSearches);
    assert.ok(shapes.some(({ options }) => options.strategy?.kind === kind));
  });

  Deno.test(`a study by strategy ${kind} has the same digest with 1 worker and 3, wherever it is resumed, and says how its points were searched`, () =>
    withProject(async (project) => {
      const go = (name: string, workers: number) =>
        run(project, {
          name,
          workers,
          strategy,
          space,
          baseline: null,
          specify: ({ lambda, alpha = 0 }) => specify({ lambda, alpha, zeroFrom: 0.37 }),
        });
      const study = await go("a", 1);
      assert.equal((await go("b", 3)).digest(), study.digest());
      const journal = `${study.folder}/runs.jsonl`;
      const lines = (await Deno.readTextFile(journal)).trimEnd().split("\n");
      for (const kept of [1, Math.floor(lines.length / 2), lines.length - 1]) {
        await Deno.writeTextFile(journal, lines.slice(0, kept).join("\n") + "\n");
        assert.equal((await go("a", 2)).digest(), study.digest());
      }
      const notes = strategyOf(strategy).notes(summarizeTrials(study.record, study.records));
      assert.ok(notes.length > 0);
      for (const note of notes) {
        assert.match(note, /^[A-Z].*\.$/);
        assert.ok(study.toString().includes(note));
      }
      // What it may grow by is an option of its own.
      const { growsBy, ask } = strategyOf(strategy);
      assert.ok(growsBy === null || growsBy in options && ask !== null);
    }));
}

Deno.test("the notes on successive halving say how many points were pruned, and there are none without a strategy", () => {
  const summaries = [1, 0, 0, 2].map((pruned) => ({ counts: { pruned } })) as PointSummary[];
  assert.deepEqual(strategyOf(undefined).notes(summaries), []);
  const [note] = strategyOf(halving).notes(summaries);
  assert.match(note, /^Successive halving by 2 pruned 2 of 4 points .* at steps 1, 2\./);
});

Deno.test("the notes on a Bayesian search say that it asked for nothing where its count is not above startup", () => {
  const noteOf = (count: number) => strategyOf(search(count)).notes([]).join("\n");
  assert.match(noteOf(5), /^No point was asked .* after 5 points .*, and the search ends at 5 /);
  assert.match(noteOf(3), /ends at 3 \(count\)\. With a larger count/);
  assert.match(noteOf(6), /^The points were asked for by .* \(6 points in all, 5 of a Latin/);
});
