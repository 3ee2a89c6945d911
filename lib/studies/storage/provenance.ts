import { childEnvironment } from "../../core/runtime/deno_program.ts";
import { join } from "node:path";
import { cpus, release } from "node:os";
import { readTextFileSync } from "../../core/runtime/files.ts";
import { architecture, operatingSystem, runtimeVersions } from "../../core/runtime/machine.ts";
import { isAllowed } from "../../core/runtime/permissions.ts";
import { runProgram } from "../../core/runtime/processes.ts";
import { numericsVersion, version } from "../../core/version.ts";
import type { Provenance } from "../../records/study_record.ts";

const unknown = "unknown";

/**
 * Where and with what numbers are made, as far as the permissions of this process let it be seen:
 * without `git` (or the permission to run it) the commit is null, without `--allow-sys` the
 * processor and system version are "unknown".
 *
 * @param project Project folder: its git repository and deno.lock are looked at.
 * @param engine Id of the engine.
 */
export async function collectProvenance(project: string, engine: string): Promise<Provenance> {
  const gitCommit = await git(project, ["rev-parse", "HEAD"]);
  // Results and their notebooks' numbers do not change what is computed.
  const changes = gitCommit === null
    ? null
    : await git(project, ["status", "--porcelain", "--", ".", ":(exclude)results"]);
  return {
    parsimony: version,
    numericsVersion,
    gitCommit,
    gitDirty: changes === null ? null : changes !== "",
    deno: runtimeVersions.deno,
    v8: runtimeVersions.v8,
    typescript: runtimeVersions.typescript,
    operatingSystem: `${operatingSystem} ${allowed("osRelease", release)} ${architecture}`,
    cpu: allowed("cpus", () => cpus()[0]?.model.trim() || unknown),
    cores: navigator.hardwareConcurrency,
    engine,
    packages: lockedPackages(project),
  };
}

// Asked first, so that no terminal prompts for what is nice to know.
function allowed(kind: "osRelease" | "cpus", read: () => string): string {
  return isAllowed("sys", kind) ? read() : unknown;
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    if (!isAllowed("run", "git")) return null;
    const { success, stdout } = await runProgram("git", {
      args: ["-C", folder, ...args],
      ...childEnvironment({}, { prefix: "GIT_" }),
      stdin: "null",
      stderr: "null",
    });
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}

/** Exact versions of the packages that the project names, from its deno.lock. */
function lockedPackages(project: string): { [name: string]: string } {
  try {
    return packagesOfLock(readTextFileSync(join(project, "deno.lock")));
  } catch {
    return {};
  }
}

/**
 * Exact versions of the packages that a project names.
 *
 * @param lock Text of its deno.lock.
 * @throws {SyntaxError} If it is not JSON.
 */
export function packagesOfLock(lock: string): { [name: string]: string } {
  const { specifiers } = JSON.parse(lock) as { specifiers?: { [specifier: string]: string } };
  const packages: { [name: string]: string } = {};
  for (const [specifier, resolved] of Object.entries(specifiers ?? {})) {
    const name = specifier.replace(/^\w+:/, "").replace(/(?<=.)@.*$/, "");
    // What follows an underscore are the versions of peers.
    packages[name] = resolved.split("_")[0];
  }
  return packages;
}
