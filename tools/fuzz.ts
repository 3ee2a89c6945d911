import { checkInteger } from "../lib/core/check.ts";
import { fuzz } from "../lib/fuzzing/fuzz.ts";
import { kinds } from "../lib/fuzzing/kinds.ts";
import { check, finish, print } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `fuzz [--count N] [--seed S] [--only KIND [--index I]] [--seconds T]
  Tries malformed inputs; each must be accepted with sense or refused with one clear line.
  --count  inputs of all kinds together (10000)
  --seed   chooses them (1)
  --only   one of ${kinds.map(({ name }) => name).join(", ")}
  --index  one input of that kind: what a line about a bad one names
  --seconds  that one input may take before it counts as hanging (5); more on a busy machine
  The last line is: N passed, N failed.`;

const values = toolOptions(usage, {
  count: { type: "string", default: "10000" },
  seed: { type: "string", default: "1" },
  only: { type: "string" },
  index: { type: "string" },
  seconds: { type: "string", default: "5" },
});
const seed = checkInteger("--seed", Number(values.seed));
const counts = await fuzz({
  count: checkInteger("--count", Number(values.count), { from: 1 }),
  seed,
  only: values.only,
  index: values.index === undefined
    ? undefined
    : checkInteger("--index", Number(values.index), { from: 0 }),
  patience: checkInteger("--seconds", Number(values.seconds), { from: 1 }),
  onBad: ({ kind, index, input, said }) =>
    print(`✗ --seed ${seed} --only ${kind} --index ${index}: ${said}\n    ${input}`),
});
const columns = ["tried", "accepted", "refused", "bad"] as const;
const sum = (column: typeof columns[number]) =>
  counts.reduce((total, count) => total + count[column], 0);
const rows = [
  ["", ...columns],
  ...counts.map((count) => [count.kind, ...columns.map((column) => count[column])]),
  ["all", ...columns.map(sum)],
];
print(
  rows.map(([name, ...cells]) =>
    String(name).padEnd(16) + cells.map((cell) => String(cell).padStart(10)).join("")
  ).join("\n"),
);
finish([
  { passed: sum("tried") - sum("bad"), failed: sum("bad"), words: "" },
  ...(sum("tried") > 0 ? [] : [check(false, "nothing was tried")]),
]);
