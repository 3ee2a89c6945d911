import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { childEnvironment, denoProgram } from "../core/runtime/deno_program.ts";
import { allowedVariable } from "../core/runtime/environment.ts";
import { isNotFound, isPermissionDenied } from "../core/runtime/errors.ts";
import { hasFile, readFolder } from "../core/runtime/files.ts";
import { operatingSystem } from "../core/runtime/machine.ts";
import { isAllowed } from "../core/runtime/permissions.ts";
import { runProgram } from "../core/runtime/processes.ts";
import { usualPlaces } from "../engine/blas.ts";
import type { Finding } from "./finding.ts";

/** A BLAS and how fast it multiplied. */
export interface MeasuredBlas {
  readonly path: string;
  /** Library with version, such as `openblas-0.3.34`. */
  readonly library: string;
  readonly coreType: string | null;
  /** GFLOP/s by the name of a shape, in each round. */
  readonly rounds: readonly Speeds[];
}

/** GFLOP/s by the name of a shape. */
export type Speeds = Readonly<Record<string, number>>;

/** The package of PyPI that holds an OpenBLAS of its own, and the version that was measured. */
const pipPackage = { name: "scipy-openblas32", openblas: [0, 3, 34] } as const;

/** Below this a difference is noise. */
const worthNaming = 1.05;

/** Rounds in which libraries take turns: one is called faster that was so in each. */
const roundCount = 3;

/** Times every BLAS that is found, and says which is the fastest and how to have it. */
export async function blasSpeed(): Promise<Finding[]> {
  return speedFindings(await measureAll(await blasPlaces()));
}

/** Where a BLAS may be, the one that the engine takes first: PARSIMONY_BLAS, the usual places, `.venv`. */
async function blasPlaces(): Promise<string[]> {
  const named = allowedVariable("PARSIMONY_BLAS");
  const places = [...(named ? [named] : []), ...usualPlaces(), ...await pipLibraries()];
  const there: string[] = [];
  for (const place of places) {
    if (isFile(place) && isAllowed("read", place) && !await hasFile(place)) continue;
    if (!isFile(place) && there.some((path) => path.endsWith(`/${place}`))) continue;
    there.push(place);
  }
  return [...new Set(there)];
}

/** Whether a place is of a file: a bare name is the loader's to find, and macOS's own are no files. */
function isFile(place: string): boolean {
  return /[\\/]/.test(place) && !place.startsWith("/System/");
}

/** Name of the package's library, on this system. */
const libraryOfPip = operatingSystem === "windows"
  ? "libscipy_openblas.dll"
  : operatingSystem === "darwin"
  ? "libscipy_openblas.dylib"
  : "libscipy_openblas.so";

/** Folder of the package's library under the packages of a Python. */
const folderOfPip = ["site-packages", "scipy_openblas32", "lib"] as const;

/** The package's library in the project's `.venv`. */
async function pipLibraries(): Promise<string[]> {
  const environment = join(projectFolder(), ".venv");
  if (operatingSystem === "windows") {
    return [join(environment, "Lib", ...folderOfPip, libraryOfPip)];
  }
  const found: string[] = [];
  try {
    for await (const { name } of readFolder(join(environment, "lib"))) {
      found.push(join(environment, "lib", name, ...folderOfPip, libraryOfPip));
    }
  } catch (error) {
    if (!isNotFound(error) && !isPermissionDenied(error)) throw error;
  }
  return found;
}

/** Each in a process of its own: two builds of one library have the same names inside. */
async function measureAll(places: readonly string[]): Promise<MeasuredBlas[]> {
  let found: MeasuredBlas[] = [];
  for (const place of places) {
    const blas = await measure(place);
    if (blas === null) continue;
    const known = found.some(({ library, coreType }) =>
      library === blas.library && coreType === blas.coreType
    );
    // The same library under another name.
    if (!known) found.push(blas);
  }
  for (let round = 1; round < roundCount && found.length > 1; round++) {
    const again: MeasuredBlas[] = [];
    for (const blas of found) {
      const rounds = [...blas.rounds, ...(await measure(blas.path) ?? blas).rounds];
      again.push({ ...blas, rounds });
    }
    found = again;
  }
  return found;
}

/**
 * Times one library in a process; null where it cannot be loaded. Whether its file is whole is not looked
 * at before: one that is not ends that process alone.
 */
async function measure(path: string): Promise<MeasuredBlas | null> {
  const { success, stdout } = await runProgram(denoProgram("time a BLAS"), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--no-config",
      "--no-prompt",
      "--allow-ffi",
      "--allow-env=OPENBLAS_NUM_THREADS,VECLIB_MAXIMUM_THREADS",
      "--allow-sys=osRelease",
      new URL("./_blas_process.ts", import.meta.url).href,
      path,
    ],
    ...childEnvironment({ OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OMP_NUM_THREADS: "1" }, {
      native: true,
    }),
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.timeout(30_000),
  });
  return success ? JSON.parse(new TextDecoder().decode(stdout)) : null;
}

/** Times as fast as another at least: the geometric mean over shapes, of the round where it is least. */
function timesAsFast(one: MeasuredBlas, other: MeasuredBlas): number {
  return Math.min(...other.rounds.map((speeds, round) => {
    const logarithms = Object.entries(speeds).map(([shape, speed]) =>
      Math.log(one.rounds[round][shape] / speed)
    );
    return Math.exp(logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length);
  }));
}

/**
 * What measured libraries mean for the user.
 *
 * @param measured The one that the engine takes first; none where there is no BLAS, of which the finding
 * `BLAS` says enough.
 */
export function speedFindings(measured: readonly MeasuredBlas[]): Finding[] {
  if (measured.length === 0) return [];
  const [own, ...others] = measured;
  const gains = others.map((other) => timesAsFast(other, own));
  const gain = Math.max(1, ...gains);
  const fastest = others[gains.indexOf(gain)];
  const isWorth = gain >= worthNaming;
  const advice = isWorth
    ? `${fastest.library} is ${percent(gain)} faster than ${own.library} over these shapes: ` +
      `PARSIMONY_BLAS=${fastest.path} chooses it. Its last digits are its own, so run ids are others.`
    : measured.some(isNew)
    ? null
    : pipAdvice(own);
  return [{
    subject: "BLAS speed",
    state: isWorth ? "note" : "found",
    detail: `GFLOP/s for ${Object.keys(own.rounds[0]).join(", ")}: ${
      measured.map(speeds).join("; ")
    }${others.length > 0 && !isWorth ? `; none is faster by ${percent(worthNaming)}` : ""}`,
    advice,
  }];
}

const percent = (ratio: number) => `${Math.round(100 * (ratio - 1))} %`;

/** The best of all rounds. */
function speeds({ library, path, rounds }: MeasuredBlas): string {
  const best = Object.keys(rounds[0]).map((shape) =>
    Math.max(...rounds.map((round) => round[shape])).toFixed(0)
  );
  return `${library} ${best.join(", ")} (${path})`;
}

/** Whether it is at least as new as the package's, or not of the kind that the package has. */
function isNew({ library }: MeasuredBlas): boolean {
  const match = /^openblas-(\d+)\.(\d+)\.(\d+)/.exec(library);
  if (match === null) return false;
  const version = match.slice(1).map(Number);
  const at = pipPackage.openblas.findIndex((part, index) => part !== version[index]);
  return at < 0 || version[at] > pipPackage.openblas[at];
}

/** Where a newer OpenBLAS is; nothing for libraries that are no OpenBLAS. */
function pipAdvice({ library }: MeasuredBlas): string | null {
  if (!library.startsWith("openblas-")) return null;
  const { name, openblas } = pipPackage;
  const folder = operatingSystem === "windows" ? "Lib" : "lib/python3.*";
  return `the pip package ${name} has OpenBLAS ${openblas.join(".")}, which can be faster: ` +
    `python3 -m venv .venv && .venv/bin/pip install ${name}, then let PARSIMONY_BLAS name ` +
    `${[".venv", folder, ...folderOfPip, libraryOfPip].join("/")} by its full path; doctor finds ` +
    `it there and says which is faster.`;
}
