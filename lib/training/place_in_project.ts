import { isAbsolute, relative } from "node:path";
import { showLong } from "../core/check.ts";
import { resolveInside } from "../core/project.ts";
import { isNotFound, notFound } from "../core/runtime/errors.ts";
import { realPathSync } from "../core/runtime/files.ts";

/**
 * Path of what a specification names, in the project.
 *
 * @throws {RangeError} If it leads out of the project, by a link too.
 * @throws {Deno.errors.NotFound} If there is nothing.
 */
export function placeInProject(project: string, path: string): string {
  const full = resolveInside(project, path);
  let real: string;
  try {
    real = realPathSync(full);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFound(`initialWeights: there is no ${showLong(path)} in the project.`);
  }
  const inside = relative(realPathSync(project), real);
  if (!inside.startsWith("..") && !isAbsolute(inside)) return full;
  throw new RangeError(
    `initialWeights: ${
      showLong(path)
    } must stay inside the project, found a link out of it: training ` +
      `processes read nothing else. Put the files themselves there.`,
  );
}
