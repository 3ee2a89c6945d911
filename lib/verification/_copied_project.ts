import { dirname, join } from "node:path";
import { checkModuleFiles } from "../core/own_module.ts";
import { resolveInside } from "../core/project.ts";
import {
  makeFolder,
  makeTemporaryFolder,
  readFileSync,
  remove,
  writeFile,
} from "../core/runtime/files.ts";
import { sourceFiles } from "../data/source_files.ts";
import type { FoldIndex } from "../records/run_record.ts";
import { filesOfWeights } from "../training/open_initial_weights.ts";
import { ownModulesOf } from "../training/own_parts.ts";
import { validateSpecification } from "../training/specification.ts";

/** A folder that stands for a project in which there is only what a training reads. */
export interface CopiedProject {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Copies what the training of a specification reads on a fold, its code, its corpus and the weights that it
 * begins with, each compared with its SHA-256, the weights by the training itself: for code that is not the project's own, which so sees no other file, not by a link either.
 *
 * @throws {Error} If a file is not what the specification says.
 */
export async function copyForTraining(
  project: string,
  specification: unknown,
  fold: FoldIndex,
): Promise<CopiedProject> {
  const valid = validateSpecification(specification);
  const files = sourceFiles(valid.corpus, project);
  for (const part of ownModulesOf(valid)) {
    for (const path of Object.keys(checkModuleFiles(project, part).files)) {
      files.set(path, readFileSync(resolveInside(project, path)));
    }
  }
  if (valid.initialWeights !== undefined) {
    for (const path of filesOfWeights(valid.initialWeights, fold, project)) {
      files.set(path, readFileSync(resolveInside(project, path)));
    }
  }
  files.set("deno.json", new TextEncoder().encode("{}\n"));
  const path = await temporaryFolder(project, "trusted");
  for (const [name, bytes] of files) {
    await makeFolder(dirname(join(path, name)));
    await writeFile(join(path, name), bytes);
  }
  return { path, remove: () => remove(path, { recursive: true }) };
}

/** A new folder of a project for what lasts as long as a verification. */
export async function temporaryFolder(project: string, what: string): Promise<string> {
  const dir = join(project, ".temporary");
  try {
    await makeFolder(dir);
    return await makeTemporaryFolder({ dir, prefix: `${what}-` });
  } catch {
    return await makeTemporaryFolder({ prefix: `parsimony-${what}-` });
  }
}
