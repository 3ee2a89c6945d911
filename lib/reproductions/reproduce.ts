import { join } from "node:path";
import { checkKeys } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { projectFolder } from "../core/project.ts";
import { readCatalogue } from "../data/catalogue.ts";
import { verifyDataset } from "../data/verify_dataset.ts";
import { writeReport } from "../reports/report.ts";
import type { StudyOptions } from "../studies/options.ts";
import { runStudy } from "../studies/run_study.ts";
import type { Study } from "../studies/study.ts";
import { studyName } from "./all.ts";
import { documentName, type JudgedClaim, judgedClaims, renderReproduction } from "./document.ts";
import type { Reproduction } from "./reproduction.ts";

/** How {@link reproduce} runs. */
export interface ReproduceOptions
  extends Pick<StudyOptions, "engine" | "workers" | "reporter" | "signal" | "project"> {
  /** A few steps of a smaller model; false by default. */
  readonly quick?: boolean;
}

/**
 * Runs the study of a reproduction, or goes on with it, and writes its reports: `reproduction.md` and
 * `report.html`.
 *
 * @param reproduction What to reproduce.
 * @param options See {@link ReproduceOptions}.
 * @returns The study and every claim with its verdict.
 * @throws {Error} If a corpus that it needs is not here; the message says how to get it.
 */
export async function reproduce(
  reproduction: Reproduction,
  options: ReproduceOptions = {},
): Promise<{ study: Study; claims: JudgedClaim[] }> {
  checkKeys("reproduce", options, ["engine", "workers", "reporter", "signal", "project", "quick"]);
  const { quick = false, ...rest } = options;
  await refuseAbsent(reproduction, options.project ?? projectFolder());
  const study = await runStudy({
    name: studyName(reproduction, quick),
    ...reproduction.study(quick),
    keepWeights: "none",
    ...rest,
  });
  const page = renderReproduction(reproduction, study);
  await writeFileAtomically(join(study.folder, documentName), page);
  const command = `deno task reproduce ${reproduction.name}${quick ? " --quick" : ""}`;
  await writeReport(study, { command });
  return { study, claims: judgedClaims(reproduction, study) };
}

async function refuseAbsent({ name, corpora }: Reproduction, project: string): Promise<void> {
  const { datasets } = readCatalogue(project);
  for (const corpus of corpora) {
    const entry = datasets.find((each) => each.name === corpus)!;
    const { state, problems } = await verifyDataset(entry, project);
    if (state === "verified") continue;
    throw new Error(
      `Cannot reproduce ${name}: its corpus ${corpus} is ${state} (${
        problems.join("; ")
      }). Get it ` +
        `by deno task datasets fetch ${corpus}, or from files of yours by deno task datasets fetch ` +
        `${corpus} --from FOLDER.`,
    );
  }
}
