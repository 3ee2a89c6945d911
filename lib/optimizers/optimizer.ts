import type * as tf from "@tensorflow/tfjs";
import { checkOneOf, show } from "../core/check.ts";
import { scheduleFactor } from "../core/schedule.ts";
import type { ParameterDescription, StepEffect } from "../penalties/penalty.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { checkCombination, decaysDecoupled } from "../penalties/targets.ts";
import type { AveragingState } from "./_averaging.ts";
import type { OwnOptimizerPart } from "./define_optimizer.ts";
import type { Rule } from "./kind.ts";
import { kindOf, optimizerKinds, type OptimizerSpecification } from "./kinds.ts";

export type { AveragingState, OptimizerSpecification };

/** What an optimizer remembers between steps, for checkpoints. */
export interface OptimizerState {
  /** Steps done. */
  readonly steps: number;
  /** By name: `gru0/kernel/firstMoment`, `gru0/kernel/secondMoment`, or `…/velocity`. */
  readonly values: { readonly [name: string]: Float32Array };
  /** Of `asgd` only: when averaging began, and the held-out losses that its trigger has seen. */
  readonly averaging?: AveragingState;
  /** How often each average of a run has taken the weights; its copies are among the values. */
  readonly averagesTaken?: readonly number[];
}

/** Those values whose names are wanted, none of which is read for it. */
export function someValues(
  values: OptimizerState["values"],
  wanted: (name: string) => boolean,
): OptimizerState["values"] {
  const all = Object.entries(Object.getOwnPropertyDescriptors(values));
  return Object.defineProperties({}, Object.fromEntries(all.filter(([name]) => wanted(name))));
}

/** A state whose values stay when the optimizer goes on. */
export function copyOfState(state: OptimizerState): OptimizerState {
  const copies = Object.entries(state.values)
    .map(([name, values]) => [name, Float32Array.from(values)] as const);
  return { ...state, values: Object.fromEntries(copies) };
}

/** An optimizer at work on the parameters of one model. */
export interface Optimizer {
  /**
   * Changes the parameters in place by one step, in the order that `StepEffect` states.
   *
   * @param gradients Gradient of the loss without penalties, one a parameter, in their order; they
   * are read only and stay the caller's to dispose of.
   * @param learningRate η of this step.
   * @param updates Where to write u of each parameter, of w ← w − u before decay and proximal maps; null,
   * or no list, for nowhere.
   * @returns Norm of all gradients with loss-term penalties, before clipping; NaN or infinite when
   * the run has diverged, and then the weights are of no use.
   */
  step(
    gradients: readonly tf.Tensor[],
    learningRate: number,
    updates?: readonly (Float32Array | null)[],
  ): { gradientNorm: number };
  /**
   * Tells the held-out loss of an evaluation (on choosing spans where the fold has some), for the trigger of
   * `asgd`; others do not listen.
   */
  observe(heldOutLoss: number): void;
  /**
   * Calls a function while the parameters hold the weights to be measured: the averaged ones of `asgd`
   * once averaging has begun, else those of the last step.
   */
  withEvaluationWeights<Result>(measure: () => Result): Result;
  /** Leaves the weights to be measured in the parameters, when training is over. */
  keepEvaluationWeights(): void;
  /** Copies what is needed to go on with the same bits. */
  state(): OptimizerState;
  /** The same without copying: its values are those of now until the next step alone. */
  view(): OptimizerState;
  /**
   * Goes on from a state, of whose values one is read at a time: they may be there until the next is asked
   * for alone.
   *
   * @throws {RangeError} If the state is of another optimizer or of other parameters.
   */
  restore(state: OptimizerState): void;
  /** Frees what it remembers; the parameters stay. */
  dispose(): void;
}

/**
 * Runs the constructor of an optimizer again on its JSON.
 *
 * @param json What a constructor returned, or what arrived as JSON.
 * @returns The specification with every default filled in.
 * @throws {TypeError | RangeError} If it is no optimizer, of unknown kind, or an option is refused.
 *
 * @example
 * ```ts
 * import { validateOptimizer } from "./optimizer.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(validateOptimizer({ kind: "sgd", learningRate: 0.1 }), {
 *   kind: "sgd",
 *   learningRate: 0.1,
 *   momentum: 0,
 *   nesterov: false,
 * });
 * ```
 */
export function validateOptimizer(json: unknown): OptimizerSpecification {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new TypeError(`An optimizer must be an object with a kind, found ${show(json)}.`);
  }
  const { kind, ...options } = json as OptimizerSpecification;
  checkOneOf("optimizer: kind", kind, Object.keys(optimizerKinds));
  return optimizerKinds[kind].create(options as never);
}

/**
 * The rule of each parameter of a model, in their order; equal ones are one object.
 *
 * @param own The definition of an optimizer of the user's own; without it its rules make no step.
 * @param rateFactors What the learning rate of each parameter is multiplied by, for step and decay; 1 if not
 * given.
 */
export function rulesOf(
  specification: OptimizerSpecification,
  parameters: readonly ParameterDescription[],
  own?: OwnOptimizerPart,
  rateFactors: readonly (number | undefined)[] = [],
): readonly Rule[] {
  const rules = wholeRules(specification, parameters, own);
  const known = new Map<Rule, Map<number, Rule>>();
  return rules.map((rule, index) => {
    const factor = rateFactors[index] ?? 1;
    if (factor === 1) return rule;
    const ofRule = known.get(rule) ?? new Map<number, Rule>();
    known.set(rule, ofRule);
    const scaled = ofRule.get(factor) ?? { ...rule, rateFactor: rule.rateFactor * factor };
    ofRule.set(factor, scaled);
    return scaled;
  });
}

/** At the whole learning rate. */
function wholeRules(
  specification: OptimizerSpecification,
  parameters: readonly ParameterDescription[],
  own?: OwnOptimizerPart,
): readonly Rule[] {
  const kind = kindOf(specification);
  if ("rules" in kind) return kind.rules(specification, parameters, own);
  const rule: Rule = {
    slots: kind.slots(specification),
    rateFactor: 1,
    step: (learningRate, step) => kind.step(specification, learningRate, step),
  };
  return parameters.map(() => rule);
}

/**
 * Learning rate η of a step.
 *
 * @param step Number of the step, from 1; what an optimizer's schedule makes of it multiplies the rate.
 */
export function learningRateOf(specification: OptimizerSpecification, step = 1): number {
  return specification.learningRate * scheduleFactor(specification.schedule, step);
}

/**
 * Share of the weights that decoupled decay removes in a step of learning rate η: η · α, or η/η₀ · α
 * where only the schedule scales α, or their sum.
 *
 * @param specification Optimizer, whose rate without schedule is η₀.
 * @param effect Effects on a parameter.
 * @param learningRate η of the step.
 * @param rateFactor What the parameter's rule multiplies η by.
 */
export function decayShare(
  specification: OptimizerSpecification,
  effect: StepEffect,
  learningRate: number,
  rateFactor = 1,
): number {
  const share = learningRate * rateFactor * effect.decoupledDecay;
  if (effect.scheduledDecay === 0) return share;
  return share + learningRate / specification.learningRate * effect.scheduledDecay;
}

/**
 * All penalties of a run: those given, and an optimizer's own decay (AdamW's) as the `decoupledWeightDecay` it is.
 * Effects, recorded values and lists of penalized parameters are all to be made from these.
 *
 * @throws {RangeError} If two of them contradict each other (see `checkCombination`).
 *
 * @example
 * ```ts
 * import { adamW } from "./adam_w.ts";
 * import { penaltiesWith } from "./optimizer.ts";
 * import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
 * import assert from "node:assert/strict";
 * const optimizer = adamW({ learningRate: 1e-3, decay: 0.1 });
 * assert.deepEqual(penaltiesWith(optimizer, []), [decoupledWeightDecay({ strength: 0.1 })]);
 * assert.throws(
 *   () => penaltiesWith(optimizer, [decoupledWeightDecay({ strength: 0.1 })]),
 *   /adamW decays kernel parameters itself/,
 * );
 * ```
 */
export function penaltiesWith(
  optimizer: OptimizerSpecification,
  penalties: readonly PenaltySpecification[],
): readonly PenaltySpecification[] {
  checkCombination(penalties);
  const { kind } = optimizer;
  const { decay } = kindOf(optimizer);
  if (decay === undefined) return penalties;
  const own = decay.of(optimizer);
  if (own === null) return penalties;
  for (const penalty of penalties) {
    if (!decaysDecoupled(penalty)) continue;
    const twice = penalty.targets.find((target) => own.targets.includes(target));
    if (twice !== undefined) {
      throw new RangeError(
        `Cannot combine ${kind} and ${penalty.kind} on ${twice} parameters: ${kind} decays ` +
          `${twice} parameters itself. Take ${decay.without}, or give them different targets.`,
      );
    }
  }
  return [...penalties, own];
}
