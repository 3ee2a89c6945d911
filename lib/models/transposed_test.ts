import assert from "node:assert/strict";
import { transposed } from "./transposed.ts";

Deno.test("a matrix is transposed, worked by hand and by places, and twice it is itself", () => {
  assert.deepEqual(
    transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3),
    Float32Array.of(1, 4, 2, 5, 3, 6),
  );
  for (const [rows, columns] of [[1, 7], [33, 31], [64, 65], [0, 3]]) {
    const matrix = Float32Array.from({ length: rows * columns }, (_, place) => place);
    const turned = transposed(matrix, rows, columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        assert.equal(turned[column * rows + row], row * columns + column);
      }
    }
    assert.deepEqual(transposed(turned, columns, rows), matrix);
  }
});
