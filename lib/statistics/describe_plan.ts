import { counted, formatNumber, formatShare, thousands } from "./format.ts";
import type { StudyPlan, StudyPlanning } from "./plan_study.ts";

/**
 * Says in words what a planning found: the cheapest plan and how sure it is, where more seeds and folds stop helping,
 * what this text cannot show, and how many texts would.
 *
 * @param planning What `planStudy` returned.
 * @returns Sentences, in their order.
 *
 * @example
 * ```ts
 * import { describePlan } from "./describe_plan.ts";
 * import { planStudy } from "./plan_study.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * const [first] = describePlan(planStudy({ record, records }, { difference: 0.05 }));
 * assert.match(first, /^To show a true difference of 0\.050 nats per token/);
 * ```
 */
export function describePlan(planning: StudyPlanning): string[] {
  return [
    askedOf(planning),
    cheapestOf(planning),
    surenessOf(planning),
    seedsOf(planning),
    foldsOf(planning),
    limitOf(planning),
    textsOf(planning),
  ].filter((sentence) => sentence !== null);
}

function askedOf({ wanted, unit, of, pilot }: StudyPlanning): string {
  const { difference, power, level, comparisons, minutes } = wanted;
  return `To show a true difference of ${formatNumber(difference)} ${unit.words} with a power of ${
    percent(power)
  } (level ${percent(level)}${
    comparisons === 1 ? "" : `, the first step of Holm over ${comparisons} comparisons`
  })${
    minutes === null ? "" : ` in at most ${duration(minutes)}`
  }, with the variances of ${of.name} in ${pilot.name} (${counted(pilot.folds, "fold")}, ${
    counted(pilot.seeds, "seed")
  }):`;
}

function cheapestOf({ cheapest, plans, wanted, model }: StudyPlanning): string {
  const most = `up to ${Math.max(...plans.map(({ folds }) => folds))} folds and ${
    Math.max(...plans.map(({ seeds }) => seeds))
  } seeds`;
  if (cheapest === null) {
    const best = plans.filter(({ minutes }) =>
      wanted.minutes === null || minutes === null || minutes <= wanted.minutes
    ).reduce<StudyPlan | null>(
      (found, each) => found === null || each.power > found.power ? each : found,
      null,
    );
    return `No plan of ${most} reaches that${
      best === null
        ? ", and none fits into the time"
        : `; the highest power is ${formatShare(best.power)}, with ${sizeOf(best)}`
    }.`;
  }
  return `The fewest runs that reach it are ${sizeOf(cheapest)}: power ${
    formatShare(cheapest.power)
  }, standard error ${formatNumber(cheapest.standardError, 4)}.${
    cheapest.folds > model.folds && model.growth > 0
      ? ` More folds than the pilot's have smaller blocks, whose variance is taken to rise as folds^${model.growth}.`
      : ""
  }`;
}

function surenessOf({ cheapest, cautious, pilot, split }: StudyPlanning): string | null {
  if (cheapest === null) return null;
  const known = split.state === "split" || split.state === "equalSeeds"
    ? `${counted(pilot.folds - 1, "degree")} of freedom`
    : `${counted(pilot.folds - 1, "degree")} of freedom, and of its seeds nothing`;
  const [low, high] = cheapest.powerInterval;
  return `The pilot knows the variance between folds by ${known}: with 95 % confidence that power lies from ${
    formatShare(low)
  } to ${formatShare(high)}. ${
    cautious === null
      ? "No plan reaches it with 80 % confidence."
      : cautious.folds === cheapest.folds && cautious.seeds === cheapest.seeds
      ? "It is reached with 80 % confidence."
      : `With 80 % confidence it takes ${sizeOf(cautious)}.`
  }`;
}

function seedsOf({ split, seedsEnough, cheapest, pilot }: StudyPlanning): string {
  if (split.state !== "split") {
    return split.state === "equalSeeds"
      ? "The runs of a fold do not differ, so more seeds would not help at all."
      : "With one seed nothing is known of what seeds would do, and no plan counts on them.";
  }
  const folds = cheapest?.folds ?? pilot.folds;
  const enough = seedsEnough.find((each) => each.folds === folds) ?? seedsEnough[0];
  return enough.seeds === null
    ? "No variance between folds is seen, so more seeds go on helping."
    : `With ${
      counted(enough.folds, "fold")
    }, more seeds stop helping at ${enough.seeds}: twice as many lower ` +
      `the standard error by less than 5 %.`;
}

function foldsOf({ foldsEnough, plans, pilot }: StudyPlanning): string {
  const most = Math.max(...plans.map(({ folds }) => folds));
  return foldsEnough === null
    ? `Up to ${most} folds, more of them go on helping.`
    : `More folds stop helping at ${foldsEnough} (with ${
      counted(pilot.seeds, "seed")
    }): twice as many lower the difference that can be shown by less than 5 %.`;
}

function limitOf({ limit, wanted, unit, plans }: StudyPlanning): string {
  const most = Math.max(...plans.map(({ folds }) => folds));
  if (limit.detectable === null) {
    return `With up to ${most} folds not even 300 standard errors would be shown: more folds are the remedy.`;
  }
  const smallest = `${formatNumber(limit.detectable)} ${unit.words}`;
  return limit.detectable > wanted.difference
    ? `However many seeds, up to ${most} folds of this text show no difference below ${smallest}: other texts are ` +
      `the remedy.`
    : `However many seeds, up to ${most} folds of this text show no difference below ${smallest}.`;
}

function textsOf({ texts, wanted, pilot, unit }: StudyPlanning): string {
  const { deviation, known, needed } = texts;
  const size = `${formatNumber(deviation)} ${unit.words}`;
  const assumed = known
    ? `With a standard deviation of ${size} over texts`
    : `If texts differed in nothing but the noise of a study of ${
      counted(pilot.folds, "fold")
    } and ${counted(pilot.seeds, "seed")} (standard deviation ${size})`;
  return needed === null
    ? `${assumed}, a thousand texts would not reach a power of ${percent(wanted.power)}.`
    : `${assumed}, ${needed} texts would reach a power of ${
      percent(wanted.power)
    } by the paired test over texts${known ? "" : "; they differ in more, so that is the least"}.`;
}

function sizeOf({ folds, seeds, runs, minutes }: StudyPlan): string {
  return `${counted(folds, "fold")} × ${counted(seeds, "seed")} (${thousands(runs)} runs${
    minutes === null ? "" : `, ${duration(minutes)}`
  })`;
}

/** A share without decimals that it does not have. */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}

/** Minutes, or hours from two of them on. */
export function duration(minutes: number): string {
  return minutes < 120
    ? `${formatNumber(minutes, 1)} minutes`
    : `${formatNumber(minutes / 60, 1)} hours`;
}
