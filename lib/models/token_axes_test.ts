import assert from "node:assert/strict";
import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
import { inTokenOrder, tokenAxes } from "./token_axes.ts";
import { transformerLanguageModel } from "./transformer_language_model.ts";

Deno.test("tokens of an encoder-decoder are told by side, those of tied weights stand in the table alone", () => {
  const axes = tokenAxes(lstmSequenceToSequence({ embeddingSize: 2, hiddenSize: 3 }));
  assert.deepEqual(axes.get("sourceEmbedding/table"), { axis: 0, side: "source" });
  assert.deepEqual(axes.get("targetEmbedding/table"), { axis: 0, side: "target" });
  assert.deepEqual(axes.get("output/bias"), { axis: 0, side: "target" });
  const tied = transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 2, blockSize: 7 });
  assert.deepEqual([...tokenAxes(tied).keys()], ["embedding/table"]);
});

Deno.test("rows are put into another order, those without one are the mean of the tokens, worked by hand", () => {
  // Four rows, the last of which is no token.
  const values = Float32Array.of(1, 2, 3, 4, 5, 9, 100, 200);
  const rows = Int32Array.of(2, -1, 0);
  assert.deepEqual(
    inTokenOrder(values, [4, 2], 0, { rows, known: 3 }),
    Float32Array.of(5, 9, 3, 5, 1, 2),
  );
  // Columns of two rows: [1, 2, 3, 4] and [5, 9, 100, 200].
  assert.deepEqual(
    inTokenOrder(values, [2, 4], 1, { rows, known: 3 }),
    Float32Array.of(3, 2, 1, 100, 38, 5),
  );
});
