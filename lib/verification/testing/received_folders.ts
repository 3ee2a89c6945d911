import { join } from "node:path";
import { documentedFiles } from "../../core/testing/documented.ts";
import { inTemporaryProject } from "../../core/testing/temporary_project.ts";
import { textFile } from "../../data/corpora.ts";
import { blockedFolds } from "../../data/folds.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { ownModel } from "../../models/own_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { ownOptimizer } from "../../optimizers/own_optimizer.ts";
import { ownPenalty } from "../../penalties/own_penalty.ts";
import type { StudyOptions } from "../../studies/options.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { runStudy } from "../../studies/run_study.ts";
import { points } from "../../studies/search/space.ts";
import { loadStudy } from "../../studies/study.ts";
import { hostile, rename, type Targets } from "./hostile_code.ts";

const parts = documentedFiles("docs/own-parts.md");

/** What a test finds of a project into which folders of others were copied. */
export interface Received {
  readonly project: string;
  /** What the code in it tries. */
  readonly targets: Targets;
  /** Whether anything of them ran without a cage: it left a mark, or somebody was asked. */
  hasRun(): Promise<boolean>;
  /** SHA-256 of the module of a study. */
  sha256(study: string): string;
}

/**
 * Uses a project with `results/gift`, whose penalty is hostile, `results/model`, whose model is, and
 * `results/optimizer`; all were trained elsewhere, with their weights kept.
 */
export async function withGifts(use: (received: Received) => Promise<void>): Promise<void> {
  const outside = await Deno.makeTempDir({ prefix: "outside-" });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let asked = 0;
  const answering = (async () => {
    for await (const connection of listener) {
      asked++;
      connection.close();
    }
  })();
  const { PARSIMONY_REDIS: before } = Deno.env.toObject();
  Deno.env.set("PARSIMONY_REDIS", "redis://me:secret@example.org");
  const marker = join(outside, "mark");
  try {
    await inTemporaryProject(async (project) => {
      const { port } = listener.addr as Deno.NetAddr;
      const targets = { marker, secret: join(project, "secret.txt"), link: "passwd.txt", port };
      await write(project, targets);
      await make(project, "gift", {
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        penalties: [ownPenalty({ module: "made/gift.ts", strength: 1e-3 })],
      });
      await make(project, "model", {
        model: ownModel({ module: "made/model.ts", options: { size: 4 } }),
        penalties: [],
      });
      await make(project, "optimizer", {
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        optimizer: ownOptimizer({ module: "made/optimizer.ts", learningRate: 0.01 }),
      });
      await Deno.remove(join(project, "made"), { recursive: true });
      await use({
        project,
        targets,
        sha256: (name) => codeOf(loadStudy(name).record.specifications[0]),
        async hasRun() {
          const marked = await Deno.stat(marker).then(() => true, () => false);
          return marked || asked > 0 || (await Deno.readTextFile(targets.secret)) !== "secret";
        },
      });
    });
  } finally {
    if (before === undefined) Deno.env.delete("PARSIMONY_REDIS");
    else Deno.env.set("PARSIMONY_REDIS", before);
    listener.close();
    await answering;
    await Deno.remove(outside, { recursive: true });
  }
}

function codeOf(specification: any): string {
  const { model, penalties, optimizer } = specification;
  return [model, ...penalties, optimizer].find(({ code }) => code).code.sha256;
}

async function write(project: string, targets: Targets): Promise<void> {
  const configuration = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  configuration.imports.parsimony = new URL("../../mod.ts", import.meta.url).href;
  await Deno.writeTextFile(join(project, "deno.json"), JSON.stringify(configuration));
  await Deno.writeTextFile(targets.secret, "secret");
  const lines = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `);
  await Deno.writeTextFile(join(project, "whales.txt"), lines.join(""));
  const files = {
    gift: parts["parts/logarithm.ts"],
    model: parts["parts/bigram.ts"],
    optimizer: parts["parts/adam.ts"],
  };
  for (const [name, work] of Object.entries(files)) {
    const code = hostile(targets, work);
    await Deno.mkdir(join(project, "results", name), { recursive: true });
    await Deno.mkdir(join(project, "made"), { recursive: true });
    await Deno.writeTextFile(join(project, "made", `${name}.ts`), code);
    await Deno.writeTextFile(join(project, "results", name, `${name}.ts`), code);
    await Deno.symlink("/etc/passwd", join(project, "results", name, targets.link));
  }
}

/** Runs a study elsewhere in the project, and puts it where folders of others are. */
async function make(project: string, name: string, own: object): Promise<void> {
  await runStudy({
    ...studyOf(project, own),
    name: `made-${name}`,
    keepWeights: "all",
  });
  await rename(
    project,
    { from: `made-${name}`, to: name },
    (path) => path.replace("made/", `results/${name}/`),
  );
}

/** Options of a small study with own parts. */
export function studyOf(project: string, own: object): StudyOptions {
  return {
    name: "own",
    project,
    space: points([{}]),
    specify: () => ({
      corpus: textFile("whales.txt"),
      tokenizer: characters(),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
      ...own as { model: ReturnType<typeof gruLanguageModel> },
    }),
    folds: blockedFolds({ count: 2 }),
    seeds: [1],
    workers: 1,
    reporter: silentReporter,
  };
}
