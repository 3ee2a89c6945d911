import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkKeys, checkOneOf, checkText } from "../core/check.ts";
import { visibleText } from "../core/html.ts";
import { type EngineChoice, engineChoices, type EngineName } from "../core/engine_name.ts";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { mostThreads } from "../core/limits.ts";
import { allowedVariable } from "../core/runtime/environment.ts";
import { type Blas, loadBlas, usualPlaces } from "./blas.ts";
import { type MatrixProducts, wasmProducts } from "./products.ts";
import { arena, withScratch } from "./_arena.ts";
import { ArenaBackend, silence } from "./_backend.ts";
import { type TeamEngine, useTeam } from "./_team.ts";
import { registerElementwise } from "./_elementwise.ts";
import { registerMatMul } from "./_matmul.ts";

export type { EngineChoice, EngineName } from "../core/engine_name.ts";

/** The engine in use, as records and `doctor` show it. */
export interface EngineInfo {
  /** The engine; another than asked for where it fell back. */
  readonly name: EngineName;
  /**
   * What the bits of a result depend on; part of run ids: `cpu`, `wasm`, `relaxed/fused` or
   * `relaxed/unfused`, or `native/`, library, core type and `relaxed`, the build of the kernels beside
   * the library's matrix products, or the same after `blocked/` where these are cut for several threads.
   */
  readonly id: string;
  /** Why this engine was chosen, in one line. */
  readonly reason: string;
  /** Path of the BLAS library, or null. */
  readonly blas: string | null;
  /** Core type the BLAS chose its kernels for, or null. */
  readonly coreType: string | null;
  /** Fixed size of the engine's memory; null for `cpu`, which has none. */
  readonly arenaMaximumBytes: number | null;
  /** Threads that compute. */
  readonly threads: number;
}

/** What {@link useEngine} takes besides a name. */
export interface EngineOptions {
  /** Path of a BLAS library; PARSIMONY_BLAS and the platform's usual places when left out. */
  readonly blas?: string;
  /** Whether `native` may fall back; true by default. */
  readonly fallback?: boolean;
  /**
   * Threads, from 1: one by default. The bits are those of one thread, but for `native`, which becomes
   * `blocked` where this is given, with one thread too. `cpu` has one thread in any case.
   */
  readonly threads?: number;
  /** Work from which it is shared, in nanoseconds of one thread: 40,000 by default. */
  readonly smallestWork?: number;
}

/** Below this, handing work over takes as long as doing it, nanoseconds. */
const worthSharing = 40_000;

/**
 * Chooses what computes, and makes it tfjs's backend.
 *
 * `wasm` gives the same bits on every run and every CPU. `relaxed` multiplies and adds in one operation
 * where the CPU can, which is faster and needs no library; its bits are those of `wasm` where the CPU
 * cannot, and others where it can, which its id says. `native` is faster still and gives the same bits
 * on one machine and core type; `blocked` is `native` whose products are cut by their shape alone, so that
 * several threads have the bits of one. `cpu` is plain tfjs, slow, the oracle of the tests.
 *
 * @param name The engine, or `auto`: `native` when a BLAS is found, else `wasm`.
 * @param options See {@link EngineOptions}. An engine that was in use keeps its threads only where the next
 * call asks for them too.
 * @returns What was chosen and why. The choice can differ from the name: `native` and `blocked` fall
 * back to `wasm` with one line on the console when no BLAS can be loaded, and so does `auto` when the one of
 * `blas` or PARSIMONY_BLAS cannot be loaded or the permission to load any is missing.
 * @throws {RangeError} If the name is none of those above.
 * @throws {Error} If no BLAS can be loaded and `fallback` is false.
 * @throws {OutsideTrouble} If a thread cannot be started.
 *
 * @example
 * ```ts
 * import { useEngine } from "./engine.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 * const engine = await useEngine("wasm");
 * assert.equal(engine.id, "wasm");
 * assert.deepEqual([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()], [11]);
 * ```
 */
export async function useEngine(
  name: EngineChoice,
  options: EngineOptions = {},
): Promise<EngineInfo> {
  checkOneOf("useEngine: name", name, engineChoices);
  checkKeys("useEngine", options, ["blas", "fallback", "threads", "smallestWork"]);
  if (options.blas !== undefined) checkText("useEngine: blas", options.blas);
  const { threads = 1 } = options;
  checkInteger("useEngine: threads", threads, { from: 1, to: mostThreads });
  if (name === "cpu") {
    await setBackend("cpu");
    silence(tf.backend() as MathBackendCPU);
    const reason = "asked for by name";
    return { name, ...noBlas, id: "cpu", reason, arenaMaximumBytes: null, threads: 1 };
  }
  if (name === "wasm") return await useWasm("asked for by name", options);
  if (name === "relaxed") return await useRelaxed(options);

  const explicit = options.blas ?? blasOfEnvironment();
  const search = await findBlas(explicit === undefined ? usualPlaces() : [explicit]);
  if (search.blas === null) {
    if (name !== "auto" && options.fallback === false) {
      throw new Error(
        `Cannot use engine ${
          JSON.stringify(name)
        }, which was asked for by name: ${search.problem}.`,
      );
    }
    const reason = `${search.problem}; matrix products by the WASM kernels instead`;
    if (name !== "auto" || explicit !== undefined || search.refused) warnOnce(reason);
    return await useWasm(reason, options);
  }
  return await useNative(name, search.blas, options);
}

async function useNative(
  name: EngineChoice,
  { path, library, coreType, products }: Blas,
  options: EngineOptions,
): Promise<EngineInfo> {
  const blocked = name === "blocked" || options.threads !== undefined;
  const named = blocked ? "blocked" : "native";
  const id = [named, library, ...coreType === null ? [] : [coreType], "relaxed"].join("/");
  const engine = { id, relaxed: true, blas: path, multiply: products.multiply };
  const threads = await useArena(engine, () => products, blocked || null, options);
  return {
    name: named,
    id,
    reason: `${name === "auto" ? "a BLAS was found" : "asked for by name"}: ${path}`,
    blas: path,
    coreType,
    arenaMaximumBytes: arena().maximumBytes,
    threads,
  };
}

const noBlas = { blas: null, coreType: null } as const;

async function useWasm(reason: string, options: EngineOptions): Promise<EngineInfo> {
  const engine = { id: "wasm", relaxed: false, blas: null, multiply: null };
  const threads = await useArena(engine, () => wasmProducts(arena().exports), false, options);
  const arenaMaximumBytes = arena().maximumBytes;
  return { name: "wasm", ...noBlas, id: "wasm", reason, arenaMaximumBytes, threads };
}

async function useRelaxed(options: EngineOptions): Promise<EngineInfo> {
  const engine = { id: "relaxed", relaxed: true, blas: null, multiply: null };
  const products = () => wasmProducts(arena().relaxedExports());
  const threads = await useArena(engine, products, false, options);
  const fused = multipliesAndAddsAtOnce((tf.backend() as ArenaBackend).products);
  return {
    name: "relaxed",
    ...noBlas,
    id: `relaxed/${fused ? "fused" : "unfused"}`,
    reason: `asked for by name; the CPU ${
      fused ? "multiplies and adds at once" : "multiplies, then adds"
    }`,
    arenaMaximumBytes: arena().maximumBytes,
    threads,
  };
}

/**
 * −(1 + 2⁻¹¹) + (1 + 2⁻¹²)²: the square is 1 + 2⁻¹¹ + 2⁻²⁴, whose last part is lost where it is rounded
 * before it is added.
 */
function multipliesAndAddsAtOnce({ multiply }: MatrixProducts): boolean {
  return withScratch(5, "a trial product", (pointer) => {
    const near = 1 + 2 ** -12;
    const values = new Float32Array(arena().buffer, pointer, 5);
    values.set([-(1 + 2 ** -11), near, 1, near]);
    multiply(false, false, 1, 1, 2, pointer, 2, pointer + 8, 1, false, pointer + 16, 1);
    return values[4] !== 0;
  });
}

/** PARSIMONY_BLAS, where it may be read; an empty value counts as none. */
function blasOfEnvironment(): string | undefined {
  return allowedVariable("PARSIMONY_BLAS") || undefined;
}

async function findBlas(
  places: readonly string[],
): Promise<
  { blas: Blas; problem: null } | { blas: null; problem: string; refused: boolean }
> {
  const problems: string[] = [];
  for (const place of places) {
    try {
      return { blas: await loadBlas(place), problem: null };
    } catch (error) {
      problems.push(firstLine(error));
    }
  }
  const refused = problems.every((problem) => problem.startsWith("--allow-ffi"));
  if (places.length === 1) {
    return { blas: null, problem: `Cannot use ${places[0]} as BLAS: ${problems[0]}`, refused };
  }
  return {
    blas: null,
    refused,
    problem: refused
      ? "No BLAS may be loaded: --allow-ffi is not given"
      : "No BLAS was found in the usual places (PARSIMONY_BLAS can name one)",
  };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0].replace(/^(Could not open library: )+/, "");
}

const warned = new Set<string>();

function warnOnce(line: string): void {
  if (warned.has(line)) return;
  warned.add(line);
  // deno-lint-ignore no-console -- a fallback that nobody sees would make numbers a riddle
  console.warn(visibleText(line));
}

async function setBackend(name: string): Promise<void> {
  if (tf.getBackend() === name) return;
  if (!await tf.setBackend(name)) throw new Error(`Cannot set the tfjs backend "${name}".`);
}

/** Makes an engine's memory, kernels and threads tfjs's backend; returns the number of threads. */
async function useArena(
  engine: TeamEngine,
  products: () => MatrixProducts,
  blocked: boolean | null,
  { threads = 1, smallestWork = worthSharing }: EngineOptions,
): Promise<number> {
  const backendName = `parsimony-${engine.id}`;
  if (tf.findBackendFactory(backendName) === null) {
    tf.registerBackend(backendName, () => new ArenaBackend(engine, products(), blocked), 0);
    tf.copyRegisteredKernels("cpu", backendName);
    registerMatMul(backendName);
    registerElementwise(backendName);
  }
  await setBackend(backendName);
  await useTeam(engine, threads, smallestWork);
  return threads;
}
