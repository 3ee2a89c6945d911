import { canonicalJson } from "../core/json.ts";
import type { OwnModule } from "../core/own_module.ts";
import { checkOwnCode, ForeignCode } from "../core/trust.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { ownModulesOf } from "../training/own_parts.ts";
import { validateSpecification } from "../training/specification.ts";
import { moduleName } from "./_carried.ts";

/** May code run? The project's own does, what the user trusts does in a process of its own. */
export type Standing = "own" | "trusted" | "refused";

/** What was found about the modules that a study names. */
export interface OwnCode {
  /** Modules, each with the code that the study says. */
  readonly count: number;
  /** Why code is not run, and how the user can trust it. */
  readonly refusals: readonly string[];
  /** What runs, and how. */
  readonly notes: readonly string[];
  /** Whether a specification of the study may be trained here. */
  standing(specification: unknown): Standing;
}

/**
 * Says which of a study's modules may run here. Nothing of them is loaded.
 *
 * @param trusted SHA-256 of code that the user named.
 * @param paths Files of the study's folder, where modules may have come along.
 */
export async function judgeOwnCode(
  study: StudyRecord,
  project: string,
  trusted: readonly string[],
  paths: readonly string[],
): Promise<OwnCode> {
  const found = new Map<string, Standing>();
  const modules = new Map<string, string>();
  const refusals: string[] = [];
  const notes: string[] = [];
  for (const part of study.specifications.flatMap(partsOf)) {
    const key = keyOf(part);
    if (found.has(key)) continue;
    modules.set(key, part.code?.sha256 ?? "");
    try {
      await checkOwnCode(project, part, trusted);
      const own = await checkOwnCode(project, part).then(() => true, () => false);
      found.set(key, own ? "own" : "trusted");
      if (!own) {
        notes.push(
          `${part.module} (SHA-256 ${
            part.code!.sha256
          }) is not this project's own, and trusted by ` +
            `you: it is trained in a process that reads a copy of what it needs and nothing else`,
        );
      }
    } catch (error) {
      found.set(key, "refused");
      const came = moduleName(part.module);
      refusals.push(
        error instanceof ForeignCode ? howToTrust(error) : (error as Error).message +
          (paths.includes(came)
            ? ` ${came} came along with the study: read it, and copy it to ${part.module} of the ` +
              `project to use it. Nothing is run from ${came}, with --trust neither.`
            : ""),
      );
    }
  }
  const named = new Set(modules.values());
  for (const sha256 of trusted) {
    if (!named.has(sha256)) {
      refusals.push(
        `the trusted SHA-256 ${sha256} is of none of its modules` +
          (named.size === 0 ? "; it names none" : `; theirs are ${[...named].join(", ")}`),
      );
    }
  }
  return {
    count: modules.size,
    refusals,
    notes,
    standing(specification) {
      const all = partsOf(specification).map((part) => found.get(keyOf(part)) ?? "refused");
      return (["refused", "trusted"] as const).find((each) => all.includes(each)) ?? "own";
    },
  };
}

const keyOf = ({ module, code }: OwnModule) => canonicalJson([module, code?.sha256 ?? null]);

/** Modules of a stored specification; one that is refused names none, and is said elsewhere. */
function partsOf(specification: unknown): OwnModule[] {
  try {
    return ownModulesOf(validateSpecification(specification));
  } catch {
    return [];
  }
}

function howToTrust({ module, sha256, files }: ForeignCode): string {
  return `${module} is not code of this project's own (${files.join(", ")}) and was not run; its ` +
    `SHA-256 is ${sha256}. Read it first: with --sample N --trust ${sha256} it is trained in a ` +
    `process that reads a copy of what it needs and nothing else`;
}
