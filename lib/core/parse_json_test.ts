import assert from "node:assert/strict";
import { parseJson } from "./parse_json.ts";

const where = (text: string) => {
  try {
    parseJson(text, "it");
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return error.message;
  }
};

Deno.test("parseJson says by line and column where a text stops being JSON", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "line 1, column 1 is its end"],
    ["  ", "line 1, column 3 is its end"],
    ["{", "line 1, column 2 is its end"],
    ['{"a": 1,}', 'line 1, column 9 has "}"'],
    ["[1 2]", 'line 1, column 4 has "2]"'],
    ["[1,\n 2,\n nope]", 'line 3, column 2 has "nope]"'],
    ['{"a" 1}', 'line 1, column 6 has "1}"'],
    ["{a: 1}", 'line 1, column 2 has "a: 1}"'],
    ['["a\nb"]', 'line 1, column 4 has "\\nb\\"]"'],
    ['["a\\x"]', 'line 1, column 4 has "\\\\x\\"]"'],
    ['["a', "line 1, column 4 is its end"],
    ["[01]", 'line 1, column 3 has "1]"'],
    ["[-]", 'line 1, column 2 has "-]"'],
    ["1 1", 'line 1, column 3 has "1"'],
    ["[]]", 'line 1, column 3 has "]"'],
    ["[}", 'line 1, column 2 has "}"'],
    ["\ufeff{}", 'line 1, column 1 has "‹U+FEFF›{}"'],
    ["\u001b[31m", 'line 1, column 1 has "\\u001b[31m"'],
  ];
  for (const [text, place] of cases) assert.equal(where(text), `it is not JSON: ${place}.`);
});

Deno.test("parseJson takes what JSON.parse takes, and refuses the rest in a place of the text", () => {
  const valid = '{"a":[1,-0.5e-7,"x\\u00e9\\n\\"",true,null,{}],"":{"b":[]}}';
  assert.deepEqual(parseJson(valid, "it"), JSON.parse(valid));
  for (let cut = 0; cut < valid.length; cut++) {
    for (const text of [valid.slice(0, cut), `${valid.slice(0, cut)}?${valid.slice(cut)}`]) {
      let due: unknown;
      try {
        due = JSON.parse(text);
      } catch {
        assert.match(where(text)!, /^it is not JSON: line 1, column \d+ (is its end|has ".+")\.$/);
        continue;
      }
      assert.deepEqual(parseJson(text, "it"), due);
    }
  }
});

Deno.test("parseJson refuses what is nested too deeply to be read, brackets in texts apart", () => {
  const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(Array.isArray(parseJson(lists(500), "it")));
  assert.match(
    where(lists(100_000))!,
    /^it must be nested at most 500 levels deep, found 100000\.$/,
  );
  assert.deepEqual(parseJson(JSON.stringify(['\\"', lists(501)]), "it"), ['\\"', lists(501)]);
});
