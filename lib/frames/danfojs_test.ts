import assert from "node:assert/strict";
import * as packaged from "danfojs";
import { randomStream } from "../core/random.ts";
import * as bundled from "./_danfojs.js";

const random = randomStream(1, "frames");
const rows = Array.from(
  { length: 40 },
  (_, index) => [index % 4, random.uniform(), ["a", "b", "c"][index % 3]],
);

/** What two versions of danfojs make of the same rows. */
function results({ concat, DataFrame, merge, Series, toCSV }: typeof packaged) {
  const frame = new DataFrame(rows, { columns: ["x", "y", "z"] });
  const series = frame["y"] as InstanceType<typeof Series>;
  return {
    statistics: [series.mean(), series.median(), series.std(), series.var(), frame["x"].mode()],
    described: frame.describe().values,
    grouped: ["mean", "std", "var", "count"].map((by) =>
      (frame.groupby(["z", "x"]).col(["y"]) as unknown as Record<string, () => packaged.DataFrame>)
        [by]().values
    ),
    queried: frame.query(frame["y"].gt(0.5).and(frame["z"].eq("a"))).values,
    sorted: frame.sortValues("y").values,
    merged: merge({
      left: frame.head(6),
      right: frame.tail(6),
      on: ["x"],
      how: "inner",
    }).values,
    joined: concat({ dfList: [frame.head(2), frame.tail(2)], axis: 0 }).toString(),
    scaled: (frame.loc({ columns: ["x", "y"] }).mul(2) as packaged.DataFrame).tensor.arraySync(),
    csv: toCSV(frame),
  };
}

Deno.test("the bundled danfojs gives what the package gives", () => {
  assert.deepEqual(results(bundled as typeof packaged), results(packaged));
});
