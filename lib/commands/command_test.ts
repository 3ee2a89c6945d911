import assert from "node:assert/strict";
import { CommandError, oneOf, parseCommand, wholeNumber } from "./command.ts";
import { commands } from "./commands.ts";

function errorOf(work: () => unknown): CommandError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "Nothing was refused." });
}

Deno.test("parseCommand names a mistyped option, the options there are, and shows control characters", () => {
  const parse = (...args: string[]) =>
    errorOf(() =>
      parseCommand(args, { options: { sample: { type: "string" } }, positionals: [1, 1] })
    );
  const cases: [string[], RegExp][] = [
    [
      ["a", "--smaple", "3"],
      /^Unknown option "--smaple"; options are --sample\. Did you mean "--sample"\?$/,
    ],
    [["a", "--frobnicate=3"], /^Unknown option "--frobnicate"; options are --sample\.$/],
    [["a", "-s"], /^Unknown option "-s"/],
    [["a", "--\u001b[31m\u202e"], /^Unknown option "--\\u001b\[31m‹U\+202E›"/],
    [["a", "\u009b31mb"], /^Expected 1 argument, found 2: "a" "‹U\+009B›31mb"\.$/],
    [["a", "--sample"], /'--sample <value>' argument missing/],
    [[], /^Expected 1 argument, found none\.$/],
  ];
  for (const [args, expected] of cases) {
    const error = parse(...args);
    assert.match(error.message, expected);
    assert.equal(error.code, 2);
    assert.equal(error.showUsage, true);
  }
});

Deno.test("report.md 9: a number or choice that is none is told by the text that was given", () => {
  assert.equal(wholeNumber("--sample", "3", { from: 0 }), 3);
  assert.equal(wholeNumber("--sample", undefined), undefined);
  for (const text of ["x", "", " ", "1.5", "-1", "NaN", "1e400"]) {
    const { message } = errorOf(() => wholeNumber("--sample", text, { from: 0 }));
    assert.equal(message, `--sample must be a whole number from 0, found ${JSON.stringify(text)}.`);
  }
  assert.equal(oneOf("--engine", "wasm", ["cpu", "wasm"]), "wasm");
  assert.match(
    errorOf(() => oneOf("--engine", "wsam", ["cpu", "wasm"])).message,
    /^--engine must be one of cpu, wasm, found "wsam"\./,
  );
});

Deno.test("every command refuses wrong options, numbers and subcommands with the text found, before it does anything", async () => {
  const cases: [name: string, args: string[], said: RegExp][] = [
    [
      "verify",
      ["x", "--sample", "x"],
      /--sample must be a whole number from 0 to 1000000, found "x"/,
    ],
    ["verify", ["x", "--sample", "1e12"], /from 0 to 1000000, found "1e12"/],
    ["verify", ["x", "--seed", "y"], /--seed must be a whole number, found "y"/],
    [
      "reproduce",
      ["x", "--workers", "many"],
      /--workers must be a whole number from 1, found "many"/,
    ],
    ["reproduce", ["x", "--engine", "gpu"], /--engine must be one of .*, found "gpu"/],
    ["worker", ["--redis", "redis://x", "--processes", "0"], /--processes .* from 1, found "0"/],
    [
      "worker",
      ["--redis", "redis://x", "--engine", "nativ"],
      /found "nativ"\. Did you mean "native"/,
    ],
    ["datasets", ["lst"], /takes list, add, verify, fetch, found "lst"\. Did you mean "list"\?/],
    ["datasets", [], /datasets needs one of list, add, verify, fetch, found nothing/],
    [
      "datasets",
      ["add", "a", "b", "--licence", "x", "--kind", "pair"],
      /--kind .* Did you mean "pairs"/,
    ],
    ["datasets", ["fetch", "moby-dik"], /no dataset "moby-dik".* Did you mean "moby-dick"\?/],
    ["notebooks", ["--time-limit", "\u001b"], /seconds above 0, found "\\u001b"/],
    ["notebooks", ["1", "--set", "steps"], /--set takes name=value, found "steps"/],
    ["lab", ["\u202e"], /Unknown argument "‹U\+202E›"/],
    ["doctor", ["--quik"], /Unknown option "--quik"; options are none/],
    ["report", [], /Expected 1 argument, found none/],
  ];
  for (const [name, args, said] of cases) {
    const run = await commands.find((each) => each.name === name)!.load();
    const { signal } = new AbortController();
    await assert.rejects(async () => await run({ args, print() {}, signal }), (error: Error) => {
      assert.ok(error instanceof CommandError, `${name}: ${error.stack}`);
      assert.match(error.message, said);
      assert.equal(error.code, 2);
      return true;
    }, name);
  }
});
