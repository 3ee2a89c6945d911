import { join } from "node:path";
import { writeFileAtomically } from "../../core/files.ts";
import { projectFolder } from "../../core/project.ts";
import { readTextFile } from "../../core/runtime/files.ts";
import { loadStudy } from "../../studies/study.ts";
import { allFindings, findingStudyName } from "./all.ts";
import type { Finding } from "./finding.ts";

/** Project-relative path of a finding's figure. */
export function figurePath({ name }: Finding): string {
  return `docs/images/findings/${name}.svg`;
}

/** A finding's figure as it is and as the records give it. */
export interface FindingFigure {
  readonly path: string;
  /** What is wrong with the file, or null. */
  readonly problem: string | null;
}

/**
 * Draws the figures of all findings from their records again, and compares them with the files, or writes
 * them.
 *
 * @param options `project`: project folder. `write`: writes those that differ; false by default.
 */
export async function checkFigures(
  options: { readonly project?: string; readonly write?: boolean } = {},
): Promise<FindingFigure[]> {
  const { project = projectFolder(), write = false } = options;
  const found: FindingFigure[] = [];
  for (const finding of allFindings) {
    const path = figurePath(finding);
    const name = findingStudyName(finding);
    let problem: string | null = null;
    try {
      const due = finding.figure(loadStudy(name, { project })).svg();
      const stored = await readTextFile(join(project, path)).catch(() => null);
      if (stored !== due) {
        problem = stored === null ? "it is not there" : `it is not what results/${name} gives`;
        if (write) {
          await writeFileAtomically(join(project, path), due);
          problem = null;
        }
      }
    } catch (error) {
      problem = (error as Error).message;
    }
    found.push({ path, problem });
  }
  return found;
}
