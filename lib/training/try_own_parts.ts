import * as tf from "@tensorflow/tfjs";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { ownOptions } from "../core/own_options.ts";
import { useEngine } from "../engine/engine.ts";
import { createAnyModel } from "../models/create.ts";
import type { Model, ModelParameter } from "../models/model.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { type Optimizer, penaltiesWith, rulesOf } from "../optimizers/optimizer.ts";
import { startingWeights } from "../optimizers/starting_weights.ts";
import type { OwnOptimizerSpecification } from "../optimizers/own_optimizer.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";
import { effectsByStep } from "../penalties/targets.ts";
import { loadOwnParts, type OwnParts, ownPenalties } from "./own_parts.ts";
import type { Specification } from "./specification.ts";
import { createTuning } from "./tuning.ts";
import { type TuningSpecification, wholeModel } from "./tuning_options.ts";

/** What of a specification modules of the user's own may define. */
export type Trial =
  & Pick<Specification, "model" | "penalties" | "optimizer">
  & { readonly training?: TuningSpecification };

/** Vocabulary of the models that are tried. */
const vocabularySize = 7;

/**
 * Loads the own parts of specifications, fills in what they say of themselves, and tries each once on
 * a model of seven tokens: a part that throws, or gives wrong shapes or no numbers, is found before
 * anything is trained.
 *
 * @param trials Specifications, each with the code of its parts.
 * @returns The same with names, formulas and all options.
 * @throws {Error} Naming the module, and the line where there is one.
 */
export async function tryOwnParts<Given extends Trial>(
  trials: readonly Given[],
  project: string,
): Promise<Given[]> {
  await useEngine("wasm");
  const tried = new Set<string>();
  const complete: Given[] = [];
  for (const trial of trials) {
    const parts = await loadOwnParts(trial, project);
    const described = describe(trial, parts);
    complete.push(described);
    const key = canonicalJson({
      ...described,
      penalties: described.penalties.map(anyStrength),
      optimizer: anyRate(described.optimizer),
    });
    if (tried.has(key)) continue;
    tried.add(key);
    tryOut(described, withOptions(described, parts));
  }
  return complete;
}

/** Points of a grid differ in strengths, which need no trial of their own. */
function anyStrength(penalty: Trial["penalties"][number]): unknown {
  return "strength" in penalty ? { ...penalty, strength: Math.sign(penalty.strength) } : penalty;
}

/** As little do rates of an own optimizer; with another one's, maps of one's own are tried at each. */
function anyRate(optimizer: Trial["optimizer"]): unknown {
  return optimizer.kind === "ownOptimizer" ? { ...optimizer, learningRate: 1 } : optimizer;
}

function describe<Given extends Trial>(trial: Given, parts: OwnParts): Given {
  const { model, penalties, optimizer } = trial;
  let next = 0;
  return {
    ...trial,
    model: model.kind !== "ownModel" ? model : {
      ...model,
      name: parts.model!.definition.name,
      options: complete(model, parts.model!.definition),
    },
    penalties: penalties.map((penalty) => {
      if (penalty.kind !== "ownPenalty") return penalty;
      const { definition } = parts.penalties[next++];
      const { name, formula } = definition;
      return { ...penalty, name, formula, options: complete(penalty, definition) };
    }),
    optimizer: optimizer.kind !== "ownOptimizer" ? optimizer : {
      ...optimizer,
      name: parts.optimizer!.definition.name,
      formula: parts.optimizer!.definition.formula,
      slots: [...parts.optimizer!.definition.slots],
      options: complete(optimizer, parts.optimizer!.definition),
    },
  };
}

/** The parts with the options that were filled in. */
function withOptions({ penalties }: Trial, parts: OwnParts): OwnParts {
  const complete = penalties.filter((penalty) => penalty.kind === "ownPenalty");
  return {
    ...parts,
    penalties: parts.penalties.map((part, index) => ({ ...part, specification: complete[index] })),
  };
}

function complete(
  part: { module: string; options: JsonObject },
  { defaults = {} }: { defaults?: JsonObject },
): JsonObject {
  return ownOptions(part.module, defaults, part.options);
}

/** A few steps of a model: what own penalties do alone, without a gradient of the loss, and an own optimizer. */
function tryOut(trial: Trial, parts: OwnParts): void {
  const { model: specification, penalties, optimizer, training = wholeModel } = trial;
  const context = { vocabularySize, seed: 0, fold: "trial", own: parts.model };
  const model = createAnyModel(specification, context);
  try {
    const { parameters } = createTuning(training, model, { seed: 0, purpose: "trial" }).trained;
    const descriptions = parameters.map(({ description }) => description);
    const all = penaltiesWith(optimizer, penalties);
    const effects = effectsByStep(all, descriptions);
    rulesOf(optimizer, descriptions);
    const startOf = startingWeights(all, parameters);
    if (specification.kind === "ownModel") tryTerms(model, lossTermsOf(penalties));
    const create = () =>
      createOptimizer(optimizer, parameters, effects, null, parts.optimizer, startOf);
    if (optimizer.kind === "ownOptimizer") tryOptimizer(optimizer, parameters, create);
    if (parts.penalties.length === 0) return;
    const own = ownPenalties(parts.penalties, parameters);
    const acting = own.actOn(create());
    own.value(1);
    const gradients = descriptions.map(({ shape }) => tf.zeros([...shape]));
    acting.step(gradients, optimizer.learningRate);
    const before = tf.memory().numTensors;
    acting.step(gradients, optimizer.learningRate);
    const left = tf.memory().numTensors - before;
    tf.dispose(gradients);
    acting.dispose();
    if (left > 0) {
      const modules = parts.penalties.map(({ specification: { module } }) => module).join(", ");
      throw new Error(`${modules} must leave no tensor behind, found ${left} kept after a step.`);
    }
  } finally {
    model.dispose();
  }
}

/** Steps in which an own optimizer is tried: of the second its slots are no zeros any more. */
const triedSteps = 3;

/** Does the same steps twice, from the same weights, with gradients of which some are always 0. */
function tryOptimizer(
  { module, learningRate }: OwnOptimizerSpecification,
  parameters: readonly ModelParameter[],
  create: () => Optimizer,
): void {
  const initial = parameters.map(({ variable }) =>
    Float32Array.from(variable.dataSync() as Float32Array)
  );
  const outcomes = [1, 2].map(() => {
    const optimizer = create();
    const stream = randomStream(0, "trial", "gradients");
    for (let step = 1; step <= triedSteps; step++) {
      const gradients = parameters.map(({ variable: { shape, size } }) =>
        tf.tensor(
          Float32Array.from({ length: size }, (_, i) => i % 3 === 0 ? 0 : stream.normal()),
          shape,
        )
      );
      optimizer.step(gradients, learningRate);
      tf.dispose(gradients);
    }
    const weights = parameters.map(({ variable }, index) => {
      const values = Float32Array.from(variable.dataSync() as Float32Array);
      tf.tidy(() => variable.assign(tf.tensor(initial[index], variable.shape)));
      return values;
    });
    const { values } = optimizer.state();
    optimizer.dispose();
    return [...weights, ...Object.values(values)];
  });
  const [first, second] = outcomes;
  const same = first.every((values, index) =>
    values.every((value, at) => Object.is(value, second[index][at]))
  );
  if (same) return;
  throw new Error(
    `${module} must make the same steps of the same gradients, found others when they were repeated: ` +
      `its update may depend on its arguments only.`,
  );
}

/** A training loss with the terms that a step adds to it, which may need what the user's model lacks. */
function tryTerms(model: Model, terms: LossTerms | null): void {
  const inputs = Int32Array.of(1, 2);
  const batch = { inputs, targets: inputs, time: 2, batch: 1, tokens: 2 };
  tf.tidy(() => model.loss(batch, randomStream(0, "trial"), terms));
}
