import { fileURLToPath } from "node:url";
import { allowedVariable, variableNames } from "./environment.ts";
import { notCapable } from "./errors.ts";
import { ownProgram } from "./own_process.ts";
import { isAllowed } from "./permissions.ts";

/**
 * The program by which this process can start another Deno: its own path where the permissions allow
 * that, else `deno` by name, which is what `--allow-run=deno` allows.
 *
 * @param purpose What cannot be done without it, for the message.
 * @throws {Deno.errors.NotCapable} If neither may be run.
 */
export function denoProgram(purpose: string): string {
  for (const command of [ownProgram(), "deno"]) {
    if (isAllowed("run", command)) return command;
  }
  throw notCapable(
    `Cannot ${purpose}: this process may not run deno. Start it with --allow-run=deno.`,
  );
}

/**
 * What a process that trains reads of the library: its code, catalogue and configuration, and nothing else
 * of the folder that they are in, which may hold results of others. None where it is not on the disk.
 */
export const libraryPaths: readonly string[] = import.meta.url.startsWith("file:")
  ? ["../..", "../../../datasets/catalogue.json", "../../../deno.json"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  : [];

/** Variables by which a Deno finds its cache; which of them are there depends on the system. */
const placesOfCache = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"];

/** What else a process needs of the system, and how packages are fetched that are not there yet. */
const ofSystem = [
  ...["PATH", "SystemRoot", "TMPDIR", "TMP", "TEMP", "XDG_CONFIG_HOME"],
  ...["NPM_CONFIG_REGISTRY", "DENO_CERT", "DENO_TLS_CA_STORE"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];

/** Variables that name a library of matrix products and choose its kernels. */
const ofBlas = [
  ...["PARSIMONY_BLAS", "OPENBLAS_CORETYPE", "BLIS_ARCH_TYPE", "MKL_CBWR"],
  ...["MKL_ENABLE_INSTRUCTIONS", "MKL_INTERFACE_LAYER", "MKL_THREADING_LAYER"],
];

/** Variables that a process passes on to its children: it must be allowed to see them. */
export function variablesOfChildren(native: boolean): string[] {
  return [...placesOfCache, ...ofSystem, ...(native ? ofBlas : [])];
}

/**
 * The environment of a program that this process starts: what it needs of the system, and a Deno to find
 * its cache and packages, and nothing else, so that no password of this process is in it.
 *
 * A process that may not see where the cache is cannot pass that on: its child then inherits all but the
 * address of a queue.
 *
 * @param more Variables that are set.
 * @param options.native Whether it may load a BLAS, for which other variables count.
 * @param options.prefix Variables that begin so are passed on as well.
 * @returns Options of a program.
 */
export function childEnvironment(
  more: Readonly<Record<string, string>> = {},
  { native = false, prefix }: { readonly native?: boolean; readonly prefix?: string } = {},
): { readonly clearEnv: boolean; readonly env: Record<string, string> } {
  // Deno passes on a path of the system's loader only where any program may be run.
  const anyProgram = isAllowed("run");
  const names = [
    ...variablesOfChildren(native),
    ...(native && anyProgram ? ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] : []),
    ...(prefix === undefined || !isAllowed("env")
      ? []
      : variableNames().filter((name) => name.startsWith(prefix))),
  ];
  const env: Record<string, string> = {};
  for (const name of names) {
    const value = allowedVariable(name);
    if (value !== undefined) env[name] = value;
  }
  const clearEnv = placesOfCache.every((name) => isAllowed("env", name));
  const hidden: Record<string, string> = clearEnv ? {} : { PARSIMONY_REDIS: "" };
  return { clearEnv, env: { ...env, NO_COLOR: "1", ...hidden, ...more } };
}

/**
 * The argument with V8's flags for a process that trains. Tensors lie outside of V8's heap, so a step
 * leaves little behind, yet V8 lets its young generation grow with the objects that happen to live at a
 * collection: to 54 MiB over 2,000 steps of a small GRU. Held at 4 MiB a half, it stays at 8.
 *
 * @param more Other flags, such as `--expose-gc`.
 */
export function trainingV8Flags(more: readonly string[] = []): string {
  return `--v8-flags=${["--max-semi-space-size=4", ...more].join()}`;
}
