import { join } from "node:path";
import { ema } from "../../averages/ema.ts";
import { textFile } from "../../data/corpora.ts";
import { muon } from "../../optimizers/muon.ts";
import { ownPenalty } from "../../penalties/own_penalty.ts";
import type { StudyOptions } from "../options.ts";
import { smallStudy, text } from "./small_study.ts";

/**
 * What the runs of a study need beside themselves: a text file of the project, a module of its own, or each
 * other, as students with an average of weights, trained by Muon.
 */
export type Needs = "nothing" | "file" | "module" | "teachers";

/** The study that is disturbed: 8 runs and their refits, with a checkpoint every 8 steps. */
export function faultStudy(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
  needs: Needs = "nothing",
): StudyOptions {
  const study = smallStudy(project, { checkpointEvery: { steps: 8 }, ...changes }, {
    steps: 40,
    evaluateEvery: 20,
  });
  const specify: StudyOptions["specify"] = (point) => {
    const specification = study.specify(point);
    if (needs === "file") {
      return { ...specification, corpus: textFile(corpusFile) } as typeof specification;
    }
    if (needs === "nothing") return specification;
    if (needs === "teachers") return student(specification, point);
    const own = ownPenalty({ module: moduleFile, strength: point.lambda });
    return { ...specification, penalties: [...specification.penalties ?? [], own] };
  };
  return { ...study, specify };
}

/** A specification with remedies, and where α is not 0 the teacher that has none of it. */
function student(
  specification: ReturnType<StudyOptions["specify"]>,
  { lambda, alpha }: Readonly<Record<string, number>>,
) {
  const teacher = alpha === 0 ? null : { point: { lambda, alpha: 0 }, share: 0.7, temperature: 2 };
  const training = { ...specification.training, averages: [ema({ horizon: 10 })], teacher };
  // Muon's own decay stands for the penalty.
  const optimizer = muon({ learningRate: 0.02, decay: alpha });
  const penalties = specification.penalties!.filter(({ kind }) => kind === "proximalL1");
  return { ...specification, training, penalties, optimizer } as typeof specification;
}

/** The text file, and the module, from the folder of the project. */
export const corpusFile = "data/corpus.txt";
export const moduleFile = "parts/ridge.ts";

/** Where a coordinator keeps what it warns of, from the folder of the project. */
export const saidFile = (name: string) => `said-${name}.txt`;

const code = `import { definePenalty, tf } from "parsimony";
export default definePenalty({
  name: "ridge",
  formula: "loss + ½ λ Σ w²",
  term: (weights) => tf.mul(0.5, tf.sum(tf.square(weights))),
});
`;

/** Writes what the runs of a study need into its project. */
export async function writeNeeds(project: string): Promise<void> {
  await Deno.mkdir(join(project, "data"), { recursive: true });
  await Deno.mkdir(join(project, "parts"), { recursive: true });
  await Deno.writeTextFile(join(project, corpusFile), text);
  await Deno.writeTextFile(join(project, moduleFile), code);
  const settings = join(project, "deno.json");
  const { imports, ...rest } = JSON.parse(await Deno.readTextFile(settings));
  const parsimony = new URL("../../mod.ts", import.meta.url).href;
  await Deno.writeTextFile(
    settings,
    JSON.stringify({ ...rest, imports: { ...imports, parsimony } }),
  );
}
