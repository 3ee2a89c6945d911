/**
 * A step of an optimizer of the user's own: its update between what penalties and clipping do for every
 * optimizer. It is TypeScript on every engine, so all engines have the same bits.
 *
 * @module
 */
import { show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { type EffectCoefficients, finalGradient, finalWeight } from "./_step.ts";
import type { OwnOptimizerPart, OwnOptimizerStep } from "./define_optimizer.ts";
import type { Rule, Step } from "./kind.ts";

const { fround } = Math;

/** The rule of each parameter; without the definition they make no step. */
export function ownRules(
  { module, slots, options }: {
    readonly module: string;
    readonly slots?: readonly string[];
    readonly options: JsonObject;
  },
  parameters: readonly ParameterDescription[],
  own?: OwnOptimizerPart,
): readonly Rule[] {
  const names: readonly string[] = slots ?? own?.definition.slots ?? [];
  const scratch = createScratch();
  return parameters.map((parameter): Rule => ({
    slots: names,
    rateFactor: 1,
    step(learningRate, step) {
      if (own === undefined) throw new Error(`The module ${module} was not loaded.`);
      return ownStep(own, names, { learningRate, step, options, parameter }, scratch);
    },
  }));
}

/** Arrays by the names of their slots; another name is refused where it is read or written. */
function named(names: readonly string[], arrays: readonly Float32Array[]) {
  const slots: { [name: string]: Float32Array } = Object.create(undeclared(names));
  names.forEach((name, index) => slots[name] = arrays[index]);
  return slots;
}

/** What stands in the slots' prototype, so that those that there are cost nothing. */
function undeclared(names: readonly string[]): object {
  const refuse = (key: string | symbol) => {
    if (typeof key === "symbol" || key in Object.prototype || key === "toJSON") return;
    throw new TypeError(
      `slots has no ${
        show(key)
      }: what is remembered must be named in the definition's slots, which are ` +
        `${show(names)}.`,
    );
  };
  return new Proxy({}, {
    get(target, key) {
      refuse(key);
      return Reflect.get(target, key);
    },
    set(target, key, value, receiver) {
      if (typeof key === "string" && names.includes(key)) {
        return Reflect.defineProperty(receiver, key, { value, enumerable: true, writable: true });
      }
      refuse(key);
      return Reflect.set(target, key, value);
    },
  });
}

/** Arrays that all parameters take in turn, as long as the longest. */
function createScratch() {
  let values = new Float32Array(0);
  let sizes = new Float64Array(0);
  return {
    /** Of the gradient, which becomes the update. */
    values(length: number): Float32Array {
      if (values.length < length) values = new Float32Array(length);
      return values.subarray(0, length);
    },
    /** Of the sizes of the step. */
    sizes(length: number): Float64Array {
      if (sizes.length < length) sizes = new Float64Array(length);
      return sizes.subarray(0, length);
    },
  };
}

function ownStep(
  { definition, call }: OwnOptimizerPart,
  names: readonly string[],
  known: Omit<OwnOptimizerStep<unknown, string>, "slots">,
  scratch: ReturnType<typeof createScratch>,
): Step {
  const { learningRate, step, parameter: { name } } = known;
  const { size } = definition;
  const writeSizes = (sizes: Float64Array, slots: readonly Float32Array[]) =>
    call("its size", () => {
      checkNothing("size", size!(sizes, { ...known, slots: named(names, slots) }));
      for (let i = 0; i < sizes.length; i++) {
        if (sizes[i] > 0 && sizes[i] < Infinity) continue;
        throw new RangeError(
          `size must write finite numbers above 0, found ${sizes[i]} in ${name} at step ${step}.`,
        );
      }
    });
  return {
    // Nothing moves at a rate of 0, and no size is asked for.
    size: size === undefined || learningRate === 0 ? 0 : 1,
    perWeight: true,
    coefficients: new Float32Array(0),
    update(weights, gradient, slots, effects) {
      const update = scratch.values(weights.length);
      writeFinalGradient(update, gradient, weights, effects);
      const finite = areFinite(update) && areFinite(weights);
      // What a definition does to the weights it does in the first step too.
      const before = step === 1 ? Float32Array.from(weights) : null;
      call("its update", () => {
        const context = { ...known, slots: named(names, slots), weights };
        checkNothing("update", definition.update(update, context));
        checkLengths([update, ...slots], weights.length);
        if (before?.some((weight, index) => !Object.is(weight, weights[index]))) {
          throw new RangeError(
            `update must leave the weights as they are and write what is to be taken from them over ` +
              `the gradient, found other weights in ${name}.`,
          );
        }
        if (finite && !areFinite(update)) {
          throw new RangeError(
            `update must be finite where gradient and weights are, found NaN or infinity in ${name} ` +
              `at step ${step}.`,
          );
        }
      });
      const mapped = effects.proximalL1 !== 0 || effects.proximalL2 !== 0;
      const sizes = effects.perWeight && mapped ? scratch.sizes(weights.length) : null;
      if (sizes !== null) writeSizes(sizes, slots);
      writeFinalWeights(weights, update, sizes, effects);
    },
    writeSizes,
  };
}

function writeFinalGradient(
  result: Float32Array,
  gradient: Float32Array,
  weights: Float32Array,
  effects: EffectCoefficients,
): void {
  for (let i = 0; i < result.length; i++) {
    result[i] = finalGradient(gradient[i], weights[i], effects);
  }
}

function writeFinalWeights(
  weights: Float32Array,
  update: Float32Array,
  sizes: Float64Array | null,
  effects: EffectCoefficients,
): void {
  for (let i = 0; i < weights.length; i++) {
    const size = sizes === null ? 1 : fround(sizes[i]);
    weights[i] = finalWeight(weights[i], update[i], size, effects, i);
  }
}

/** Refuses what a function gives back that is to change its arguments. */
function checkNothing(name: string, found: unknown): void {
  if (found === undefined) return;
  throw new TypeError(
    `${name} must change what it is given in place and return nothing, found ${inKind(found)}.`,
  );
}

/** What kind of thing a value is: its numbers would say nothing. */
function inKind(value: unknown): string {
  if (value instanceof Promise) return "a promise: it must not be async";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (ArrayBuffer.isView(value)) {
    return `a ${value.constructor.name} of ${(value as Float32Array).length}`;
  }
  return show(value);
}

function checkLengths(arrays: readonly Float32Array[], length: number): void {
  const other = arrays.find((array) => array.length !== length);
  if (other === undefined) return;
  throw new RangeError(
    `update must leave its arrays as long as they are, ${length}, found one of ${other.length}.`,
  );
}

function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
