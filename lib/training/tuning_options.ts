import { checkNumber, checkObject, checkOneOf, checkText, show } from "../core/check.ts";
import {
  checkOptions,
  integer,
  nested,
  number,
  oneOf,
  option,
  orAbsent,
  orNotGiven,
  orNull,
} from "../core/options.ts";
import { fanInUniform, type Initializer, validateInitializer } from "../models/initializers.ts";
import {
  defaultTargets,
  type ParameterDescription,
  type ParameterKind,
  parameterKinds,
} from "../penalties/penalty.ts";

/**
 * Some of a model's parameters: those that every list names that is given.
 *
 * In layers and names `*` stands for any characters but `/`: `block*` for all blocks.
 */
export interface ParameterSelection {
  /** Kinds, such as `embedding`. */
  readonly kinds?: readonly ParameterKind[];
  /** Layers, such as `embedding` or `block0`. */
  readonly layers?: readonly string[];
  /** Whole names, such as `block0/attention/kernel`. */
  readonly names?: readonly string[];
}

/**
 * Low-rank adapters (LoRA, Hu et al. 2021): W = W₀ + (α/r) A B for each adapted kernel [inputs, outputs],
 * A [inputs, r] drawn, B [r, outputs] 0 at the beginning; A and B are trained and W₀ is not.
 */
export interface AdapterSpecification extends ParameterSelection {
  /**
   * r, from 1, below both extents of each adapted kernel. PEFT's default.
   *
   * @default {8}
   */
  readonly rank: number;
  /**
   * α of the scale α/r, above 0. PEFT's default.
   *
   * @default {8}
   */
  readonly alpha: number;
  /**
   * Kinds of parameters that are adapted, each of two extents.
   *
   * @default {["kernel", "recurrentKernel"]}
   */
  readonly kinds: readonly ParameterKind[];
  /**
   * What A begins with; uniform ±1/√inputs as in PEFT, the paper's is `normal`.
   *
   * @default {fanInUniform()}
   */
  readonly initializer: Initializer;
  /**
   * Whether the parameters without adapters stay as they are, or are trained as well (but for those of
   * `training.frozen`).
   *
   * @default {"frozen"}
   */
  readonly others: "frozen" | "trained";
}

/** What `training.adapters` takes: everything may be left out. */
export type AdapterOptions = Partial<AdapterSpecification>;

/**
 * What the learning rate of some parameters is multiplied by (discriminative fine-tuning, Howard and Ruder
 * 2018): of the step and of decoupled decay, which is a share of η.
 */
export interface LearningRateFactors {
  /**
   * Factor from one block to the one before it, above 0 and at most 1: the output layer and what stands
   * outside of the blocks have the whole rate, the last block has this share of it, the one before it the
   * square of the share, the embeddings one power more than the first block. Howard and Ruder's is 1/2.6.
   */
  readonly perBlock?: number;
  /** Factors of layers, such as `{ block0: 0.1, embedding: 0.01 }`, above 0, in place of `perBlock`'s. */
  readonly layers?: { readonly [layer: string]: number };
}

/** What of a training says which parameters change, and how fast. */
export interface TuningSpecification {
  /**
   * Parameters that stay as they begin: they have no gradient, no memory of the optimizer, no penalty, and no
   * place in checkpoints. A parameter is frozen that one of the selections names.
   *
   * @default {[]}
   */
  readonly frozen: readonly ParameterSelection[];
  /**
   * Low-rank adapters in place of the kernels themselves (LoRA, Hu et al. 2021). Null for none.
   *
   * @default {null}
   */
  readonly adapters: AdapterSpecification | null;
  /**
   * Factors of the learning rate by layer. Null for none.
   *
   * @default {null}
   */
  readonly learningRateFactors: LearningRateFactors | null;
}

/** All of a model at one learning rate. */
export const wholeModel: TuningSpecification = {
  frozen: [],
  adapters: null,
  learningRateFactors: null,
};

const kinds = option((name: string, value: unknown): readonly ParameterKind[] => {
  const list = listOf(name, value, "kinds of parameters");
  for (const kind of list) checkOneOf(name, kind, parameterKinds);
  return parameterKinds.filter((kind) => list.includes(kind));
});

const texts = (what: string) =>
  option((name: string, value: unknown): readonly string[] => {
    const list = listOf(name, value, what);
    return list.map((each) => checkText(name, each)).toSorted();
  });

const selection = {
  kinds: orAbsent(kinds),
  layers: orAbsent(texts("layers")),
  names: orAbsent(texts("names of parameters")),
};

/** What {@link AdapterSpecification} holds. */
export const adapterOptions = {
  rank: integer({ from: 1 }, 8),
  alpha: number({ above: 0 }, 8),
  ...selection,
  kinds: { ...kinds, byDefault: () => defaultTargets },
  initializer: option(validateInitializer, fanInUniform()),
  others: oneOf<AdapterSpecification["others"]>(["frozen", "trained"], "frozen"),
};

/** Options of a training that {@link TuningSpecification} holds. */
export const tuningOptions = {
  frozen: orNotGiven(option((name, value): readonly ParameterSelection[] => {
    if (!Array.isArray(value)) {
      throw new TypeError(
        `${name} must be a list of selections such as { layers: ["embedding"] }, found ${
          show(value)
        }.`,
      );
    }
    return value.map((each, index) => checkSelection(`${name}[${index}]`, each));
  }, [])),
  adapters: orNull(nested(adapterOptions)),
  learningRateFactors: orNull(option(checkFactors)),
};

function checkSelection(name: string, given: unknown): ParameterSelection {
  const checked = checkOptions(name, given, selection, ".");
  if (Object.keys(checked).length > 0) return checked as ParameterSelection;
  throw new RangeError(
    `${name} must name kinds, layers or names, found none: everything would be frozen.`,
  );
}

function checkFactors(name: string, given: unknown): LearningRateFactors {
  const checked = checkOptions(name, given, {
    perBlock: orAbsent(number({ above: 0, to: 1 })),
    layers: orAbsent(option((name, value): { readonly [layer: string]: number } => {
      checkObject(name, value);
      const entries = Object.entries(value);
      if (entries.length === 0) throw new RangeError(`${name} must name a layer, found none.`);
      return Object.fromEntries(
        entries.map(([layer, factor]) => [
          layer,
          checkNumber(`${name}.${layer}`, factor, { above: 0 }),
        ]),
      );
    })),
  }, ".") as LearningRateFactors;
  if (Object.keys(checked).length > 0) return checked;
  throw new RangeError(`${name} must have perBlock or layers, found neither.`);
}

function listOf(name: string, value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`${name} must be a non-empty list of ${what}, found ${show(value)}.`);
  }
  if (new Set(value).size === value.length) return value;
  throw new RangeError(`${name} must name each once, found ${show(value)}.`);
}

/** Refuses options of a training that contradict each other. */
export function checkTuning({ frozen, adapters }: TuningSpecification): void {
  if (frozen.length === 0 || adapters === null || adapters.others === "trained") return;
  throw new RangeError(
    `Cannot combine training.frozen and training.adapters: beside adapters everything else is frozen. ` +
      `Leave frozen out, or give adapters others "trained".`,
  );
}

/** Whether a training changes all of its model, and nothing else. */
export function trainsAll(
  { frozen, adapters }: Pick<TuningSpecification, "frozen" | "adapters">,
): boolean {
  return frozen.length === 0 && adapters === null;
}

/** Which parameters of a model are trained, and which have adapters. */
export interface Tuned<Parameter extends ParameterDescription> {
  /** Those that are trained themselves, in the model's order. */
  readonly trained: readonly Parameter[];
  /** Those in whose place adapters are trained. */
  readonly adapted: readonly Parameter[];
  /** All others, which stay as they are. */
  readonly frozen: readonly Parameter[];
}

/**
 * What a training does to each parameter of its model.
 *
 * @throws {RangeError} If a selection names nothing that the model has, an adapted parameter is no matrix or
 * smaller than its rank, or nothing would be trained.
 */
export function tunedParameters<Parameter extends ParameterDescription>(
  { frozen: selections, adapters }: Pick<TuningSpecification, "frozen" | "adapters">,
  parameters: readonly Parameter[],
): Tuned<Parameter> {
  // Of a model of the user's own nothing is known before it is built.
  if (parameters.length === 0) return { trained: [], adapted: [], frozen: [] };
  selections.forEach((each, index) => checkSelects(`training.frozen[${index}]`, each, parameters));
  const isNamed = (parameter: Parameter) => selections.some((each) => selects(each, parameter));
  const isFrozen = (parameter: Parameter) => isNamed(parameter) || adapters?.others === "frozen";
  const adapted = adapters === null
    ? []
    : parameters.filter((each) => selects(adapters, each) && !isNamed(each));
  if (adapters !== null) checkAdapted(adapters, parameters, adapted);
  const others = parameters.filter((each) => !adapted.includes(each));
  const tuned = {
    trained: others.filter((each) => !isFrozen(each)),
    adapted,
    frozen: others.filter(isFrozen),
  };
  if (tuned.trained.length + adapted.length > 0) return tuned;
  throw new RangeError(
    `training.frozen must leave something to be trained, found selections of all ` +
      `${parameters.length} parameters. Freeze fewer, or give the model adapters.`,
  );
}

function checkAdapted(
  adapters: AdapterSpecification,
  parameters: readonly ParameterDescription[],
  adapted: readonly ParameterDescription[],
): void {
  checkSelects("training.adapters", adapters, parameters);
  if (adapted.length === 0) {
    throw new RangeError(
      `training.adapters must name a parameter that is not frozen, found none: training.frozen names them all.`,
    );
  }
  const vector = adapted.find(({ shape }) => shape.length !== 2);
  if (vector !== undefined) {
    throw new RangeError(
      `training.adapters needs parameters of two extents, found ${vector.name} of shape ` +
        `[${vector.shape.join(", ")}].`,
    );
  }
  const small = adapted.find(({ shape }) => adapters.rank >= Math.min(...shape));
  if (small === undefined) return;
  throw new RangeError(
    `training.adapters: rank must be below both extents of ${small.name}, ` +
      `[${
        small.shape.join(", ")
      }], found ${adapters.rank}. Take a lower rank, or leave it out by names.`,
  );
}

/** Whether a selection names a parameter. */
export function selects(
  { kinds, layers, names }: ParameterSelection,
  { kind, layer, name }: ParameterDescription,
): boolean {
  return (kinds?.includes(kind) ?? true) &&
    (layers?.some((pattern) => matches(pattern, layer)) ?? true) &&
    (names?.some((pattern) => matches(pattern, name)) ?? true);
}

function matches(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w/]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`, "u").test(text);
}

/** Refuses what names nothing, with what there is. */
function checkSelects(
  subject: string,
  selection: ParameterSelection,
  parameters: readonly ParameterDescription[],
): void {
  const known: readonly [keyof ParameterSelection, string[]][] = [
    ["kinds", parameters.map(({ kind }) => kind)],
    ["layers", parameters.map(({ layer }) => layer)],
    ["names", parameters.map(({ name }) => name)],
  ];
  for (const [list, all] of known) {
    if (list === "kinds" && subject === "training.adapters") continue;
    const lost = selection[list]?.find((pattern) => !all.some((each) => matches(pattern, each)));
    if (lost === undefined) continue;
    throw new RangeError(
      `${subject}.${list} must be among those of the model, ${
        [...new Set(all)].join(", ")
      }, found ` +
        `${show(lost)}.`,
    );
  }
  if (parameters.some((each) => selects(selection, each))) return;
  throw new RangeError(`${subject} must name a parameter, found none of all its lists.`);
}

/**
 * What the learning rate of each parameter is multiplied by.
 *
 * @throws {RangeError} If a layer is none of the model's, or there are no blocks to count.
 */
export function rateFactorsOf(
  factors: LearningRateFactors | null,
  parameters: readonly ParameterDescription[],
): number[] {
  if (factors === null) return parameters.map(() => 1);
  const { perBlock = 1, layers = {} } = factors;
  const known = new Set(parameters.map(({ layer }) => layer));
  const lost = Object.keys(layers).find((layer) => !known.has(layer));
  if (lost !== undefined) {
    throw new RangeError(
      `training.learningRateFactors.layers must be among those of the model, ` +
        `${[...known].join(", ")}, found ${show(lost)}.`,
    );
  }
  const last = Math.max(...parameters.map(({ layer }) => blockOf(layer) ?? -1));
  if (factors.perBlock !== undefined && last < 0) {
    throw new RangeError(
      `training.learningRateFactors.perBlock needs numbered layers such as gru0 or block0, found ` +
        `${[...known].join(", ")}.`,
    );
  }
  const embeddings = new Set(
    parameters.filter(({ kind }) => kind === "embedding").map(({ layer }) => layer),
  );
  return parameters.map(({ layer }) => {
    if (Object.hasOwn(layers, layer)) return layers[layer];
    const block = blockOf(layer) ?? (embeddings.has(layer) ? -1 : last + 1);
    return perBlock ** (last + 1 - block);
  });
}

/** The number of a layer among those of its name, from 0; undefined of one that has none. */
function blockOf(layer: string): number | undefined {
  const digits = layer.match(/\d+/)?.[0];
  return digits === undefined ? undefined : Number(digits);
}
