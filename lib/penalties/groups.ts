import { oneOf } from "../core/options.ts";

/**
 * How the weights of one parameter are grouped. A parameter is a matrix [inputs, outputs]; a bias is a
 * matrix of one row, further leading extents count as rows.
 *
 * - `tensor`: all weights are one group;
 * - `row`: a group is what leaves one input (a row; of an embedding, one token's vector);
 * - `column`: a group is what enters one output (a column; of a GRU, one gate of one unit);
 * - `unit`: a group is what enters one unit, through all its gates: of a GRU with H units the columns
 *   j, H + j and 2H + j, of an LSTM four, of other layers one. A unit's kernel and its recurrent kernel
 *   are two groups, because groups do not span parameters.
 */
export type Grouping = "tensor" | "row" | "column" | "unit";

/**
 * What a group's norm is multiplied by besides λ: the root of its number of weights, so that large
 * groups are not favoured (Yuan and Lin 2006), or nothing.
 */
export type GroupWeighting = "squareRootOfSize" | "none";

/** Groups of one parameter. */
export interface Groups {
  /** What a group is. */
  readonly by: Grouping;
  /** What multiplies its norm. */
  readonly weighting: GroupWeighting;
  /** Rows of the parameter as a matrix. */
  readonly rows: number;
  /** Columns of the parameter as a matrix. */
  readonly columns: number;
  /** Columns of one unit: 3 of a GRU, 4 of an LSTM, 1 of most. */
  readonly gates: number;
}

/** What a group is. */
export const grouping = oneOf<Grouping>(["tensor", "row", "column", "unit"]);

/** What multiplies a group's norm. */
export const groupWeighting = oneOf<GroupWeighting>(
  ["squareRootOfSize", "none"],
  "squareRootOfSize",
);

/**
 * Groups of a parameter in its model.
 *
 * The columns of one unit are counted, not guessed from a name: a recurrent kernel [H, gates · H] says
 * how many gates the layer has.
 *
 * @param parameter The parameter.
 * @param parameters All parameters of the model, among them the recurrent kernel of the same layer.
 * @throws {RangeError} If its columns are no multiple of the layer's gates.
 */
export function groupsOf(
  { by, weighting }: Pick<Groups, "by" | "weighting">,
  parameter: GroupedParameter,
  parameters: readonly GroupedParameter[],
): Groups {
  const { rows, columns } = matrixOf(parameter);
  const recurrent = recurrentKernelOf(parameter, parameters);
  const gates = by === "unit" && recurrent !== undefined ? gatesOf(recurrent) : 1;
  if (!Number.isInteger(gates) || columns % gates !== 0) {
    throw new RangeError(
      `Cannot group ${parameter.name} by unit: its ${columns} columns must be a multiple of the ` +
        `gates of ${recurrent!.name}, whose shape is [${recurrent!.shape}].`,
    );
  }
  return { by, weighting, rows, columns, gates };
}

/** The recurrent kernel of a parameter's layer; none of an embedding's, whose columns are no gates. */
function recurrentKernelOf<Parameter extends GroupedParameter>(
  { kind, layer }: GroupedParameter,
  parameters: readonly Parameter[],
): Parameter | undefined {
  if (kind === "embedding") return undefined;
  return parameters.find((other) => other.kind === "recurrentKernel" && other.layer === layer);
}

function gatesOf(recurrentKernel: GroupedParameter): number {
  const { rows, columns } = matrixOf(recurrentKernel);
  return columns / rows;
}

/**
 * How many matrices of one width stand side by side in the columns of a parameter: what its description
 * says, else the gates of its recurrent layer, counted as for groups by unit; 1 where neither divides it.
 *
 * @param parameter The parameter.
 * @param parameters All parameters of the model.
 */
export function matricesOf(
  parameter: GroupedParameter & { readonly matrices?: number },
  parameters: readonly GroupedParameter[],
): number {
  const recurrent = recurrentKernelOf(parameter, parameters);
  const count = parameter.matrices ?? (recurrent === undefined ? 1 : gatesOf(recurrent));
  return matrixOf(parameter).columns % count === 0 && Number.isInteger(count) ? count : 1;
}

/** What {@link groupsOf} needs to know about a parameter. */
export interface GroupedParameter {
  readonly name: string;
  readonly kind: string;
  readonly layer: string;
  readonly shape: readonly number[];
}

function matrixOf({ shape }: { readonly shape: readonly number[] }) {
  const columns = shape.at(-1) ?? 1;
  return { rows: shape.slice(0, -1).reduce((product, extent) => product * extent, 1), columns };
}

/** How many groups there are, and how many weights each has. */
export function groupCounts({ by, rows, columns, gates }: Groups): { count: number; size: number } {
  switch (by) {
    case "tensor":
      return { count: 1, size: rows * columns };
    case "row":
      return { count: rows, size: columns };
    case "column":
      return { count: columns, size: rows };
    case "unit":
      return { count: columns / gates, size: rows * gates };
  }
}

/** Group of each weight, `[rows × columns]` in row-major order. */
export function groupOfEach(groups: Groups): Int32Array {
  const { by, rows, columns, gates } = groups;
  const units = columns / gates;
  const result = new Int32Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      result[i] = by === "tensor"
        ? 0
        : by === "row"
        ? row
        : by === "column"
        ? column
        : column % units;
    }
  }
  return result;
}

/** c of c ‖w‖: the root of a group's size, or 1. */
export function groupFactor(groups: Groups): number {
  return groups.weighting === "none" ? 1 : Math.sqrt(groupCounts(groups).size);
}

/** ‖w‖₂ of each group, in double precision, each summed in row-major order. */
export function groupNorms(
  groups: Groups,
  weights: Float32Array,
  groupOf: Int32Array = groupOfEach(groups),
): Float64Array {
  const sums = new Float64Array(groupCounts(groups).count);
  for (let i = 0; i < weights.length; i++) sums[groupOf[i]] += weights[i] * weights[i];
  return sums.map(Math.sqrt);
}

/** Σ c ‖w‖₂ over the groups of one parameter, in double precision. */
export function sumOfGroupNorms(groups: Groups, weights: Float32Array): number {
  const norms = groupNorms(groups, weights);
  return groupFactor(groups) * norms.reduce((sum, norm) => sum + norm, 0);
}
