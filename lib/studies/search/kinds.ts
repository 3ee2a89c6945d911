import { checkOneOf, show } from "../../core/check.ts";
import type { StrategyRecord } from "../../records/strategy_record.ts";
import { bayesianSearchKind } from "./bayesian_search.ts";
import { empiricalMaximumKind } from "./empirical_maximum.ts";
import { type Strategy, type StrategyKind, trainedToTheEnd } from "./strategy.ts";
import { successiveHalvingKind } from "./successive_halving.ts";
import { warmStartPathKind } from "./warm_start_path.ts";

/** Every kind of strategy, by the name that records have for it. */
export const strategyKinds: {
  readonly [kind in StrategyRecord["kind"]]: StrategyKind<Extract<StrategyRecord, { kind: kind }>>;
} = {
  successiveHalving: successiveHalvingKind,
  treeParzenEstimator: bayesianSearchKind,
  warmStartPath: warmStartPathKind,
  empiricalMaximum: empiricalMaximumKind,
};

/** What a study does by its strategy, or without one. */
export function strategyOf(strategy: StrategyRecord | undefined): Strategy {
  if (strategy === undefined) return trainedToTheEnd;
  return { ...trainedToTheEnd, ...kindOf(strategy).does(strategy) };
}

/**
 * Checks that a value is a strategy, as the functions above give it.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function checkStrategy(subject: string, value: unknown): StrategyRecord {
  if (value === null || typeof value !== "object") {
    throw new TypeError(
      `${subject} must be a strategy such as successiveHalving({ … }) or bayesianSearch({ … }), ` +
        `found ${show(value)}.`,
    );
  }
  const { kind, ...options } = value as StrategyRecord;
  checkOneOf(`${subject}: kind`, kind, Object.keys(strategyKinds));
  return kindOf(value as StrategyRecord).make(options as StrategyRecord);
}

/** A record goes to its own kind alone, which its type cannot say. */
function kindOf({ kind }: StrategyRecord): StrategyKind<StrategyRecord> {
  return strategyKinds[kind] as unknown as StrategyKind<StrategyRecord>;
}
