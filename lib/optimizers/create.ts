import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkNumber } from "../core/check.ts";
import type { ParameterDescription, StartOf, StepEffect } from "../penalties/penalty.ts";
import { noStart } from "../penalties/targets.ts";
import { createGroupStep, made } from "./_group_step.ts";
import { createMemory, type OptimizerMemory } from "./_memory.ts";
import { createStartStep } from "./_start_step.ts";
import { clipByValue, type EffectCoefficients } from "./_step.ts";
import { type Clipping, validateClipping } from "./clipping.ts";
import type { OwnOptimizerPart } from "./define_optimizer.ts";
import type { Rule, Step } from "./kind.ts";
import { kindOf } from "./kinds.ts";
import {
  copyOfState,
  decayShare,
  type Optimizer,
  type OptimizerSpecification,
  type OptimizerState,
  rulesOf,
} from "./optimizer.ts";

const { fround } = Math;

/** A parameter that an optimizer changes. */
export interface OptimizedParameter {
  /** What it is. */
  readonly description: ParameterDescription;
  /** Holds its weights. */
  readonly variable: tf.Variable;
  /** What its learning rate is multiplied by, for step, decoupled decay and proximal maps; 1 if left out. */
  readonly rateFactor?: number;
}

/**
 * Builds the optimizer that a specification describes, for the parameters of one model.
 *
 * One step: gradient with loss-term penalties → clipping of all gradients, by their global norm (one
 * factor min(1, norm/‖g‖), without PyTorch's 1e-6 in the denominator; the norm is summed in double
 * precision in a fixed order) or by value (each component to at most `value` away from 0, as PyTorch's
 * clip_grad_value_, which changes the gradient's direction) → coupled decay → decoupled decay and the optimizer's step → proximal
 * map → bound of norms. The updates are made in place, in one pass over each parameter; a clone of a variable that
 * shares its values may change with it.
 *
 * @param specification From `sgd`, `adam`, `adamW`, `rmsprop`, `asgd`, `muon` or `ownOptimizer`.
 * @param parameters Parameters, float32, in the order in which `step` takes their gradients.
 * @param effects From `effectsOf(penaltiesWith(specification, penalties), …)`, one a parameter, or from
 * `effectsByStep` where penalties have schedules.
 * @param clipping Largest global norm of the gradient or largest value, or null for none.
 * @param own What the module of `ownOptimizer` defines; for it alone.
 * @param startOf The weights that each parameter began with, from `startingWeights`; for penalties towards
 * them alone.
 * @throws {RangeError} If there is not one effect a parameter, the effects lack AdamW's own decay, Muon
 * finds no matrix, or the clipping norm or value is not above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useEngine } from "../engine/engine.ts";
 * import { proximalL1 } from "../penalties/proximal_l1.ts";
 * import { effectsOf } from "../penalties/targets.ts";
 * import { createOptimizer } from "./create.ts";
 * import { sgd } from "./sgd.ts";
 * import assert from "node:assert/strict";
 * await useEngine("wasm");
 * const variable = tf.variable(tf.tensor1d([1, 0.25]));
 * const description = { name: "output/kernel", kind: "kernel", layer: "output", shape: [2] } as const;
 * const effects = effectsOf([proximalL1({ strength: 1 })], [description]);
 * const specification = sgd({ learningRate: 0.5 });
 * const optimizer = createOptimizer(specification, [{ description, variable }], effects, null);
 * const { gradientNorm } = optimizer.step([tf.tensor1d([0, 0])], specification.learningRate);
 * assert.equal(gradientNorm, 0);
 * assert.deepEqual([...variable.dataSync()], [0.5, 0]);
 * ```
 */
export function createOptimizer(
  specification: OptimizerSpecification,
  parameters: readonly OptimizedParameter[],
  effects: readonly StepEffect[] | ((step: number) => readonly StepEffect[]),
  clipping: Clipping | null,
  own?: OwnOptimizerPart,
  startOf: StartOf = noStart,
): Optimizer {
  const effectsAt = typeof effects === "function" ? effects : () => effects;
  checkEffects(specification, parameters, effectsAt(1));
  const limits = { norm: Infinity, value: Infinity };
  if (clipping !== null) Object.assign(limits, validateClipping("createOptimizer", clipping));
  const variables = parameters.map(({ variable }) => variable);
  const kind = kindOf(specification);
  const rules = scaledRules(specification, parameters, own);
  const memory = createMemory(variables, rules.map(({ slots }) => slots.length));
  const groupStep = createGroupStep(memory, variables);
  const startStep = createStartStep(memory, variables, startOf);
  const averaging = kind.averaging?.(
    specification,
    (change) => parameters.forEach((_, index) => memory.change(index, change)),
  ) ?? null;
  const stateNames = parameters.map(({ description }, index) =>
    rules[index].slots.map((slot) => `${description.name}/${slot}`)
  );
  let steps = 0;
  const view = (): OptimizerState => {
    const values = valuesOf(memory, stateNames);
    return averaging ? { steps, values, averaging: averaging.state() } : { steps, values };
  };

  return {
    step(gradients, learningRate, updates) {
      checkNumber("Optimizer.step: learningRate", learningRate, { from: 0 });
      checkGradients(parameters, gradients);
      const effects = effectsAt(steps + 1);
      const complete = effects.map((effect, index) => {
        const grouped = groupStep.gradient(index, gradients[index], effect);
        return startStep.gradient(index, grouped, effect, grouped !== gradients[index]);
      });
      let squares = 0;
      if (clipping !== null) {
        effects.forEach((effect, index) => {
          squares += memory.squaredNorm(index, complete[index], effect);
        });
      }
      const factor = Math.sqrt(squares) > limits.norm ? limits.norm / Math.sqrt(squares) : 1;
      steps++;
      const stepOf = new Map<Rule, Step>();
      effects.forEach((effect, index) => {
        const rule = rules[index];
        const rate = learningRate * rule.rateFactor;
        const step = stepOf.get(rule) ?? rule.step(rate, steps);
        stepOf.set(rule, step);
        const coefficients = coefficientsOf(effect, step, {
          learningRate: rate,
          clipping: factor,
          decoupledDecay: decayShare(specification, effect, learningRate, rule.rateFactor),
          updates: updates?.[index] ?? null,
          ...startStep.coefficients(index, effect),
        });
        if (limits.value === Infinity) {
          squares += memory.update(index, complete[index], coefficients, step, clipping === null);
        } else {
          const clipped = made(complete[index].shape, (result) =>
            clipByValue(
              result,
              memory.values(complete[index]),
              memory.values(variables[index]),
              effect,
              limits.value,
            ));
          memory.update(index, clipped, { ...coefficients, l1: 0, l2: 0 }, step, false);
          clipped.dispose();
        }
        if (complete[index] !== gradients[index]) complete[index].dispose();
        groupStep.map(index, effect, step);
        groupStep.bound(index, effect);
      });
      averaging?.add(steps);
      return { gradientNorm: Math.sqrt(squares) };
    },
    observe: (heldOutLoss) => averaging?.observe(heldOutLoss, steps),
    withEvaluationWeights: (measure) => averaging ? averaging.during(measure, steps) : measure(),
    keepEvaluationWeights: () => averaging?.keep(steps),
    state: () => copyOfState(view()),
    view,
    restore(state) {
      checkState(state, parameters, stateNames, averaging !== null);
      if (state.averaging) averaging?.restore(state.averaging);
      stateNames.forEach((names, index) =>
        names.forEach((name, slot) => memory.write(index, slot, state.values[name]))
      );
      steps = state.steps;
    },
    dispose: () => memory.dispose(),
  };
}

/** What is remembered, by name. */
function valuesOf(
  memory: OptimizerMemory,
  stateNames: readonly (readonly string[])[],
): OptimizerState["values"] {
  return Object.fromEntries(
    stateNames.flatMap((names, index) =>
      names.map((name, slot) => [name, memory.view(index, slot)])
    ),
  );
}

/** The rule of each parameter, at its own learning rate. */
function scaledRules(
  specification: OptimizerSpecification,
  parameters: readonly OptimizedParameter[],
  own?: OwnOptimizerPart,
): readonly Rule[] {
  return rulesOf(
    specification,
    parameters.map(({ description }) => description),
    own,
    parameters.map(({ rateFactor }) => rateFactor),
  );
}

/** What an effect does in a step, rounded to single precision. */
function coefficientsOf(
  effect: StepEffect,
  step: Step,
  { learningRate, ...given }:
    & { readonly learningRate: number }
    & Pick<
      EffectCoefficients,
      "clipping" | "decoupledDecay" | "updates" | "decayStart" | "proximalStart"
    >,
): EffectCoefficients {
  const inMetric = effect.proximalThreshold === "perWeight";
  const size = inMetric ? step.size : learningRate;
  return {
    l1: fround(effect.l1),
    l2: fround(effect.l2),
    clipping: fround(given.clipping),
    coupledDecay: fround(effect.coupledDecay),
    decoupledDecay: fround(given.decoupledDecay),
    cautious: effect.cautiousDecay,
    decayStart: given.decayStart,
    proximalL1: fround(size * effect.proximalL1),
    proximalStart: given.proximalStart,
    proximalL2: fround(size * effect.proximalL2),
    perWeight: inMetric && step.perWeight,
    updates: given.updates,
  };
}

function checkEffects(
  specification: OptimizerSpecification,
  parameters: readonly OptimizedParameter[],
  effects: readonly StepEffect[],
): void {
  if (effects.length !== parameters.length) {
    throw new RangeError(
      `createOptimizer: effects must be one a parameter (${parameters.length}), found ` +
        `${effects.length}.`,
    );
  }
  const own = kindOf(specification).decay?.of(specification) ?? null;
  if (own === null) return;
  parameters.forEach(({ description: { name, kind } }, index) => {
    const { decoupledDecay } = effects[index];
    if (own.targets.includes(kind) && decoupledDecay !== own.strength) {
      throw new RangeError(
        `createOptimizer: the effects on ${name} must hold ${specification.kind}'s decay ` +
          `${own.strength}, found ${decoupledDecay}. Make them by ` +
          `effectsOf(penaltiesWith(specification, penalties)).`,
      );
    }
  });
}

function checkGradients(
  parameters: readonly OptimizedParameter[],
  gradients: readonly (tf.Tensor | null | undefined)[],
): void {
  parameters.forEach(({ description: { name }, variable }, index) => {
    const gradient = gradients[index];
    if (!gradient || !tf.util.arraysEqual(gradient.shape, variable.shape)) {
      throw new TypeError(
        `Optimizer.step: the gradient of ${name} must have shape [${variable.shape}], found ` +
          `${gradient ? `[${gradient.shape}]` : "none: the loss does not depend on it"}.`,
      );
    }
  });
}

function checkState(
  state: OptimizerState,
  parameters: readonly OptimizedParameter[],
  stateNames: readonly (readonly string[])[],
  averaging: boolean,
): void {
  checkInteger("Optimizer.restore: steps", state.steps, { from: 0 });
  const expected = stateNames.flat();
  const found = Object.keys(state.values);
  const other = found.find((name) => !expected.includes(name)) ??
    expected.find((name) => !found.includes(name));
  if (other !== undefined) {
    throw new RangeError(
      `Optimizer.restore: the state must hold ${expected.join(", ") || "nothing"}, found ` +
        `${found.join(", ") || "nothing"} (${other} differs).`,
    );
  }
  parameters.forEach(({ variable }, index) => {
    for (const name of stateNames[index]) {
      const { length } = state.values[name];
      if (length !== variable.size) {
        throw new RangeError(
          `Optimizer.restore: ${name} must have ${variable.size} values, found ${length}.`,
        );
      }
    }
  });
  if (averaging === (state.averaging !== undefined)) return;
  throw new RangeError(
    `Optimizer.restore: the state must ${averaging ? "" : "not "}hold averaging, found ` +
      `${state.averaging === undefined ? "none" : "some"}.`,
  );
}
