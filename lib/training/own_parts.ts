import * as tf from "@tensorflow/tfjs";
import { show } from "../core/check.ts";
import { type CallOwn, explained, type OwnModule } from "../core/own_module.ts";
import { loadOwnExport } from "../core/trust.ts";
import { ownOptions } from "../core/own_options.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { scheduleFactor } from "../core/schedule.ts";
import type { ModelParameter } from "../models/model.ts";
import { checkModelDefinition, type OwnModelPart } from "../models/define_model.ts";
import { checkOptimizerDefinition, type OwnOptimizerPart } from "../optimizers/define_optimizer.ts";
import { kindOf } from "../optimizers/kinds.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import {
  type AnyOwnPenalty,
  checkPenaltyDefinition,
  type OwnSeen,
  type OwnStep,
} from "../penalties/define_penalty.ts";
import type { OwnPenaltySpecification } from "../penalties/own_penalty.ts";
import { actsOn } from "../penalties/penalty.ts";
import { needsSizeOfStep } from "../penalties/targets.ts";
import { createSeenSteps } from "./_seen_steps.ts";
import type { Specification } from "./specification.ts";

/** The parts of a specification that modules of the user's project define, loaded. */
export interface OwnParts {
  readonly model?: OwnModelPart;
  readonly penalties: readonly LoadedPenalty[];
  readonly optimizer?: OwnOptimizerPart;
}

/** A penalty of the user's own with its definition. */
export interface LoadedPenalty {
  readonly specification: OwnPenaltySpecification;
  readonly definition: AnyOwnPenalty;
  readonly call: CallOwn;
}

/** Modules of the user's project that a specification names. */
export function ownModulesOf(
  { model, penalties, optimizer }: Pick<Specification, "model" | "penalties" | "optimizer">,
): (OwnModule & { readonly kind: string })[] {
  const parts: readonly { readonly kind: string }[] = [model, ...penalties, optimizer];
  return parts.filter(isOwnModule);
}

/** Whether a part of a specification is a module of the user's project. */
export function isOwnModule<Part extends { readonly kind: string }>(
  part: Part,
): part is Part & OwnModule {
  return ["ownModel", "ownPenalty", "ownOptimizer"].includes(part.kind);
}

/**
 * Loads what modules of the user's project define.
 *
 * @param trusted SHA-256 of code that is not the project's own and that the user named; for a process
 * of its own that may do nothing else.
 * @throws {Error} If the code of a module is not what the specification says, or it cannot be loaded;
 * the message names the module, and the line where there is one.
 */
export async function loadOwnParts(
  specification: Pick<Specification, "model" | "penalties" | "optimizer">,
  project?: string,
  trusted: readonly string[] = [],
): Promise<OwnParts> {
  const { model, penalties, optimizer } = specification;
  const own = penalties.filter((penalty) => penalty.kind === "ownPenalty");
  if (ownModulesOf(specification).length === 0) return { penalties: [] };
  const folder = project ?? projectFolder();
  const loaded = await Promise.all(own.map(async (specification): Promise<LoadedPenalty> => ({
    specification,
    definition: await load(folder, specification, checkPenaltyDefinition, trusted),
    call: caller(folder, specification),
  })));
  const map = loaded.find(({ definition }) => definition.afterStep !== undefined);
  if (kindOf(optimizer).averaging !== undefined && map !== undefined) {
    throw new RangeError(
      `Cannot combine ${optimizer.kind} and the map ${show(map.definition.name)}: ` +
        `${optimizer.kind} has averaged the weights before the map acts. Take another optimizer, or write the penalty as a term.`,
    );
  }
  return {
    penalties: loaded,
    model: await loadOwnModel(model, folder, trusted),
    optimizer: await loadOwnOptimizer(specification, folder, trusted),
  };
}

async function loadOwnOptimizer(
  { optimizer, penalties }: Pick<Specification, "penalties" | "optimizer">,
  project: string,
  trusted: readonly string[],
): Promise<OwnOptimizerPart | undefined> {
  if (optimizer.kind !== "ownOptimizer") return undefined;
  const definition = await load(project, optimizer, checkOptimizerDefinition, trusted);
  const { module, slots = definition.slots } = optimizer;
  if (canonicalJson(slots) !== canonicalJson(definition.slots)) {
    throw new Error(
      `${module}: slots must be ${show(slots)}, found ${show(definition.slots)}.`,
    );
  }
  const sized = penalties.find(needsSizeOfStep);
  if (definition.size === undefined && sized !== undefined) {
    throw new RangeError(
      `Cannot combine ${sized.kind} and the optimizer ${show(definition.name)}: a proximal map ` +
        `needs the step of each weight per unit of a steady gradient, and ${module} does not define ` +
        `its size. Define it, or take the penalty as a term of the loss` +
        ("threshold" in sized ? `, or threshold "scalar".` : "."),
    );
  }
  return { definition, call: caller(project, optimizer) };
}

/** Loads the definition of a model of the user's own; nothing for another model. */
export async function loadOwnModel(
  model: Specification["model"],
  project?: string,
  trusted: readonly string[] = [],
): Promise<OwnModelPart | undefined> {
  if (model.kind !== "ownModel") return undefined;
  const folder = project ?? projectFolder();
  return {
    definition: await load(folder, model, checkModelDefinition, trusted),
    call: caller(folder, model),
  };
}

async function load<Definition extends { name: string; formula?: string; defaults?: JsonObject }>(
  project: string,
  part: OwnModule & { kind: string; name?: string; formula?: string; options: JsonObject },
  check: (subject: string, value: unknown) => Definition,
  trusted: readonly string[],
): Promise<Definition> {
  const subject = `${part.module}, export ${show(part.export)}`;
  const value = await loadOwnExport(project, part, trusted);
  refuseOtherKind(subject, part, value);
  const definition = check(subject, value);
  for (const key of ["name", "formula"] as const) {
    if (part[key] !== undefined && part[key] !== definition[key]) {
      throw new Error(`${subject}: ${key} must be ${show(part[key])}, found ${definition[key]}.`);
    }
  }
  ownOptions(subject, definition.defaults ?? {}, part.options);
  return definition;
}

/** Which part a definition is of, by the function that only that part has. */
const definitions = {
  ownModel: { name: "a model", has: ["logits"] },
  ownPenalty: { name: "a penalty", has: ["term", "afterStep"] },
  ownOptimizer: { name: "an optimizer", has: ["update"] },
} as const;

/** Refuses the definition of another part than the one that it is given as. */
function refuseOtherKind(
  subject: string,
  { kind, module }: OwnModule & { kind: string },
  value: unknown,
) {
  if (value === null || typeof value !== "object") return;
  const found = Object.entries(definitions).find(([, { has }]) =>
    has.some((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
  if (found === undefined || found[0] === kind) return;
  const [own, { name }] = found;
  throw new TypeError(
    `${subject}: ${kind} must be given ${
      definitions[kind as keyof typeof definitions].name
    }, found ${name}. ` +
      `Give it by ${own}({ module: ${show(module)}, … }).`,
  );
}

function caller(project: string, part: OwnModule): CallOwn {
  return (what, call) => {
    try {
      return call();
    } catch (error) {
      // Said already, by a call around this one.
      if (error instanceof Error && error.message.startsWith(part.module)) throw error;
      throw explained(project, part, `${part.module} failed in ${what}`, error);
    }
  };
}

/** What own penalties do in a run; without any, nothing. */
export interface OwnPenalties {
  /** The optimizer with the gradient of the terms before its step, and the maps after it. */
  actOn(optimizer: Optimizer): Optimizer;
  /** λ Σ term at the weights as they are, for the curve. */
  value(step: number): number;
}

/** Puts the penalties of the user's own to work on the parameters of a model. */
export function ownPenalties(
  penalties: readonly LoadedPenalty[],
  parameters: readonly ModelParameter[],
): OwnPenalties {
  const strengthAt = ({ specification: { strength, schedule } }: LoadedPenalty, step: number) =>
    strength * scheduleFactor(schedule, step);
  const targets = (penalty: LoadedPenalty) =>
    parameters.map(({ description }) => actsOn(penalty.specification, description));
  const acting = penalties.map((penalty) => ({ penalty, targeted: targets(penalty) }));

  const seen = createSeenSteps(
    acting.filter(({ penalty }) => penalty.specification.strength > 0)
      .map(({ penalty, targeted }) => ({ sees: penalty.definition.sees ?? [], targeted })),
    parameters.map(({ variable }) => variable),
  );

  function value(step: number): number {
    let sum = 0;
    for (const { penalty, targeted } of acting) {
      const strength = strengthAt(penalty, step);
      if (strength === 0 || penalty.definition.term === undefined) continue;
      parameters.forEach(({ variable, description }, index) => {
        if (!targeted[index]) return;
        sum += strength *
          tf.tidy(() => termOf(penalty, variable, description).dataSync()[0]);
      });
    }
    return sum;
  }

  /** The gradient of all terms added to one of the loss, as another tensor, or null. */
  function withTerms(gradient: tf.Tensor, index: number, step: number): tf.Tensor | null {
    const { variable, description } = parameters[index];
    let total: tf.Tensor | null = null;
    for (const { penalty, targeted } of acting) {
      const strength = strengthAt(penalty, step);
      if (!targeted[index] || strength === 0 || penalty.definition.term === undefined) continue;
      const added = tf.tidy(() => {
        const own = penalty.call("its term", () => gradientOf(penalty, variable, description));
        return tf.add(total ?? gradient, tf.mul(own, strength));
      });
      total?.dispose();
      total = added;
    }
    return total;
  }

  function applyMaps(step: number, learningRate: number): void {
    for (const { penalty, targeted } of acting) {
      const strength = strengthAt(penalty, step);
      const { sees = [], afterStep } = penalty.definition;
      if (strength === 0 || afterStep === undefined) continue;
      parameters.forEach((parameter, index) => {
        const context = { ...seen.of(sees, index), strength, learningRate, step };
        if (targeted[index]) applyMap(penalty, parameter, context);
      });
    }
  }

  return {
    value,
    actOn(optimizer) {
      if (penalties.length === 0) return optimizer;
      let step = 0;
      return {
        ...optimizer,
        restore(state) {
          optimizer.restore(state);
          step = state.steps;
        },
        step(gradients, learningRate) {
          step++;
          seen.begin();
          const changed = gradients.map((gradient, index) => withTerms(gradient, index, step));
          const result = optimizer.step(
            gradients.map((gradient, index) => changed[index] ?? gradient),
            learningRate,
            seen.updates,
          );
          tf.dispose(changed.filter((tensor) => tensor !== null));
          applyMaps(step, learningRate);
          return result;
        },
      };
    },
  };
}

function applyMap(
  { definition, specification: { options }, call }: LoadedPenalty,
  { variable, description: parameter }: ModelParameter,
  context: Omit<OwnStep<JsonObject>, "options" | "parameter"> & Partial<OwnSeen>,
): void {
  const weights = Float32Array.from(variable.dataSync() as Float32Array);
  const wereFinite = weights.every(Number.isFinite);
  call("its map", () => {
    definition.afterStep!(weights, { ...context, options, parameter });
    if (wereFinite && !weights.every(Number.isFinite)) {
      throw new RangeError(
        `afterStep must leave finite weights, found NaN or infinity in ${parameter.name} ` +
          `at step ${context.step}.`,
      );
    }
  });
  tf.tidy(() => variable.assign(tf.tensor(weights, variable.shape)));
}

function gradientOf(
  penalty: LoadedPenalty,
  variable: tf.Variable,
  parameter: ModelParameter["description"],
): tf.Tensor {
  const { grads } = tf.variableGrads(() => termOf(penalty, variable, parameter), [variable]);
  const gradient = grads[variable.name];
  if (!areFinite(gradient) && areFinite(variable)) {
    throw new RangeError(
      `term must have a finite gradient where the weights are, found NaN or infinity for ` +
        `${parameter.name}.`,
    );
  }
  return gradient;
}

function areFinite(tensor: tf.Tensor): boolean {
  return (tensor.dataSync() as Float32Array).every((value) => Number.isFinite(value));
}

function termOf(
  { definition, specification: { options }, call }: LoadedPenalty,
  variable: tf.Variable,
  parameter: ModelParameter["description"],
): tf.Scalar {
  return call("its term", () => {
    const found = tf.tidy(() => definition.term!(variable, { options, parameter }));
    if (!(found instanceof tf.Tensor) || found.isDisposed) {
      throw new TypeError(`term must return a scalar tensor, found ${show(found)}.`);
    }
    if (found.size !== 1 || found.dtype !== "float32") {
      throw new RangeError(
        `term must return a float32 scalar, found ${found.dtype} [${found.shape.join(", ")}].`,
      );
    }
    const value = found.dataSync()[0];
    // Weights that are no numbers any more are a run that diverged; else the term is to blame.
    if (!Number.isFinite(value) && areFinite(variable)) {
      throw new RangeError(
        `term must be finite where the weights are, found ${value} for ${parameter.name}.`,
      );
    }
    return tf.reshape(found, []) as tf.Scalar;
  });
}
