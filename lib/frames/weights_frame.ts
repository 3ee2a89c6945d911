import type { DataFrame } from "./_danfojs.js";
import type { JsonObject } from "../core/json.ts";
import { formatPoint } from "../statistics/format.ts";
import { frameOf, type Row } from "./_frame_of.ts";

/** Weights of a trained model with a name. */
export interface ModelWeights {
  /** A text, or a point of a study, which is shown as `λ = 0, α = 1`. */
  readonly name: string | JsonObject;
  /** Weights by parameter name, as `model.weights()` gives them. */
  readonly weights: ReadonlyMap<
    string,
    { readonly shape?: readonly number[]; readonly values: ArrayLike<number> }
  >;
}

/**
 * The parameters of trained models, one row each: shape, number of weights, shares of exact zeros and
 * of |w| < 0.001, norm √Σw², mean and largest |w|.
 *
 * @param models Weights with their names, such as `{ name: point, weights: model.weights() }`.
 * @returns A danfojs frame that a cell shows as a table.
 * @throws {RangeError} If there is no parameter.
 */
export function weightsFrame(models: readonly ModelWeights[]): DataFrame {
  return frameOf(
    models.flatMap(({ name, weights }) =>
      [...weights].map(([parameter, { shape, values }]): Row => {
        const sizes = Array.from(values, Math.abs);
        const share = (count: number) => sizes.length === 0 ? NaN : count / sizes.length;
        return {
          model: nameOf(name),
          parameter,
          shape: (shape ?? [values.length]).join(" × "),
          weights: sizes.length,
          exactZeroShare: share(sizes.filter((size) => size === 0).length),
          nearZeroShare: share(sizes.filter((size) => size < 1e-3).length),
          norm: Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0)),
          meanSize: share(sizes.reduce((sum, size) => sum + size, 0)),
          largestSize: sizes.reduce((largest, size) => Math.max(largest, size), 0),
        };
      })
    ),
  );
}

/**
 * The single weights of trained models, one row each: model, parameter, index in row-major order and
 * value.
 *
 * @param models Weights with their names.
 * @returns A danfojs frame that a cell shows as a table, cut to its first and last rows.
 * @throws {RangeError} If there is no weight.
 */
export function weightValuesFrame(models: readonly ModelWeights[]): DataFrame {
  return frameOf(
    models.flatMap(({ name, weights }) =>
      [...weights].flatMap(([parameter, { values }]) =>
        Array.from(
          values,
          (value, index): Row => ({ model: nameOf(name), parameter, index, value }),
        )
      )
    ),
  );
}

function nameOf(name: string | JsonObject): string {
  return typeof name === "string" ? name : formatPoint(name);
}
