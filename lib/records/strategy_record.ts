import {
  type Check,
  count,
  fields,
  integer,
  listOf,
  mapOf,
  number,
  oneOf,
  text,
  truth,
} from "./_fields.ts";
import { dimension, type DimensionRecord } from "./dimension_record.ts";

/** Points are trained rung by rung, the better ones to their last step. */
export interface SuccessiveHalvingRecord {
  /** Says which strategy it is. */
  readonly kind: "successiveHalving";
  /** Steps at which points are compared, ascending, below the last step of training. */
  readonly rungs: readonly number[];
  /** Of n points, ⌊n / factor^(r + 1)⌋ pass rung r (counted from 0). */
  readonly reductionFactor: number;
}

const successiveHalving: FieldsOf<SuccessiveHalvingRecord> = {
  rungs: listOf(count),
  reductionFactor: number,
};

/** Points are asked for one after the other by a tree-structured Parzen estimator. */
export interface BayesianSearchRecord {
  /** Says which strategy it is. */
  readonly kind: "treeParzenEstimator";
  /** What each axis draws from. */
  readonly dimensions: { readonly [axis: string]: DimensionRecord };
  /** Points in all, those that the study was given included. */
  readonly count: number;
  /** Whole number from which all draws derive. */
  readonly seed: number;
  /** Points of a Latin hypercube to begin with. */
  readonly startup: number;
  /** Points asked for at once, from the same records. */
  readonly batchSize: number;
  /** Draws among which each point is chosen. */
  readonly candidates: number;
  /** Whether unconditional axes are modelled together. */
  readonly joint: boolean;
}

const treeParzenEstimator: FieldsOf<BayesianSearchRecord> = {
  dimensions: mapOf(dimension),
  count,
  seed: integer,
  startup: count,
  batchSize: count,
  candidates: count,
  joint: truth,
};

/** Along an axis each point begins with the weights of the next weaker one. */
export interface WarmStartPathRecord {
  /** Says which strategy it is. */
  readonly kind: "warmStartPath";
  /** Axis that grows from point to point. */
  readonly axis: string;
}

const warmStartPath: FieldsOf<WarmStartPathRecord> = { axis: text };

/** Looks for the smallest value of an axis at which every trained target is zero. */
export interface EmpiricalMaximumRecord {
  /** Says which strategy it is. */
  readonly kind: "empiricalMaximum";
  /** Axis that is searched. */
  readonly axis: string;
  /** Lower end, above 0. */
  readonly from: number;
  /** Upper end. */
  readonly to: number;
  /** The two bounds at the end differ by at most this factor. */
  readonly factor: number;
}

const empiricalMaximum: FieldsOf<EmpiricalMaximumRecord> = {
  axis: text,
  from: number,
  to: number,
  factor: number,
};

/** How a study goes about its points; without one, each is trained to its end. */
export type StrategyRecord =
  | SuccessiveHalvingRecord
  | BayesianSearchRecord
  | WarmStartPathRecord
  | EmpiricalMaximumRecord;

/** A check for each field of a strategy's record. */
type FieldsOf<Strategy extends StrategyRecord> = {
  readonly [field in Exclude<keyof Strategy, "kind">]: Check;
};

const fieldsOf: {
  readonly [kind in StrategyRecord["kind"]]: FieldsOf<Extract<StrategyRecord, { kind: kind }>>;
} = { successiveHalving, treeParzenEstimator, warmStartPath, empiricalMaximum };

/** What a strategy read from JSON must be; a field means the same in all of them. */
export const strategy: Check = fields(
  { kind: oneOf(Object.keys(fieldsOf)) },
  Object.assign({}, ...Object.values(fieldsOf)),
);

/** Steps at which a strategy prunes points; none where it prunes nothing. */
export function rungsOf(strategy: StrategyRecord | undefined): readonly number[] {
  return strategy !== undefined && "rungs" in strategy ? strategy.rungs : [];
}
