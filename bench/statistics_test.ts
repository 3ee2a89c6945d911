import assert from "node:assert/strict";
import {
  alternate,
  fastest,
  orderOfTurn,
  quantile,
  ratioSpread,
  spread,
  stepsFor,
} from "./statistics.ts";

Deno.test("quantile interpolates between order statistics as NumPy does", () => {
  // numpy.quantile([3, 1, 10, 4], [0, .25, .5, .75, 1])
  const values = [3, 1, 10, 4];
  assert.deepEqual([0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share)), [
    1,
    2.5,
    3.5,
    5.5,
    10,
  ]);
  assert.deepEqual(values, [3, 1, 10, 4]);
  assert.deepEqual(spread([7]), { lower: 7, median: 7, upper: 7 });
});

Deno.test("quantile refuses nothing, NaN and infinity", () => {
  for (const values of [[], [1, NaN], [Infinity]]) {
    assert.throws(() => quantile(values, 0.5), RangeError);
  }
});

Deno.test("ratioSpread pairs the turns", () => {
  assert.deepEqual(ratioSpread([1, 4, 9], [2, 4, 3]), { lower: 0.75, median: 1, upper: 2 });
  assert.throws(() => ratioSpread([1], [1, 2]), /paired/);
});

Deno.test("orderOfTurn lets each participant begin equally often and takes all in each turn", () => {
  const orders = [0, 1, 2].map((turn) => orderOfTurn(turn, 3));
  assert.deepEqual(orders.map(([first]) => first), [0, 1, 2]);
  for (const order of orders) assert.deepEqual([...order].sort(), [0, 1, 2]);
});

Deno.test("alternate interleaves the participants and keeps the turns in order", async () => {
  const calls: string[] = [];
  const participant = (name: string) => {
    let turn = 0;
    return () => {
      calls.push(name);
      return Promise.resolve(10 * ++turn + (name === "a" ? 1 : 2));
    };
  };
  const measured = await alternate([participant("a"), participant("b")], 3);
  assert.deepEqual(measured, [[11, 21, 31], [12, 22, 32]]);
  assert.equal(calls.join(""), "abbaab");
});

Deno.test("fastest is the lowest median, not the lowest measurement", () => {
  assert.equal(fastest([[5, 5, 5], [1, 9, 9]]), 0);
});

Deno.test("stepsFor fills the time and gives at least two short ones", () => {
  assert.equal(stepsFor(100, 30), 4);
  assert.equal(stepsFor(100, 300), 2);
  assert.equal(stepsFor(100, 700), 1);
  assert.equal(stepsFor(1000, 700), 2);
});
