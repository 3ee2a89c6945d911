import { checkOneOf, show } from "../core/check.ts";
import { scheduleFactor } from "../core/schedule.ts";
import type { ParameterSummary } from "../records/run_record.ts";
import { checkActivationCombination, isActivationPenalty } from "./activations.ts";
import { type Groups, groupsOf, sumOfGroupNorms } from "./groups.ts";
import {
  allPenalties,
  penaltyKinds,
  type PenaltySpecification,
  weightPenalties,
  type WeightPenaltySpecification,
} from "./kinds.ts";
import {
  actsOn,
  changesOf,
  commonTarget,
  noEffect,
  type ParameterDescription,
  type Penalty,
  type StartOf,
  type StepEffect,
  sumOfAbsoluteValues,
  sumOfSquares,
  type Targets,
} from "./penalty.ts";
import { penaltyOptionRole } from "./words.ts";

/** Each kind's own functions take its own specification, which the table's type guarantees. */
function penaltyOf({ kind }: WeightPenaltySpecification): Penalty<WeightPenaltySpecification> {
  return weightPenalties[kind] as unknown as Penalty<WeightPenaltySpecification>;
}

/** The penalties that act on weights. */
export function onWeights(
  penalties: readonly PenaltySpecification[],
): WeightPenaltySpecification[] {
  return penalties.filter((penalty): penalty is WeightPenaltySpecification =>
    !isActivationPenalty(penalty)
  );
}

/**
 * Runs the constructor of a penalty again on its JSON.
 *
 * @param json What a constructor returned, or what arrived as JSON.
 * @returns The penalty with every default filled in.
 * @throws {TypeError | RangeError} If it is no penalty, of unknown kind, or an option is refused.
 *
 * @example
 * ```ts
 * import { validatePenalty } from "./targets.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(validatePenalty({ kind: "l2", strength: 0 }), {
 *   kind: "l2",
 *   strength: 0,
 *   targets: ["kernel", "recurrentKernel"],
 * });
 * assert.throws(() => validatePenalty({ kind: "l3", strength: 0 }), /found "l3"/);
 * ```
 */
export function validatePenalty(json: unknown): PenaltySpecification {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    throw new TypeError(`A penalty must be an object with a kind, found ${show(json)}.`);
  }
  const { kind, ...options } = json as PenaltySpecification;
  checkOneOf("penalty: kind", kind, penaltyKinds);
  return allPenalties[kind].create(options as never);
}

/** What a penalty pulls at by each number of its effect. */
const pulls: { readonly [Name in keyof StepEffect]?: string } = {
  l1: "|w|",
  proximalL1: "|w|",
  l2: "w²",
  l2TowardsStart: "w²",
  proximalL2: "w²",
  coupledDecay: "w²",
  decoupledDecay: "decoupled decay",
  scheduledDecay: "decoupled decay",
  groupLasso: "the norms of groups",
  proximalGroupLasso: "the norms of groups",
  maxNorm: "the largest norm of groups",
};

function pullsOf(penalty: WeightPenaltySpecification): string[] {
  const names = Object.keys(penaltyOf(penalty).effect(penalty)) as (keyof StepEffect)[];
  return names.flatMap((name) => pulls[name] ?? []);
}

/** Whether a penalty is a decoupled decay, towards 0 or towards the start. */
export function decaysDecoupled(
  penalty: PenaltySpecification,
): penalty is WeightPenaltySpecification {
  return !isActivationPenalty(penalty) && pullsOf(penalty).includes("decoupled decay");
}

/** By what two penalties on one weight contradict each other; undefined where they do not. */
function contradiction(
  first: WeightPenaltySpecification,
  second: WeightPenaltySpecification,
): string | undefined {
  const shared = pullsOf(first).find((pull) => pullsOf(second).includes(pull));
  if (shared !== undefined) return shared;
  // One map after the other is the map of the sum only about the same point.
  const effects = [first, second].map((each) => penaltyOf(each).effect(each));
  const apart = effects.some((effect) => effect.proximalTowardsStart) &&
    effects.some((effect) => effect.proximalGroupLasso !== undefined);
  return apart ? "a proximal map, about different points" : undefined;
}

/**
 * Refuses penalties that contradict each other, whatever their strengths: no two may act on |w|, on
 * w² through gradient or proximal map, by decoupled decay, or on the norms of groups, on one kind of
 * parameter of the same layer.
 *
 * So `l1` with `proximalL1` (the same objective by two methods), `l2` with `coupledWeightDecay` (the
 * same gradient), `elasticNet` with `l1` or `l2` (which it contains), and two penalties of one kind are
 * refused unless their targets or layers differ. `l2` or `coupledWeightDecay` with `decoupledWeightDecay` are
 * different things, and `l1` with `l2` is an elastic net: these are allowed. It does not matter whether a
 * penalty pulls towards 0 or towards the start: with both the weights would end between the two. The
 * proximal map towards the start is refused with that of groups too, after which no weight is at its start.
 * Of the penalties on activations, two of one kind are refused.
 *
 * @throws {RangeError} Naming both penalties and the kind of parameter.
 */
export function checkCombination(penalties: readonly PenaltySpecification[]): void {
  checkActivationCombination(penalties);
  onWeights(penalties).forEach((first, index, all) => {
    for (const second of all.slice(index + 1)) {
      const kind = commonTarget(first, second);
      const what = contradiction(first, second);
      if (kind === undefined || what === undefined) continue;
      throw new RangeError(
        `Cannot combine ${first.kind} and ${second.kind} on ${kind} parameters: both act by ` +
          `${what}. Keep one of them, or give them different targets.`,
      );
    }
  });
}

/**
 * What all penalties together do to each parameter in a step.
 *
 * @param penalties Penalties; the decay of `adamW` is one of them (see `penaltiesWith`).
 * @param parameters Descriptions of the parameters.
 * @param step Number of the step, from 1, for the penalties' schedules.
 * @returns One effect a parameter, in their order.
 * @throws {RangeError} If two penalties contradict each other (see {@link checkCombination}), or one
 * targets no parameter at all, or names a layer that has no parameter of its targets.
 *
 * @example
 * ```ts
 * import { decoupledWeightDecay } from "./decoupled_weight_decay.ts";
 * import { proximalL1 } from "./proximal_l1.ts";
 * import { effectsOf } from "./targets.ts";
 * import assert from "node:assert/strict";
 * const [kernel, bias] = effectsOf(
 *   [proximalL1({ strength: 1e-4 }), decoupledWeightDecay({ strength: 0.3 })],
 *   [
 *     { name: "output/kernel", kind: "kernel", layer: "output", shape: [8, 5] },
 *     { name: "output/bias", kind: "bias", layer: "output", shape: [5] },
 *   ],
 * );
 * assert.equal(kernel.proximalL1, 1e-4);
 * assert.equal(kernel.decoupledDecay, 0.3);
 * assert.equal(bias.proximalL1, 0);
 * ```
 */
export function effectsOf(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
  step = 1,
): StepEffect[] {
  checkCombination(penalties);
  for (const penalty of onWeights(penalties)) checkActing(penalty, parameters);
  return parameters.map((parameter) => {
    const effects = acting(penalties, parameter).map((penalty) => {
      const { effect, grouping } = penaltyOf(penalty);
      const numbers = scaled(effect(penalty), scheduleFactor(penalty.schedule, step));
      const groups = grouping && groupsOf(grouping(penalty), parameter, parameters);
      return {
        ...numbers,
        ...(groups && ("maxNorm" in numbers ? { boundedGroups: groups } : { groups })),
      };
    });
    return Object.assign({}, noEffect, ...effects);
  });
}

/**
 * The effects of each step, as {@link effectsOf} gives them; made once when no penalty has a schedule.
 *
 * @returns A function of the step's number, from 1.
 * @throws {RangeError} As {@link effectsOf}, at once.
 */
export function effectsByStep(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
): (step: number) => readonly StepEffect[] {
  const first = effectsOf(penalties, parameters);
  return onWeights(penalties).every(({ schedule }) => (schedule?.kind ?? "constant") === "constant")
    ? () => first
    : (step) => effectsOf(penalties, parameters, step);
}

/** Whether any penalty has a strength above 0, whatever its schedule. */
export function anyStrength(penalties: readonly PenaltySpecification[]): boolean {
  return penalties.some((penalty) =>
    Object.entries(penalty).some(([option, value]) =>
      penaltyOptionRole(option) === "strength" && value !== 0
    )
  );
}

/**
 * Whether a penalty's proximal map reads how far the optimizer moves each weight per unit of a steady
 * gradient.
 */
export function needsSizeOfStep(penalty: PenaltySpecification): boolean {
  if (isActivationPenalty(penalty)) return false;
  const effect = { ...noEffect, ...penaltyOf(penalty).effect(penalty) };
  if (effect.proximalGroupLasso !== 0) return true;
  const ofWeights = effect.proximalL1 !== 0 || effect.proximalL2 !== 0;
  return ofWeights && effect.proximalThreshold === "perWeight";
}

/** Whether a penalty reads the weights that the training began with. */
export function readsStart(penalty: PenaltySpecification): boolean {
  if (isActivationPenalty(penalty)) return false;
  const effect = penaltyOf(penalty).effect(penalty);
  return effect.l2TowardsStart !== undefined || effect.decayTowardsStart === true ||
    effect.proximalTowardsStart === true;
}

/** Whether some penalty pulls a parameter towards the weights that the training began with. */
export function pulledToStart(
  penalties: readonly PenaltySpecification[],
  parameter: ParameterDescription,
): boolean {
  return acting(penalties, parameter).some(readsStart);
}

function scaled(effect: Partial<StepEffect>, factor: number): Partial<StepEffect> {
  if (factor === 1) return effect;
  return Object.fromEntries(
    Object.entries(effect).map(([name, value]) => [
      name,
      typeof value === "number" ? value * factor : value,
    ]),
  );
}

/** Refuses what acts on no parameter, or on none of a layer that it names; `kind` is for the message. */
export function checkActing(
  { kind, targets, layers }: Targets & { readonly kind: string },
  parameters: readonly Pick<ParameterDescription, "kind" | "layer">[],
): void {
  const found = parameters.filter((parameter) => targets.includes(parameter.kind));
  if (found.length === 0) {
    const kinds = [...new Set(parameters.map((parameter) => parameter.kind))];
    throw new RangeError(
      `${kind} acts on no parameter: its targets are ${targets.join(", ")}, the model has ` +
        `${kinds.join(", ") || "no parameters"}.` +
        (kinds.includes("adapter")
          ? ` Beside adapters what they adapt is not trained: with targets ["adapter"] the penalty, or the ` +
            "optimizer whose decay it is, acts on them."
          : ""),
    );
  }
  const known = [...new Set(found.map(({ layer }) => layer))];
  const unknown = layers?.find((layer) => !known.includes(layer));
  if (unknown !== undefined) {
    throw new RangeError(
      `${kind} acts on no parameter of layer "${unknown}": the layers with ${targets.join(", ")} ` +
        `parameters are ${known.join(", ")}.`,
    );
  }
}

/**
 * Sum of the penalty terms at given weights, in double precision.
 *
 * @param penalties Penalties; coupled and decoupled decay are no terms and count 0, as do penalties on
 * activations, which weights alone do not give.
 * @param parameters Descriptions, in the order of `weights`.
 * @param weights Weights of each parameter.
 * @param step Number of the step, from 1, for the penalties' schedules.
 * @param startOf Weights that the training began with, of each parameter; read for penalties towards them.
 * @returns Σ over penalties and their parameters, in the unit of the loss.
 */
export function penaltyValue(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
  weights: readonly Float32Array[],
  step = 1,
  startOf: StartOf = noStart,
): number {
  let sum = 0;
  parameters.forEach((parameter, index) => {
    for (const penalty of acting(penalties, parameter)) {
      const { effect, grouping } = penaltyOf(penalty);
      const groups = grouping ? groupsOf(grouping(penalty), parameter, parameters) : null;
      const moved = () => changesOf(weights[index], startOf(index));
      sum += scheduleFactor(penalty.schedule, step) *
        termsOf(effect(penalty), weights[index], moved, groups);
    }
  });
  return sum;
}

/** Where nobody said what the training began with: penalties towards it are refused. */
export function noStart(): never {
  throw new Error("A penalty towards the start needs the weights that the training began with.");
}

/** Terms of the objective of an effect at the weights of one parameter; a decay is none. */
function termsOf(
  effect: Partial<StepEffect>,
  weights: Float32Array,
  moved: () => Float32Array,
  groups: Groups | null,
): number {
  const { l1 = effect.proximalL1, l2 = effect.proximalL2, l2TowardsStart } = effect;
  const { groupLasso = effect.proximalGroupLasso } = effect;
  return (l1 === undefined
    ? 0
    : l1 * sumOfAbsoluteValues(effect.proximalTowardsStart ? moved() : weights)) +
    (l2 === undefined ? 0 : 0.5 * l2 * sumOfSquares(weights)) +
    (l2TowardsStart === undefined ? 0 : 0.5 * l2TowardsStart * sumOfSquares(moved())) +
    (groupLasso === undefined || groups === null
      ? 0
      : groupLasso * sumOfGroupNorms(groups, weights));
}

/**
 * Which penalties act on which parameter, for records and reports.
 *
 * @param penalties Penalties; a strength of 0 is listed as any other.
 * @param parameters Descriptions of the parameters.
 * @returns One summary a parameter, in their order.
 */
export function penaltiesOf(
  penalties: readonly PenaltySpecification[],
  parameters: readonly ParameterDescription[],
): ParameterSummary[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    kind: parameter.kind,
    shape: parameter.shape,
    penalties: acting(penalties, parameter).map((penalty) =>
      penalty.kind === "ownPenalty" ? penalty.name ?? penalty.kind : penalty.kind
    ),
  }));
}

function acting(
  penalties: readonly PenaltySpecification[],
  parameter: ParameterDescription,
): WeightPenaltySpecification[] {
  return onWeights(penalties).filter((penalty) => actsOn(penalty, parameter));
}
