import { dirname, join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { moduleCode, type OwnModule } from "../../core/own_module.ts";
import { readSafetensors, writeSafetensors } from "../../models/safetensors.ts";
import { readRuns } from "../../records/read_runs.ts";
import { readStudyRecord } from "../../records/read_study.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import { definitionHash } from "../../studies/same_definition.ts";
import { studyFolder, weightsPathOf } from "../../studies/storage/folder.ts";
import { plannedRuns } from "../_records.ts";

/** Places that the code of a received folder tries. */
export interface Targets {
  /** File outside of the project that it writes. */
  readonly marker: string;
  /** File of the project that it reads, and overwrites. */
  readonly secret: string;
  /** Link beside it that leads out of the project. */
  readonly link: string;
  /** Port on which somebody listens. */
  readonly port: number;
}

/**
 * Code that tries whatever harms, first of all to leave a mark, and does its work only if nothing of it
 * succeeded.
 *
 * @param below Part of a path: elsewhere it tries nothing, such as where its study is made.
 * @param may Attempts that it leaves out.
 */
export function hostile(
  targets: Targets,
  work: string,
  below = "/results/",
  may: readonly string[] = [],
): string {
  const { marker, secret, link, port } = targets;
  const written = JSON.stringify(marker);
  return `import { createRequire } from "node:module";
const done: string[] = [];
const may = ${JSON.stringify(may)};
const attempt = async (what: string, act: () => unknown) => {
  if (may.includes(what)) return;
  try {
    const found = await act();
    if (found !== undefined && found !== null && found !== "") done.push(what);
  } catch { /* as it should be */ }
};
if (import.meta.url.includes(${JSON.stringify(below)})) {
  await attempt("write outside", () => (Deno.writeTextFileSync(${written}, "ran"), 1));
  await attempt("write here", () => (Deno.writeTextFileSync(new URL("./mark", import.meta.url), "x"), 1));
  await attempt("write the project", () => (Deno.writeTextFileSync(${
    JSON.stringify(secret)
  }, "x"), 1));
  await attempt("read /etc/passwd", () => Deno.readTextFileSync("/etc/passwd"));
  await attempt("read through a link", () => Deno.readTextFileSync(new URL("./${link}", import.meta.url)));
  await attempt("read through a link of the project", () =>
    Deno.readTextFileSync(${JSON.stringify(join(dirname(secret), "results/gift", link))}));
  await attempt("read the project", () => Deno.readTextFileSync(${JSON.stringify(secret)}));
  await attempt("read its study", () => Deno.readTextFileSync(new URL("./study.json", import.meta.url)));
  await attempt("read the environment", () => Deno.env.get("HOME"));
  await attempt("read the password", () => Deno.env.get("PARSIMONY_REDIS"));
  await attempt("list the environment", () => Object.keys(Deno.env.toObject()).join());
  await attempt("read node's environment", () => createRequire(import.meta.url)("node:process").env.PATH);
  await attempt("read /proc", () => Deno.readTextFileSync("/proc/self/environ"));
  await attempt("connect", () => Deno.connect({ port: ${port} }));
  await attempt("fetch", () => fetch("http://127.0.0.1:${port}/"));
  await attempt("listen", () => Deno.listen({ port: 0 }));
  await attempt("look up", () => Deno.resolveDns("example.com", "A"));
  await attempt("import", () => new Function("return import('http://127.0.0.1:${port}/x.ts')")());
  await attempt("import a host", () => new Function("return import('https://esm.sh/is-odd')")());
  await attempt("import a package", () => new Function("return import('npm:is-even@0.0.0-none')")());
  await attempt("run", () => new Deno.Command("true").outputSync());
  await attempt("run deno", () => new Deno.Command(Deno.execPath(), { args: ["-V"] }).outputSync());
  await attempt("run by node", () => createRequire(import.meta.url)("node:child_process").execSync("true") ?? 1);
  await attempt("kill", () => (Deno.kill(Deno.ppid, "SIGCONT"), 1));
  await attempt("load a library", () => Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }));
  await attempt("see the host", () => Deno.hostname());
  await attempt("see the system", () => Deno.osRelease());
  if (done.length > 0) throw new Error("succeeded: " + done.join(", "));
}
${work}`;
}

/**
 * Makes a study of a project look as if its modules lay elsewhere, with the ids, hashes and weights that
 * follow: what the library refuses to run, and anybody can write.
 *
 * @param elsewhere New path of a module's file.
 */
export async function rename(
  project: string,
  study: { readonly from: string; readonly to: string },
  elsewhere: (path: string) => string,
): Promise<void> {
  const [from, to] = [studyFolder(study.from, project), studyFolder(study.to, project)];
  const record = readStudyRecord(from.definition)!;
  const moved = (part: JsonObject): JsonObject =>
    part.code === undefined ? part : { ...part, ...movedModule(part, elsewhere) };
  const renamed: StudyRecord = {
    ...record,
    name: study.to,
    specifications: record.specifications.map((specification) => ({
      ...specification,
      model: moved(specification.model as JsonObject),
      penalties: (specification.penalties as JsonObject[]).map(moved),
      optimizer: moved(specification.optimizer as JsonObject),
    })),
  };
  const definition: StudyRecord = { ...renamed, definitionHash: definitionHash(renamed) };
  const [before, after] = [record, definition].map((each) => [...plannedRuns(each, []).values()]);
  const ids = new Map(before.map(({ id }, index) => [id, after[index]]));
  await Deno.mkdir(to.weights, { recursive: true });
  const lines: RunRecord[] = [];
  for (const run of readRuns(from.journal)) {
    const { id, specification } = ids.get(run.id)!;
    const { tensors, metadata } = readSafetensors(await Deno.readFile(weightsPathOf(from, run.id)));
    const bytes = writeSafetensors(tensors, {
      ...metadata,
      run: id,
      specification: canonicalJson(specification),
    });
    await Deno.writeFile(weightsPathOf(to, id), bytes);
    const weights = `results/${study.to}/weights/${id}.safetensors`;
    lines.push({ ...run, id, weights, weightsSha256: sha256(bytes) });
  }
  await Deno.writeTextFile(to.definition, `${JSON.stringify(definition, null, 2)}\n`);
  await Deno.writeTextFile(to.journal, lines.map((run) => `${JSON.stringify(run)}\n`).join(""));
  await Deno.remove(from.path, { recursive: true });
}

function movedModule(part: JsonObject, elsewhere: (path: string) => string): JsonObject {
  const { module, code } = part as unknown as Required<OwnModule>;
  const files = Object.entries(code.files).map(([path, hash]) => [elsewhere(path), hash]);
  return {
    module: elsewhere(module),
    code: { ...moduleCode(Object.fromEntries(files.sort()), code.packages) },
  } as JsonObject;
}
