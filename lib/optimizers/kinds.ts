import { entryOf } from "../core/entry_of.ts";
import { adamOptimizer, type AdamSpecification } from "./adam.ts";
import { adamWOptimizer, type AdamWSpecification } from "./adam_w.ts";
import { asgdOptimizer, type AsgdSpecification } from "./asgd.ts";
import type { OptimizerKind } from "./kind.ts";
import { muonOptimizer, type MuonSpecification } from "./muon.ts";
import { ownOptimizerKind, type OwnOptimizerSpecification } from "./own_optimizer.ts";
import { rmspropOptimizer, type RmspropSpecification } from "./rmsprop.ts";
import { sgdOptimizer, type SgdSpecification } from "./sgd.ts";

/** An optimizer as plain JSON. */
export type OptimizerSpecification =
  | SgdSpecification
  | AdamSpecification
  | AdamWSpecification
  | RmspropSpecification
  | AsgdSpecification
  | MuonSpecification
  | OwnOptimizerSpecification;

/** Every kind of optimizer. */
export const optimizerKinds: {
  readonly [Kind in OptimizerSpecification["kind"]]: OptimizerKind<
    Extract<OptimizerSpecification, { kind: Kind }>
  >;
} = {
  sgd: sgdOptimizer,
  adam: adamOptimizer,
  adamW: adamWOptimizer,
  rmsprop: rmspropOptimizer,
  asgd: asgdOptimizer,
  muon: muonOptimizer,
  ownOptimizer: ownOptimizerKind,
};

/** What options of the kinds are for as axes of a study, where it is not the training. */
const roles: { readonly [option: string]: "strength" | "choice" } = Object.assign(
  {},
  ...Object.values(optimizerKinds).map(({ roles }) => roles),
);

/** What the option at a place such as `optimizer.decay` is for; undefined where it is the training. */
export function optimizerRole(path: string): "strength" | "choice" | undefined {
  const [, option] = /^optimizer\.(\w+)/.exec(path) ?? [];
  return entryOf(roles, option);
}

/** The kind of an optimizer. */
export function kindOf(
  { kind }: OptimizerSpecification,
): OptimizerKind<OptimizerSpecification> {
  return optimizerKinds[kind] as OptimizerKind<OptimizerSpecification>;
}
