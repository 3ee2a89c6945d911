import type { JsonObject } from "../core/json.ts";
import { checkOptions, type Given, orAbsent, text } from "../core/options.ts";
import {
  checkOwnModule,
  type OwnModule,
  ownModuleOptions,
  ownPartOptions,
} from "../core/own_module.ts";
import type { WithDefaults } from "../penalties/own_penalty.ts";
import type { ModelKind } from "./kind.ts";

/** A language model of the user's own, as plain JSON. */
export interface OwnModelSpecification extends OwnModule {
  /** Tells it from other models. */
  readonly kind: "ownModel";
  /** What the module calls it; a study fills it in. */
  readonly name?: string;
  /**
   * Its options; a study fills in those that are left out.
   *
   * @default {{}}
   */
  readonly options: JsonObject;
}

/** What {@link ownModel} takes; the type argument is the definition that the module exports. */
export interface OwnModelOptions<Definition extends WithDefaults = WithDefaults>
  extends Omit<Given<OwnModelSpecification, "export">, "options"> {
  /** Options of the model that differ from its defaults. */
  readonly options?: Partial<NonNullable<Definition["defaults"]>>;
}

/**
 * Specifies a model that a module of the user's project defines with `defineModel`.
 *
 * The study fills in the model's name, its options' defaults, and a hash of the module with everything
 * that it imports: other code gives other run ids, and a process or machine whose files differ refuses
 * to train.
 *
 * @param options See {@link OwnModelSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If the path leaves the project or an option is unknown.
 *
 * @example
 * ```ts
 * import { ownModel } from "./own_model.ts";
 * import assert from "node:assert/strict";
 * const model = ownModel({ module: "parts/bigram.ts", options: { size: 32 } });
 * assert.equal(model.export, "default");
 * assert.throws(() => ownModel({ module: "../bigram.ts" }), /from the project's folder/);
 * ```
 */
export function ownModel<Definition extends WithDefaults = WithDefaults>(
  options: OwnModelOptions<Definition>,
): OwnModelSpecification {
  const checked = checkOptions("ownModel", options, ownModelOptions);
  return { kind: "ownModel", ...checked, ...checkOwnModule("ownModel", checked) };
}

const ownModelOptions = {
  ...ownModuleOptions,
  name: orAbsent(text()),
  options: ownPartOptions,
};

/** What is known of {@link ownModel} without its module. */
export const ownModelKind: ModelKind<OwnModelSpecification> = {
  create: ownModel,
  options: ownModelOptions,
  name: "own model",
  formula: "see its definition",
  tex: null,
  roles: { module: "choice", code: "choice" },
  carriesState: false,
  outputs: () => 0,
};
