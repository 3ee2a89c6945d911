import { checkOneOf } from "../core/check.ts";
import { checkOptions, number, type Options } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";

/** How the weights of one parameter begin, as plain JSON. */
export type Initializer =
  | { readonly kind: "zeros" }
  | { readonly kind: "uniform"; readonly range: number }
  | { readonly kind: "triangular"; readonly range: number }
  | { readonly kind: "normal"; readonly standardDeviation: number }
  | { readonly kind: "fanInUniform" }
  | { readonly kind: "glorotUniform" }
  | { readonly kind: "orthogonal" };

const positive = number({ above: 0 });

/** Options of each kind. */
const kinds = {
  zeros: {},
  uniform: { range: positive },
  triangular: { range: positive },
  normal: { standardDeviation: positive },
  fanInUniform: {},
  glorotUniform: {},
  orthogonal: {},
};

/** All weights 0. */
export function zeros(): Initializer {
  return { kind: "zeros" };
}

/** Uniform on [−range, range). Keras's embeddings: range 0.05; PyTorch's GRU: range 1/√hiddenSize. */
export function uniform(options: { range: number }): Initializer {
  return { kind: "uniform", ...checkOptions("uniform", options, kinds.uniform) };
}

/**
 * The sum of two numbers that are uniform on ±range/2: what one bias begins with where PyTorch's LSTM
 * and RNN have two (range 2/√hiddenSize).
 */
export function triangular(options: { range: number }): Initializer {
  return { kind: "triangular", ...checkOptions("triangular", options, kinds.triangular) };
}

/**
 * Uniform on ±1/√inputs of the layer: kernel and bias of PyTorch's nn.Linear (its kaiming_uniform with
 * a = √5 comes to that). For a kernel, inputs are its rows.
 */
export function fanInUniform(): Initializer {
  return { kind: "fanInUniform" };
}

/** Normal with mean 0. GPT-2's weights: standardDeviation 0.02. */
export function normal(options: { standardDeviation: number }): Initializer {
  return { kind: "normal", ...checkOptions("normal", options, kinds.normal) };
}

/**
 * Uniform on ±√(6 / (rows + columns)) of the whole matrix, as Keras does (Glorot and Bengio 2010).
 * A matrix that holds several gates counts all their columns, as in Keras; PyTorch has no such default.
 */
export function glorotUniform(): Initializer {
  return { kind: "glorotUniform" };
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2014), of the
 * whole matrix, as Keras does for recurrent kernels.
 */
export function orthogonal(): Initializer {
  return { kind: "orthogonal" };
}

/** Checks an initializer that came as JSON. */
export function validateInitializer(name: string, json: unknown): Initializer {
  const { kind, ...options } = (json ?? {}) as { kind?: keyof typeof kinds };
  checkOneOf(`${name}.kind`, kind, Object.keys(kinds));
  return { kind, ...checkOptions(kind!, options, kinds[kind!] as Options) } as Initializer;
}

/**
 * Draws the initial weights of one parameter.
 *
 * @param initializer How to draw.
 * @param shape One or two sizes; `glorotUniform` and `orthogonal` need two.
 * @param stream Where the randomness comes from.
 * @param fanIn Inputs of the layer, for `fanInUniform` of a bias; the rows of a kernel by default.
 * @returns Row-major weights, rounded to single precision once at the end.
 */
export function initialWeights(
  initializer: Initializer,
  shape: readonly number[],
  stream: RandomStream,
  fanIn: number = shape[0],
): Float32Array {
  checkInitializerShape("initialWeights", initializer, shape);
  const size = shape.reduce((product, length) => product * length, 1);
  const draw = (next: () => number) => Float32Array.from({ length: size }, next);
  switch (initializer.kind) {
    case "zeros":
      return new Float32Array(size);
    case "uniform":
      return draw(() => (2 * stream.uniform() - 1) * initializer.range);
    case "triangular":
      return draw(() => (stream.uniform() + stream.uniform() - 1) * initializer.range);
    case "fanInUniform":
      return draw(() => (2 * stream.uniform() - 1) / Math.sqrt(fanIn));
    case "normal":
      return draw(() => stream.normal() * initializer.standardDeviation);
    case "glorotUniform": {
      const [rows, columns] = shape;
      const range = Math.sqrt(6 / (rows + columns));
      return draw(() => (2 * stream.uniform() - 1) * range);
    }
    case "orthogonal": {
      const [rows, columns] = shape;
      return orthogonalMatrix(rows, columns, stream);
    }
  }
}

/**
 * Refuses an initializer that needs a matrix for a parameter that is none.
 *
 * @throws {RangeError} Naming the parameter, the initializer and the shape.
 */
export function checkInitializerShape(
  name: string,
  { kind }: Initializer,
  shape: readonly number[],
): void {
  if ((kind !== "glorotUniform" && kind !== "orthogonal") || shape.length === 2) return;
  throw new RangeError(`${name}: ${kind} needs a matrix, found shape [${shape.join(", ")}].`);
}

/** Gram–Schmidt, done twice for accuracy, on normal vectors: uniform over orthonormal frames. */
function orthogonalMatrix(rows: number, columns: number, stream: RandomStream): Float32Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => stream.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += vector[i] * other[i];
        for (let i = 0; i < length; i++) vector[i] -= dot * other[i];
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    // A vector inside the span of the others has probability 0; rounding could still bring it near.
    if (norm > 1e-6) vectors.push(vector.map((value) => value / norm));
  }
  const matrix = new Float32Array(rows * columns);
  vectors.forEach((vector, index) =>
    vector.forEach((value, position) => {
      const [row, column] = rows <= columns ? [index, position] : [position, index];
      matrix[row * columns + column] = value;
    })
  );
  return matrix;
}
