import assert from "node:assert/strict";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { until } from "./_testing/processes.ts";
import { startPatience } from "./_patience.ts";

const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Patience whose words are kept. */
function patienceOf(seconds: number) {
  const told: string[] = [];
  return { told, ...startPatience({ seconds, warn: (message) => void told.push(message) }) };
}

Deno.test("startPatience tries one of all that wait for the same thing, with growing pauses, then lets all go on", async () => {
  const { told, through, end } = patienceOf(60);
  const began = performance.now();
  const tried: number[] = [];
  let isMissing = true;
  const ids = Array.from({ length: 30 }, (_, index) => index.toString(16).padStart(64, "0"));
  const all = ids.map((id) =>
    through(() => {
      tried.push(performance.now() - began);
      if (isMissing) throw new OutsideTrouble(`weights/${id} are away.`);
      return id;
    })
  );
  await until("two of them were tried again", () => tried.length === ids.length + 2);
  const [first, second] = tried.slice(-2);
  assert.ok(first > 450 && second - first > 900, `${tried.slice(-2)}`);
  isMissing = false;
  assert.deepEqual(await Promise.all(all), ids);
  // The one after 3.5 s came through, and all others at once behind it.
  assert.equal(tried.length, ids.length + 3 + ids.length - 1);
  assert.equal(told.length, 2);
  assert.match(told[0], /^weights\/0+ are away\. This is no failure of runs/);
  assert.match(
    told[1],
    /^What was missing is back after \d+ s, and its runs go on: weights\/0+ are/,
  );
  end(new Error("over"));
});

Deno.test("startPatience is not over while others train, but where nothing counts without it", async () => {
  for (const isVital of [false, true]) {
    const { through, end } = patienceOf(0.5);
    const other = through(async (trains) => {
      trains();
      await pass(1500);
      return "trained";
    });
    let isMissing = true;
    const waiting = through(() => {
      if (isMissing) throw new OutsideTrouble("The disk is full.");
      return "recorded";
    }, { isVital });
    const mended = pass(1000).then(() => isMissing = false);
    if (isVital) await assert.rejects(waiting, /OutsideTrouble: The disk is full/);
    else assert.equal(await waiting, "recorded");
    await mended;
    assert.equal(await other, "trained");
    end(new Error("over"));
  }
});

Deno.test("startPatience of 0 seconds tries nothing again, and passes other errors on", async () => {
  const { told, through, end } = patienceOf(0);
  let tried = 0;
  const fail = (error: Error) =>
    through(() => {
      tried++;
      throw error;
    });
  await assert.rejects(fail(new OutsideTrouble("Away.")), /Away/);
  await assert.rejects(fail(new RangeError("own")), /own/);
  assert.equal(tried, 2);
  assert.deepEqual(told, []);
  end(new Error("over"));
});
