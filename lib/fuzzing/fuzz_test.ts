import assert from "node:assert/strict";
import { type BadInput, fuzz } from "./fuzz.ts";

Deno.test("a thousand malformed inputs are accepted with sense or refused with one clear line", async () => {
  const bad: BadInput[] = [];
  const counts = await fuzz({ count: 1000, seed: 1, onBad: (input) => bad.push(input) });
  assert.deepEqual(
    bad.map(({ kind, index, input, said }) => `${kind} ${index}: ${said}: ${input}`),
    [],
  );
  const sum = (name: "tried" | "accepted" | "refused") =>
    counts.reduce((total, count) => total + count[name], 0);
  assert.ok(Math.abs(sum("tried") - 1000) < 20, JSON.stringify(counts));
  assert.equal(sum("accepted") + sum("refused"), sum("tried"));
  for (const { kind, tried, refused, accepted } of counts) {
    assert.ok(tried >= 10, kind);
    // `verify` says what is wrong instead of refusing it.
    if (kind !== "verify") assert.ok(refused >= 5, `${kind}: ${refused} refused`);
    assert.ok(accepted >= 1, `${kind}: ${accepted} accepted`);
  }
});

Deno.test("every bad end of an input is seen, those of its process too, and the next one is tried", async () => {
  const said = new Map<string, string>();
  const counts = await fuzz({
    count: 16,
    seed: 1,
    patience: 2,
    module: new URL("./_testing/misbehaving.ts", import.meta.url).href,
    onBad: ({ kind, said: what }) => said.set(kind, what),
  });
  const states = Object.fromEntries(
    counts.map(({ kind, accepted, refused, bad }) => [kind, [accepted, refused, bad].join("")]),
  );
  assert.deepEqual(states, {
    "accepts": "100",
    "writes to results": "100",
    "refuses": "010",
    "speaks V8": "001",
    "speaks in two lines": "001",
    "turns text around": "001",
    "makes nonsense": "001",
    "writes elsewhere": "001",
    "writes outside": "001",
    "asks the network": "001",
    "leaves behind": "001",
    "hangs": "001",
    "waits": "001",
    "ends the process": "001",
    "takes all memory": "001",
    "accepts after all that": "100",
  });
  const expected: { readonly [kind: string]: RegExp } = {
    "speaks V8": /words of JavaScript's engine: Cannot read/,
    "speaks in two lines": /2 lines/,
    "turns text around": /a raw U\+202E/,
    "makes nonsense": /undefined pages/,
    "writes elsewhere": /wrote deno\.json outside of results/,
    "leaves behind": /left behind: Error: late/,
    "hangs": /no end within 2 seconds/,
    "waits": /no end within 2 seconds/,
    "ends the process": /ended the process \(3\)/,
    "takes all memory": /ended the process|no end within/,
  };
  for (const [kind, pattern] of Object.entries(expected)) assert.match(said.get(kind)!, pattern);
});

Deno.test("the same seed and number give the same input, another seed another", async () => {
  const inputs = async (seed: number) => {
    const all: string[] = [];
    await fuzz({
      count: 1,
      seed,
      only: "specification",
      index: 7,
      module: new URL("./_testing/telling.ts", import.meta.url).href,
      onBad: ({ input }) => all.push(input),
    });
    return all;
  };
  const first = await inputs(1);
  assert.equal(first.length, 1);
  assert.deepEqual(await inputs(1), first);
  assert.notDeepEqual(await inputs(2), first);
});
