import { join, relative } from "node:path";
import { print, project } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `count_code
  Prints lines of code below lib/, without blank lines and comments, and calls of checkKeys, by room
  and in all; tests apart. Run it with deno run --allow-read=. tools/count_code.ts`;

interface Count {
  readonly code: number;
  readonly tests: number;
  readonly checkKeys: number;
}

/** How many lines of a text are neither blank nor comments; a comment after code is code. */
function linesOfCode(text: string): number {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").split("\n")
    .filter((line) => !/^\s*(\/\/|$)/.test(line)).length;
}

function* sources(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

function countOf(path: string): Count {
  const text = Deno.readTextFileSync(path);
  const lines = linesOfCode(text);
  const isTest = /_test\.ts$|\/_?testing\//.test(path);
  return {
    code: isTest ? 0 : lines,
    tests: isTest ? lines : 0,
    checkKeys: isTest ? 0 : text.match(/(?<!function )\bcheckKeys\(/g)?.length ?? 0,
  };
}

function sumOf(counts: readonly Count[]): Count {
  const sum = (key: keyof Count) => counts.reduce((all, each) => all + each[key], 0);
  return { code: sum("code"), tests: sum("tests"), checkKeys: sum("checkKeys") };
}

if (import.meta.main) {
  toolOptions(usage, {});
  const lib = join(project, "lib");
  const files = [...sources(lib)].map((path) => ({
    room: relative(lib, path).split("/").slice(0, -1)[0] ?? "lib",
    count: countOf(path),
  }));
  const rooms = [...Map.groupBy(files, ({ room }) => room)].sort(([a], [b]) => a < b ? -1 : 1);
  const rows = [...rooms, ["in all", files] as const].map(([room, own]) => {
    const { code, tests, checkKeys } = sumOf(own.map(({ count }) => count));
    return [room, code, tests, checkKeys];
  });
  for (const [room, ...numbers] of [["room", "code", "tests", "checkKeys"], ...rows]) {
    print(`${`${room}`.padEnd(16)}${numbers.map((each) => `${each}`.padStart(10)).join("")}`);
  }
}
