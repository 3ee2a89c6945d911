import { show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { complete } from "../core/left_out.ts";
import { release } from "../core/release.ts";
import { needed } from "../core/outside_trouble.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { setValues } from "../engine/kernels.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import type { Counterpart } from "../models/kind.ts";
import { type AnyModelSpecification, modelKindOf } from "../models/kinds.ts";
import { inTokenOrder, tokenAxes, type TokenAxis } from "../models/token_axes.ts";
import { exampleNames } from "../models/pytorch_weights.ts";
import { transposed } from "../models/transposed.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { FoldIndex, RunRecord } from "../records/run_record.ts";
import { checkTokensOf, type RowOrder, rowOrder } from "./initial_rows.ts";
import type { InitialWeights } from "./initial_weights_options.ts";
import { modelOfFolder } from "./pretrained_model.ts";
import { type OpenedWeights, openInitialWeights } from "./open_initial_weights.ts";
import { isPairSpecification, type Specification } from "./specification.ts";
import type { Task } from "./task.ts";

/** Names and shapes of parameters, without extents of tokens where these are not known. */
type Described = readonly Pick<ParameterDescription, "name" | "shape">[];
type Axes = ReadonlyMap<string, TokenAxis>;

/**
 * A task whose model has the weights that its specification names; as it is where that names none.
 *
 * @throws {Error} As {@link useInitialWeights}; then the model is freed.
 */
export async function withInitialWeights(
  task: Task,
  specification: Specification,
  fold: FoldIndex,
): Promise<Task> {
  try {
    const initialRows = await useInitialWeights(task, specification, fold);
    return initialRows === null ? task : { ...task, initialRows };
  } catch (error) {
    task.model.dispose();
    throw error;
  }
}

/**
 * Puts the weights that a specification names into the model of its task.
 *
 * They are read again wherever a run begins or goes on, so that no checkpoint needs to have them.
 *
 * @param task The model of a run, whose own weights are overwritten, all of them, and tokens.
 * @returns What the record says of their rows; null where the specification names none.
 * @throws {OutsideTrouble} If they are not there or have another SHA-256.
 * @throws {RangeError | SyntaxError} If they are those of another model or of other tokens, or hold NaN; the
 * message names file and tensor.
 */
export async function useInitialWeights(
  { model, vocabularies }: Pick<Task, "model" | "vocabularies">,
  specification: Specification,
  fold: FoldIndex,
): Promise<RunRecord["initialRows"] | null> {
  const { initialWeights } = specification;
  if (initialWeights === undefined) return null;
  using opened = await needed(() => openInitialWeights(initialWeights, fold));
  const descriptions = model.parameters.map(({ description }) => description);
  const axes = axesOf(specification.model);
  const places = placesIn(opened, specification.model, descriptions, axes);
  const orders = new Map<TokenAxis["side"], RowOrder>();
  const orderOf = (side: TokenAxis["side"]) => {
    const known = orders.get(side) ?? rowOrder(opened, specification, vocabularies, side);
    orders.set(side, known);
    return known;
  };
  for (const [index, { variable, description }] of model.parameters.entries()) {
    const { shape, values } = readPlace(opened, places[index]);
    const axis = axes.get(description.name);
    let ours = values;
    if (axis !== undefined) {
      const order = orderOf(axis.side);
      refuseOtherCount(opened, places[index], shape[axis.axis], order.known, initialWeights);
      ours = inTokenOrder(values, shape, axis.axis, order);
      if (ours !== values) release(values);
    }
    setValues(variable, ours);
    release(ours);
  }
  return rowsOf([...orders.values()]);
}

function rowsOf(orders: readonly RowOrder[]): RunRecord["initialRows"] {
  const count = (of: (order: RowOrder) => number) =>
    orders.reduce((sum, order) => sum + of(order), 0);
  const found = ({ rows }: RowOrder) => rows.reduce((sum, row) => sum + Number(row !== -1), 0);
  return {
    ofMean: count((order) => order.rows.length - found(order)),
    leftOut: count((order) => order.known - found(order)),
  };
}

/**
 * Refuses weights that a specification's model cannot begin with, before anything is trained: other names,
 * shapes or settings, another number of tokens than the tokenizer's file has, NaN.
 *
 * @throws {Error} As {@link useInitialWeights} would, but for what depends on the vocabulary of a fold.
 */
export async function checkInitialWeights(
  specification: Specification,
  folds: readonly FoldIndex[],
  project?: string,
): Promise<void> {
  const { initialWeights, model } = specification;
  if (initialWeights === undefined) return;
  if (!isPairSpecification(specification)) await readyTokenizer(specification.tokenizer);
  // Of a file or folder one fold stands for all.
  for (const fold of "from" in initialWeights ? folds : folds.slice(0, 1)) {
    using opened = openInitialWeights(initialWeights, fold, project);
    if (model.kind === "ownModel") return;
    const axes = axesOf(model);
    const places = placesIn(opened, model, describeParameters(model, anySizes), axes);
    const known = axes.size === 0 ? null : checkTokensOf(opened, specification);
    for (const place of places) {
      const { shape, values } = readPlace(opened, place);
      release(values);
      const axis = axes.get(place.ours);
      if (axis === undefined || known === null) continue;
      refuseOtherCount(opened, place, shape[axis.axis], known, initialWeights);
    }
  }
}

const anySizes = { vocabularySize: 7, sourceVocabularySize: 7 };

function axesOf(model: AnyModelSpecification): Axes {
  return model.kind === "ownModel" ? new Map() : tokenAxes(model);
}

/** Where each parameter stands, in the order of the model. */
function placesIn(
  opened: OpenedWeights,
  model: AnyModelSpecification,
  descriptions: Described,
  axes: Axes,
): readonly Counterpart[] {
  if (opened.config !== null) refuseOtherModel(opened.called, opened.config, model);
  const problems: string[] = [];
  for (const candidate of candidates(opened, model, descriptions)) {
    const problem = problemOf(opened, candidate, descriptions, axes);
    if (problem === null) return candidate.places;
    problems.push(problem);
  }
  throw new RangeError(`initialWeights: ${problems[0]}`);
}

/** Names under which the parameters may stand in a file, in the order of the model. */
interface Candidate {
  readonly places: readonly Counterpart[];
  /** Whether a tensor may be there that is no parameter. */
  isNone(name: string): boolean;
}

/** What the names of a file may be, the likeliest first. */
function* candidates(
  { tensors, metadata, config }: OpenedWeights,
  model: AnyModelSpecification,
  descriptions: Described,
): Generator<Candidate> {
  const own = {
    places: descriptions.map(({ name }) => ({ ours: name, theirs: [name] })),
    isNone: (name: string) => /^snapshot\d+\/|\/adapter\w$/.test(name),
  };
  const isOurs = metadata.specification !== undefined ||
    own.places.some(({ ours }) => tensors.has(ours));
  if (isOurs && config === null) return yield own;
  const { huggingFace, counterparts } = modelKindOf(model);
  const whole = complete(model);
  const named = (places: readonly Counterpart[], name: (theirs: string) => string) =>
    descriptions.map(({ name: ours }) => {
      const place = places.find((each) => each.ours === ours)!;
      return { ...place, theirs: place.theirs.map(name) };
    });
  if (huggingFace !== undefined) {
    const { prefix } = huggingFace;
    const isBase = ![...tensors.keys()].some((name) => name.startsWith(prefix));
    yield {
      places: named(
        huggingFace.tensors(whole),
        (name) => isBase && name.startsWith(prefix) ? name.slice(prefix.length) : name,
      ),
      isNone: (name) =>
        huggingFace.isNoParameter(whole, isBase ? `${prefix}${name}` : name) ||
        huggingFace.isNoParameter(whole, name),
    };
  }
  if (config !== null) return;
  const places = counterparts?.(whole, exampleNames) ?? null;
  if (places === null) return yield own;
  const compiled = [...tensors.keys()].some((name) => name.startsWith("_orig_mod."));
  yield {
    places: named(places, (name) => compiled ? `_orig_mod.${name}` : name),
    isNone: () => true,
  };
}

/** What keeps a model from beginning with tensors; null where nothing does. */
function problemOf(
  { called, tensors }: OpenedWeights,
  { places, isNone }: Candidate,
  descriptions: Described,
  axes: Axes,
): string | null {
  for (const [index, { name, shape }] of descriptions.entries()) {
    for (const theirs of places[index].theirs) {
      const tensor = tensors.get(theirs);
      if (tensor === undefined) {
        return `${called}: tensor ${show(theirs)} is missing, which is ${name} of the model.`;
      }
      const wanted = shape.map((extent, axis) =>
        axes.get(name)?.axis === axis ? "tokens" : String(extent)
      );
      if (places[index].transposed) wanted.reverse();
      const fits = tensor.shape.length === wanted.length &&
        tensor.shape.every((extent, axis) =>
          wanted[axis] === "tokens" || wanted[axis] === String(extent)
        );
      if (!fits) {
        return `${called}: tensor ${show(theirs)} must have shape [${wanted.join(", ")}] to be ` +
          `${name} of the model, found [${tensor.shape.join(", ")}].`;
      }
    }
  }
  const used = new Set(places.flatMap(({ theirs }) => theirs));
  const other = [...tensors.keys()].find((name) => !used.has(name) && !isNone(name));
  return other === undefined ? null : `${called}: tensor ${show(other)} is none of the model's.`;
}

/** Numbers of a parameter as the file has them, in our shape. */
function readPlace(
  { read, tensors }: OpenedWeights,
  { theirs: [first, ...others], transposed: turned }: Counterpart,
): { readonly shape: readonly number[]; readonly values: Float32Array } {
  const values = read(first);
  for (const other of others) {
    const more = read(other);
    for (let i = 0; i < values.length; i++) values[i] += more[i];
    release(more);
  }
  const { shape } = tensors.get(first)!;
  if (!turned) return { shape, values };
  const [rows, columns] = shape;
  const turnedValues = transposed(values, rows, columns);
  release(values);
  return { shape: [columns, rows], values: turnedValues };
}

function refuseOtherCount(
  { called }: OpenedWeights,
  { theirs: [tensor] }: Counterpart,
  found: number,
  tokens: number,
  given: InitialWeights,
): void {
  if (found === tokens) return;
  if (found > tokens && "unusedRows" in given && given.unusedRows === "leaveOut") return;
  throw new RangeError(
    `initialWeights: ${called}: tensor ${
      show(tensor)
    } has ${found} tokens, its tokenizer ${tokens}. ` +
      (found > tokens
        ? `Rows that are no token's are left out with unusedRows: "leaveOut".`
        : "They do not belong together."),
  );
}

/** Refuses a folder whose config.json describes another model, whatever the shapes of its tensors say. */
function refuseOtherModel(called: string, config: JsonObject, model: AnyModelSpecification): void {
  const theirs = complete(modelOfFolder(called, config)) as unknown as Options;
  const own = complete(model) as unknown as Options;
  const named = theirs.kind === own.kind ? modelKindOf(model).huggingFace?.fromConfig(config) : {};
  const stated = ["kind", ...Object.keys(named ?? {})];
  for (const option of stated) {
    // Windows may be shorter than those that the model could read.
    if (option === "blockSize" || own[option] === theirs[option]) continue;
    throw new RangeError(
      `initialWeights: ${called}/config.json is of a model with ${option} ${
        show(theirs[option])
      }, the ` +
        `specification's has ${show(own[option])}.`,
    );
  }
}

type Options = { readonly [option: string]: unknown };
