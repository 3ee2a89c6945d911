import assert from "node:assert/strict";
import {
  boolean,
  checkOptions,
  defaultsOf,
  integer,
  number,
  oneOf,
  option,
  orAbsent,
  orNull,
  text,
} from "./options.ts";

const described = {
  name: text(),
  rate: number({ above: 0 }, 0.5),
  size: integer({ from: 1, to: 8 }, 2),
  tied: boolean(false),
  groups: oneOf(["row", "column"], "row"),
  limit: orNull(integer({ from: 2 })),
  schedule: orAbsent(text()),
};

Deno.test("checkOptions fills every default, in the order of the descriptions", () => {
  const checked = checkOptions("model", { limit: 3, name: "a" }, described);
  assert.deepEqual(Object.entries(checked), [
    ["name", "a"],
    ["rate", 0.5],
    ["size", 2],
    ["tied", false],
    ["groups", "row"],
    ["limit", 3],
  ]);
  const type: { readonly limit: number | null; readonly groups: "row" | "column" } = checked;
  assert.equal(type.groups, "row");
});

Deno.test("checkOptions names subject and option, the value found and the values allowed", () => {
  const given = (options: object, join?: ".") => () =>
    checkOptions("model", { name: "a", ...options }, described, join);
  assert.throws(given({ rate: 0 }), {
    name: "RangeError",
    message: "model: rate must be a finite number above 0, found 0.",
  });
  assert.throws(given({ rate: 0 }, "."), /^RangeError: model\.rate must be/);
  assert.throws(given({ rate: null }), /model: rate must be .*, found null/);
  assert.throws(given({ groups: "gate" }), /must be one of "row", "column", found "gate"/);
  assert.throws(given({ limit: 1 }), /model: limit must be a finite number from 2/);
  assert.throws(given({ schedule: "" }), /model: schedule must be a non-empty text/);
  assert.throws(() => checkOptions("model", {}, described), /name must be .*, found nothing/);
  assert.throws(() => checkOptions("model", [], described), /options must be an object/);
  assert.throws(given({ tide: true }), {
    name: "TypeError",
    message:
      `model: unknown option "tide"; allowed are name, rate, size, tied, groups, limit, schedule.`,
  });
});

Deno.test("a default is checked as any value is", () => {
  const wrong = { rate: number({ to: 1 }, 2) };
  assert.throws(() => checkOptions("model", {}, wrong), /rate must be a finite number to 1/);
  const twice = { rate: option((_, value) => Number(value) * 2, 2) };
  assert.deepEqual(checkOptions("model", {}, twice), { rate: 4 });
});

Deno.test("defaultsOf leaves out what must be given", () => {
  assert.deepEqual(defaultsOf(described), {
    rate: 0.5,
    size: 2,
    tied: false,
    groups: "row",
    limit: null,
  });
});
