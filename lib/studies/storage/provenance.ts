import { childEnvironment } from "../../core/deno_program.ts";
import { join } from "node:path";
import { cpus, release } from "node:os";
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
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    typescript: Deno.version.typescript,
    operatingSystem: `${Deno.build.os} ${allowed("osRelease", release)} ${Deno.build.arch}`,
    cpu: allowed("cpus", () => cpus()[0]?.model.trim() || unknown),
    cores: navigator.hardwareConcurrency,
    engine,
    packages: lockedPackages(project),
  };
}

// Asked first, so that no terminal prompts for what is nice to know.
function allowed(kind: "osRelease" | "cpus", read: () => string): string {
  // Deno knows "cpus", its types do not.
  const descriptor = { name: "sys", kind } as Deno.SysPermissionDescriptor;
  return Deno.permissions.querySync(descriptor).state === "granted" ? read() : unknown;
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { state } = await Deno.permissions.query({ name: "run", command: "git" });
    if (state !== "granted") return null;
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, ...args],
      ...childEnvironment({}, { prefix: "GIT_" }),
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}

/** Exact versions of the packages that the project names, from its deno.lock. */
function lockedPackages(project: string): { [name: string]: string } {
  let lock: { specifiers?: { [specifier: string]: string } };
  try {
    lock = JSON.parse(Deno.readTextFileSync(join(project, "deno.lock")));
  } catch {
    return {};
  }
  const packages: { [name: string]: string } = {};
  for (const [specifier, resolved] of Object.entries(lock.specifiers ?? {})) {
    const name = specifier.replace(/^\w+:/, "").replace(/(?<=.)@.*$/, "");
    // What follows an underscore are the versions of peers.
    packages[name] = resolved.split("_")[0];
  }
  return packages;
}
