import * as tf from "@tensorflow/tfjs";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { ownOptions } from "../core/own_options.ts";
import { useEngine } from "../engine/engine.ts";
import { createAnyModel } from "../models/create.ts";
import { createOptimizer } from "../optimizers/create.ts";
import { effectsByStep } from "../penalties/targets.ts";
import { penaltiesWith, rulesOf } from "../optimizers/optimizer.ts";
import { loadOwnParts, type OwnParts, ownPenalties } from "./own_parts.ts";
import type { Specification } from "./specification.ts";

/** What of a specification modules of the user's own may define. */
export type Trial = Pick<Specification, "model" | "penalties" | "optimizer">;

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
    const key = canonicalJson({ ...described, penalties: described.penalties.map(anyStrength) });
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

function describe<Given extends Trial>(trial: Given, parts: OwnParts): Given {
  const { model, penalties } = trial;
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

/** One step of a model without a gradient of the loss: what penalties do alone. */
function tryOut({ model: specification, penalties, optimizer }: Trial, parts: OwnParts): void {
  const context = { vocabularySize, seed: 0, fold: "trial", own: parts.model };
  const model = createAnyModel(specification, context);
  try {
    const descriptions = model.parameters.map(({ description }) => description);
    const effects = effectsByStep(penaltiesWith(optimizer, penalties), descriptions);
    rulesOf(optimizer, descriptions);
    if (parts.penalties.length === 0) return;
    const own = ownPenalties(parts.penalties, model.parameters);
    const acting = own.actOn(createOptimizer(optimizer, model.parameters, effects, null));
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
