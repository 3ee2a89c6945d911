import { dirname, join } from "node:path";
import library from "../../../deno.json" with { type: "json" };
import { documentedFiles } from "../../core/testing/documented.ts";
import { inlineText } from "../../data/corpora.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { ownModel } from "../../models/own_model.ts";
import { adam } from "../../optimizers/adam.ts";
import type { OptimizerSpecification } from "../../optimizers/optimizer.ts";
import { ownPenalty } from "../../penalties/own_penalty.ts";
import type { StudyOptions } from "../options.ts";
import { grid } from "../search/space.ts";
import { withProject } from "./parts.ts";
import { smallStudy, text } from "./small_study.ts";

/** Code of the page on own parts, by its path. */
export const documented = documentedFiles("docs/own-parts.md");

/** Code of a penalty and of a map whose module imports another one. */
export const ridge = `import { definePenalty, tf } from "parsimony";
import { half } from "./half.ts";
export default definePenalty({
  name: "ridge",
  formula: "loss + ½ λ Σ w²",
  term: (weights) => tf.mul(half, tf.sum(tf.square(weights))),
});
export const shrink = definePenalty({
  name: "shrink",
  formula: "w ← w − η λ c w after the step",
  defaults: { factor: 1 },
  afterStep(weights, { strength, learningRate, options: { factor } }) {
    for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * strength * factor * weights[i];
  },
});
`;

/** A project with modules of its own that import the library as \`parsimony\`. */
export async function withOwnProject(
  files: Record<string, string>,
  use: (project: string) => Promise<void>,
): Promise<void> {
  await withProject(async (project) => {
    const { bullmq: _, ioredis: __, ...imports } = library.imports;
    await Deno.writeTextFile(
      join(project, "deno.json"),
      JSON.stringify({
        imports: { ...imports, parsimony: new URL("../../mod.ts", import.meta.url).href },
        nodeModulesDir: "none",
      }),
    );
    await writeFiles(project, {
      "parts/half.ts": "export const half = 0.5;\n",
      "parts/ridge.ts": ridge,
      "parts/bigram.ts": documented["parts/bigram.ts"],
      "parts/logarithm.ts": documented["parts/logarithm.ts"],
      "parts/adam.ts": documented["parts/adam.ts"],
      "parts/cautious-decay.ts": documented["parts/cautious-decay.ts"],
      ...files,
    });
    await use(project);
  });
}

/** Writes files of a project, by their paths in it. */
export async function writeFiles(project: string, files: Record<string, string>): Promise<void> {
  for (const [path, code] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(project, path)), { recursive: true });
    await Deno.writeTextFile(join(project, path), code);
  }
}

/** What a study of own parts adds to the small study. */
export type Parts = Partial<Pick<ReturnType<StudyOptions["specify"]>, "penalties">> & {
  model?: ReturnType<typeof ownModel>;
  optimizer?: OptimizerSpecification;
};

/** The small study with some penalties, or another model, for each λ. */
export function ownStudy(
  project: string,
  parts: (lambda: number) => Parts,
  changes: Partial<StudyOptions> = {},
): StudyOptions {
  return smallStudy(project, {
    space: grid({ lambda: [0, 0.01] }),
    specify: ({ lambda }) => ({
      corpus: inlineText(text),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3 },
      ...parts(lambda) as object,
    }),
    ...changes,
  });
}

/** A penalty whose module imports another one. */
export const ridgePenalty = (lambda: number): Parts => ({
  penalties: [ownPenalty({ module: "parts/ridge.ts", strength: lambda })],
});
