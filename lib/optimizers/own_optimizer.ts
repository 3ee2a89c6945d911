import type { JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { checkOptions, type Given, number, option, orAbsent, text } from "../core/options.ts";
import {
  checkOwnModule,
  type OwnModule,
  ownModuleOptions,
  ownPartOptions,
} from "../core/own_module.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import type { WithDefaults } from "../penalties/own_penalty.ts";
import { ownRules } from "./_own_step.ts";
import { checkSlots } from "./define_optimizer.ts";
import type { OptimizerKind } from "./kind.ts";

/** An optimizer of the user's own, as plain JSON. */
export interface OwnOptimizerSpecification extends OwnModule {
  /** Tells it from other optimizers. */
  readonly kind: "ownOptimizer";
  /** η, above 0. */
  readonly learningRate: number;
  /**
   * How η changes over the steps, such as `cosineSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
  /** What the module calls it; a study fills it in. */
  readonly name?: string;
  /** Its step in words; a study fills it in. */
  readonly formula?: string;
  /** What it remembers of each weight; a study fills it in. */
  readonly slots?: readonly string[];
  /** Its other options, none by default; a study fills in those that are left out. */
  readonly options: JsonObject;
}

/** What {@link ownOptimizer} takes; the type argument is the definition that the module exports. */
export interface OwnOptimizerOptions<Definition extends WithDefaults = WithDefaults>
  extends Omit<Given<OwnOptimizerSpecification, "export">, "options"> {
  /** Options of the optimizer that differ from its defaults. */
  readonly options?: Partial<NonNullable<Definition["defaults"]>>;
}

/**
 * Specifies an optimizer that a module of the user's project defines with `defineOptimizer`.
 *
 * The study fills in the optimizer's name, formula and slots, its options' defaults, and a hash of the
 * module with everything that it imports: other code gives other run ids, and a process or machine whose
 * files differ refuses to train. Penalties, clipping, schedules and averages are those of every optimizer;
 * proximal penalties need the definition's `size`.
 *
 * @param options See {@link OwnOptimizerSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If the path leaves the project or an option is refused.
 *
 * @example
 * ```ts
 * import { ownOptimizer } from "./own_optimizer.ts";
 * import assert from "node:assert/strict";
 * const optimizer = ownOptimizer({
 *   module: "parts/adam.ts",
 *   learningRate: 1e-3,
 *   options: { beta1: 0.8 },
 * });
 * assert.equal(optimizer.export, "default");
 * assert.throws(
 *   () => ownOptimizer({ module: "/etc/x.ts", learningRate: 1e-3 }),
 *   /from the project's folder/,
 * );
 * ```
 */
export function ownOptimizer<Definition extends WithDefaults = WithDefaults>(
  options: OwnOptimizerOptions<Definition>,
): OwnOptimizerSpecification {
  const checked = checkOptions("ownOptimizer", options, ownOptimizerOptions);
  const module = checkOwnModule("ownOptimizer", checked);
  return stored({ kind: "ownOptimizer", ...checked, ...module }, "optimizer");
}

const ownOptimizerOptions = {
  ...ownModuleOptions,
  name: orAbsent(text()),
  formula: orAbsent(text()),
  slots: orAbsent(option(checkSlots)),
  learningRate: number({ above: 0 }),
  schedule: scheduleOption,
  options: ownPartOptions,
};

/** What is known of {@link ownOptimizer} without its module. */
export const ownOptimizerKind: OptimizerKind<OwnOptimizerSpecification> = {
  create: ownOptimizer,
  options: ownOptimizerOptions,
  formula: ({ formula }) => typeof formula === "string" ? formula : "see its definition",
  tex: () => null,
  rules: ownRules,
};
