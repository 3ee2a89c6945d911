// deno-lint-ignore-file no-console -- a command that prints what it does
/**
 * Builds lib/engine/kernels.wasm and its declarations from lib/engine/assembly, or with `--check`
 * proves that the committed files are what the sources build: `deno task kernels [--check]`.
 *
 * @module
 */
import asc from "assemblyscript/asc";
import { join } from "node:path";
import { sha256 } from "../lib/core/hash.ts";
import { toolOptions } from "./_usage.ts";

const engine = join(import.meta.dirname!, "..", "lib", "engine");

const options = [
  "-O3",
  "--converge",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
  "--enable",
  "simd",
  "--enable",
  "threads",
  "--bindings",
  "raw",
];

/** With a multiplication and an addition as one operation where the CPU has it. */
const relaxed = ["--enable", "relaxed-simd", "--memoryBase", "32768"];

/** Compiles the sources; the result is the same bytes on every machine. */
export async function buildKernels(): Promise<Record<string, Uint8Array>> {
  const strict = await compile(options);
  const declarations = declare(new TextDecoder().decode(strict["kernels.d.ts"]));
  return {
    "kernels.wasm": strict["kernels.wasm"],
    "relaxed_kernels.wasm": (await compile([...options, ...relaxed]))["kernels.wasm"],
    "_kernel_exports.d.ts": new TextEncoder().encode(
      `// Written by \`deno task kernels\` from assembly/.\n${declarations}`,
    ),
  };
}

async function compile(options: readonly string[]): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  const { error, stderr } = await asc.main(
    ["assembly/index.ts", "--baseDir", engine, "--outFile", "kernels.wasm", ...options],
    {
      readFile(name: string, folder: string) {
        try {
          return Deno.readTextFileSync(join(folder, name));
        } catch (error) {
          if (error instanceof Deno.errors.NotFound) return null;
          throw error;
        }
      },
      writeFile(name: string, contents: Uint8Array | string) {
        files[name] = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`Cannot build the kernels: ${error.message}\n${stderr.toString()}`);
  return files;
}

/** The functions among asc's declarations, as `deno fmt` writes them. */
function declare(text: string): string {
  const functions = text.matchAll(/^ *(export (?:declare )?function \w+)\((.*)\): (\w+);$/gm);
  return [...functions].map(([, head, parameters, result]) => {
    const line = `${head}(${parameters}): ${result};\n`;
    if (line.length <= 101) return line;
    const lines = parameters.split(", ").map((parameter) => `  ${parameter},\n`);
    return `${head}(\n${lines.join("")}): ${result};\n`;
  }).join("");
}

if (import.meta.main) {
  const { check } = toolOptions(
    `kernels [--check]
  Builds lib/engine/kernels.wasm, relaxed_kernels.wasm and their declarations from lib/engine/assembly.
  --check  writes nothing, and fails where the committed files are something else`,
    { check: { type: "boolean", default: false } },
  );
  let failed = false;
  for (const [name, contents] of Object.entries(await buildKernels())) {
    const path = join(engine, name);
    if (check) {
      const committed = sha256(Deno.readFileSync(path));
      const same = committed === sha256(contents);
      failed ||= !same;
      console.log(`${name} ${same ? "is" : "is NOT"} what assembly/ builds (${committed})`);
    } else {
      Deno.writeFileSync(path, contents);
      console.log(`${name}: ${contents.length} bytes`);
    }
  }
  if (failed) Deno.exit(1);
}
