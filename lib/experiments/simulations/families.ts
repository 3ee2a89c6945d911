import { canonicalJson } from "../../core/json.ts";
import type { RandomStream } from "../../core/random.ts";
import { comparePaired, compareWithBaseline, readPoint } from "../../statistics/compare.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { compareArmsOverTexts, fewestTexts } from "../../statistics/compare_arms_over_texts.ts";
import { compareStudies } from "../../statistics/compare_studies.ts";
import { correctedTTest } from "../../statistics/corrected_t.ts";
import { mean, standardDeviation } from "../../statistics/estimate.ts";
import { foldSizes } from "../../statistics/fold_sizes.ts";
import { testGap } from "../../statistics/generalization_gap.ts";
import { holm } from "../../statistics/holm.ts";
import { pointsPassing, rankAtRung } from "../../statistics/rungs.ts";
import { predictionInterval } from "../../statistics/prediction_interval.ts";
import { ruleOfStudy, select } from "../../statistics/select.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { groupRuns, summarizeTrials, type View } from "../../statistics/summarize.ts";
import { compareTuned } from "../../statistics/tuned.ts";
import { tunedAgainstBaseline } from "../../statistics/tuned_interval.ts";
import { centre, recordsOf } from "./model.ts";
import {
  baseFamily,
  draw,
  type Family,
  holds,
  isShown,
  type Null,
  type Outcome,
  outcomeOf,
  seeds,
  type Setting,
} from "./family.ts";

/** All families, in the order of the table. */
export const families: readonly Family[] = [
  plain("this text", true),
  plain("over texts", false),
  ...([[1, 1], [5, 1], [5, 5], [12, 12]] as const).map(([one, other]) => tunedOnOthers(one, other)),
  ...[1, 5, 12].map(armsOnOneText),
  armsOverTexts(5),
  halved(27),
  halved(81),
  twoStudies("mean"),
  twoStudies("oneStandardError"),
  selectedPoint(9),
  selectedPoint(19),
  bestSteps(),
  gap(),
  cutTraining("this training text", true),
  cutTraining("over training texts", false),
  prediction("this text", "sameText", "one more stretch of this text"),
  prediction("over texts", "otherText", "one stretch of another text"),
];

function againstBaseline(source: StudyRecords, view: View = "lastStep"): Outcome {
  const { points } = compareWithBaseline(source, { view })!;
  return {
    isFalse: points.some(({ adjustedPValue }) => isShown(adjustedPValue)),
    covers: holds(points[0].test?.interval),
    plainIsFalse: null,
  };
}

export function plain(hypothesis: Null, claimed: boolean): Family {
  return {
    ...baseFamily("plain"),
    what: "9 points against a baseline, some beyond noise after Holm",
    plain: "",
    null: hypothesis,
    claimed,
    run(setting, stream) {
      return againstBaseline(recordsOf(draw(setting, 10, stream)));
    },
  };
}

function tunedOnOthers(one: number, other: number): Family {
  return {
    ...baseFamily(`tuned on other folds, ${one} against ${other}`),
    what: `the best of ${one} by the other folds against ${
      other === 1 ? "a fixed point" : `the best of ${other}`
    }`,
    plain: one === 1 ? "" : "not widened",
    run(setting, stream) {
      const source = recordsOf(draw(setting, one + other, stream));
      const { points } = source.record.space;
      const { test, foldDifferences } = compareTuned(
        source,
        { points: points.slice(0, one), view: "lastStep" },
        { points: points.slice(one), view: "lastStep" },
      );
      const sizes = foldSizes(source.record, source.records);
      return outcomeOf(
        test,
        test?.pValue ?? null,
        one === 1 ? null : correctedTTest(foldDifferences, sizes),
      );
    },
  };
}

/** Three arms of so many points, the first the parent of the others. */
function armsRecords(
  setting: Setting,
  points: number,
  stream: RandomStream,
  text = 0,
): StudyRecords {
  const names = ["parent", "first", "second"];
  const { record, records } = recordsOf(draw(setting, 3 * points, stream), { choosing: true });
  const named = record.space.points.map((point, index) => ({
    arm: names[Math.floor(index / points)],
    strength: index % points,
    was: canonicalJson(point),
  }));
  const points_ = new Map(named.map(({ arm, strength, was }) => [was, { arm, strength }]));
  return {
    record: {
      ...record,
      name: `text ${text}`,
      corpus: { ...record.corpus, name: `text ${text}`, sha256: `${text}` },
      baseline: null,
      space: {
        kind: "arms",
        points: [...points_.values()],
        arms: names.map((name, index) => ({
          name,
          parent: index === 0 ? null : names[0],
          dimensions: {},
          count: points,
          draw: "random",
          seed: 1,
        })),
      },
    },
    records: records.map((run) => ({ ...run, point: points_.get(canonicalJson(run.point))! })),
  };
}

function armsOnOneText(points: number): Family {
  return {
    ...baseFamily(`arms with choosing blocks, ${points} points`),
    what: `two arms against their parent, ${
      points === 1 ? "one point" : `each the best of ${points} by a block of its own`
    }, Holm`,
    plain: "",
    // With two folds and a choosing block nothing is left to train on.
    folds: [3, 5, 10],
    times: points > 5 ? 0.5 : 1,
    run(setting, stream) {
      const { verdicts } = compareArms(armsRecords(setting, points, stream), { view: "lastStep" });
      return {
        isFalse: verdicts.some(({ difference }) => isShown(difference.adjustedPValue)),
        covers: holds(verdicts[0].difference.test?.interval),
        plainIsFalse: null,
      };
    },
  };
}

function armsOverTexts(points: number): Family {
  return {
    ...baseFamily(`arms over ${fewestTexts} texts, ${points} points`),
    what: `the same over ${fewestTexts} texts, paired t over texts, Holm`,
    plain: "",
    null: "over texts",
    folds: [3],
    times: 0.5,
    run(setting, stream) {
      const texts = Array.from(
        { length: fewestTexts },
        (_, text) => armsRecords(setting, points, stream, text),
      );
      const { verdicts } = compareArmsOverTexts(texts, { view: "lastStep" });
      return {
        isFalse: verdicts.some(({ adjustedPValue }) => isShown(adjustedPValue)),
        covers: holds(verdicts[0].interval.interval),
        plainIsFalse: null,
      };
    },
  };
}

function halved(points: number): Family {
  return {
    ...baseFamily(`halved, ${points} to 3`),
    what: `what successive halving leaves of ${points} points against the baseline, Holm over all`,
    plain: "Holm over what is left",
    times: points > 27 ? 0.5 : 1,
    run(setting, stream) {
      const drawn = draw(setting, points + 1, stream);
      const whole = recordsOf(drawn);
      // A rung's losses are those of the end, so that the luck of the end prunes: as hard as can be.
      let left = groupRuns(whole.record, whole.records).slice(1);
      for (let rung = 0; left.length > 3; rung++) {
        const passing = new Set(
          rankAtRung(left, 1).slice(0, Math.max(3, pointsPassing(points, 3, rung)))
            .map(({ key }) => key),
        );
        left = left.filter(({ key }) => passing.has(key));
      }
      const kept = new Set([0, ...left.map(({ point }) => point.strength as number)]);
      const { record, records } = recordsOf(drawn, {
        status: (point) => kept.has(point) ? "completed" : "pruned",
      });
      const compared = compareWithBaseline({ record, records })!.points;
      const survivors = holm(compared.map(({ test }) => test?.pValue ?? null));
      return {
        isFalse: compared.some(({ adjustedPValue }) => isShown(adjustedPValue)),
        covers: null,
        plainIsFalse: survivors.some(isShown),
      };
    },
  };
}

function twoStudies(rule: "mean" | "oneStandardError"): Family {
  return {
    ...baseFamily(`two studies, ${rule === "mean" ? "lowest mean" : "one standard error"}`),
    what: `what studies of 1 and of 27 points select by ${
      rule === "mean" ? "the lowest mean" : "one standard error"
    } of the other folds`,
    plain: "the selected points",
    times: 0.5,
    run(setting, stream) {
      const drawn = draw(setting, 28, stream);
      const study = (from: number, length: number) =>
        recordsOf(drawn, {
          name: `from ${from}`,
          rule,
          points: Array.from({ length }, (_, index) => from + index),
        });
      const [first, second] = [study(0, 1), study(1, 27)];
      const { betweenSelected, selected } = compareStudies(first, second);
      const readings = [first, second].map(({ record, records }, side) => {
        const { key } = selected[side]!;
        const group = groupRuns(record, records).find((each) => each.key === key)!;
        return readPoint(group, selected[side]!, "validationLoss", "lastStep");
      });
      const sizes = foldSizes(first.record, first.records);
      const selectedTest =
        comparePaired({ point: {}, key: "" }, readings[1], readings[0], sizes).test;
      const test = betweenSelected?.test ?? null;
      return outcomeOf(test, test?.pValue ?? null, selectedTest);
    },
  };
}

function selectedPoint(points: number): Family {
  return {
    ...baseFamily(`selected point, of ${points}`),
    what: `the best of ${points} points by the other folds, minus the baseline`,
    plain: "interval of the lowest mean",
    times: points > 9 ? 0.5 : 1,
    run(setting, stream) {
      const { record, records } = recordsOf(draw(setting, points + 1, stream));
      const { test } = tunedAgainstBaseline({ record, records }, "lastStep")!.difference;
      const others = record.space.points.slice(1);
      const space = { ...record.space, points: others };
      const lowest = select(summarizeTrials({ ...record, space }, records), ruleOfStudy(record))
        .selected!;
      const plainTest = compareWithBaseline({ record, records })!.points
        .find(({ key }) => key === lowest.key)!.test;
      return outcomeOf(test, test?.pValue ?? null, plainTest);
    },
  };
}

function bestSteps(): Family {
  return {
    ...baseFamily("best steps"),
    what: "9 points against a baseline, each at its own best of 6 steps on all folds, Holm",
    plain: "",
    times: 0.5,
    run(setting, stream) {
      const steps = Array.from({ length: 6 }, () => draw(setting, 10, stream));
      const sources = steps.map((losses) => recordsOf(losses));
      const [{ record, records }] = sources;
      const curves = records.map((run, at) => {
        // Half of what points, folds and runs add is common to all steps.
        const curve = sources.map(({ records: other }, step) => {
          const common = run.final!.heldOutLoss;
          const heldOutLoss = step === 0
            ? common
            : centre + (common + other[at].final!.heldOutLoss - 2 * centre) / Math.SQRT2;
          return { ...run.final!, step: step + 1, heldOutLoss };
        });
        return { ...run, curve, final: curve.at(-1)! };
      });
      return againstBaseline({ record, records: curves }, "bestStep");
    },
  };
}

/** Fold means of one point around 0, with all that folds differ by. */
function gapsOf(setting: Setting, stream: RandomStream): number[] {
  const { variances: { fold, foldSeed, pointFold, residual }, folds, correlation } = setting;
  const variance = fold + pointFold + (foldSeed + residual) / seeds;
  const shared = Math.sqrt(correlation / (1 - correlation) * variance) * stream.normal();
  return Array.from({ length: folds }, () => shared + Math.sqrt(variance) * stream.normal());
}

function gap(): Family {
  return {
    ...baseFamily("gap of the baseline"),
    what: "a gap that is 0, shown to be above or below it",
    plain: "3 standard errors",
    times: 4,
    run(setting, stream) {
      const gaps = gapsOf(setting, stream);
      const { record, records } = recordsOf({
        scoring: [gaps.map((each) => [each])],
        choosing: [],
      });
      const { test, verdict } = testGap(gaps, foldSizes(record, records));
      const naive = standardDeviation(gaps) / Math.sqrt(gaps.length);
      return {
        isFalse: verdict === "overFits" || verdict === "negative",
        covers: holds(test.interval),
        plainIsFalse: Math.abs(mean(gaps)) > 3 * naive,
      };
    },
  };
}

function cutTraining(hypothesis: Null, claimed: boolean): Family {
  return {
    ...baseFamily("first tokens of the training text"),
    what: "9 points against a baseline where all folds train on the same tokens, Holm",
    plain: "",
    null: hypothesis,
    claimed,
    run(setting, stream) {
      return againstBaseline(recordsOf(draw(setting, 10, stream), { trainingTokens: 500 }));
    },
  };
}

function prediction(hypothesis: Null, where: "sameText" | "otherText", what: string): Family {
  return {
    ...baseFamily(`prediction, ${what}`),
    what: `a difference on ${what}, in the prediction interval`,
    plain: "the interval of the mean misses it",
    null: hypothesis,
    times: 4,
    run(setting, stream) {
      const drawn = draw(setting, 2, stream);
      const { record, records } = recordsOf(drawn);
      const [{ foldDifferences, test }] = compareWithBaseline({ record, records })!.points;
      const truth = drawn.next[1][where] - drawn.next[0][where];
      const interval = predictionInterval(foldDifferences, { sizes: foldSizes(record, records) });
      return {
        isFalse: null,
        covers: holds(interval, truth),
        plainIsFalse: !holds(test!.interval, truth),
      };
    },
  };
}
