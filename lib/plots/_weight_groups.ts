/** Whose norm is taken: of a parameter, of what leaves one input, of what enters one output. */
export type WeightGrouping = "tensor" | "row" | "column";

/** The weights of a parameter, in row-major order. */
export interface NamedTensor {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** A column of all weights when left out. */
  readonly shape?: readonly number[];
}

/** √Σw² of each group of a parameter. */
export function normsOf(
  { name, values, shape = [values.length, 1] }: NamedTensor,
  by: WeightGrouping,
): { name: string; norm: number }[] {
  const columns = shape.at(-1) ?? 1;
  const rows = values.length / columns;
  const count = { tensor: 1, row: rows, column: columns }[by];
  const squares = new Float64Array(count);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      squares[by === "tensor" ? 0 : by === "row" ? row : column] += values[i] ** 2;
    }
  }
  return Array.from(squares, (square, index) => ({
    name: by === "tensor" ? name : `${name}, ${by} ${index}`,
    norm: Math.sqrt(square),
  }));
}
