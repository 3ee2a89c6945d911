import assert from "node:assert/strict";
import { join } from "node:path";
import { readModuleCode } from "../core/module_graph.ts";
import { moduleCode } from "../core/own_module.ts";
import { documentedFiles } from "../core/testing/documented.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { textFile } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers.ts";
import { cliIn, outcomeOf } from "./_testing/cli.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { ownModel } from "../models/own_model.ts";
import { adam } from "../optimizers/adam.ts";
import { ownPenalty, type OwnPenaltySpecification } from "../penalties/own_penalty.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { simplify } from "../simplification/simplify.ts";
import { studyFolder } from "../studies/folder.ts";
import type { StudyOptions } from "../studies/options.ts";
import { silentReporter } from "../studies/reporter.ts";
import { runStudy } from "../studies/run_study.ts";
import { points } from "../studies/space.ts";
import { loadStudy } from "../studies/study.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { hostile, rename, type Targets } from "../verification/testing/gift.ts";
import { type VerifiedPart, verifyStudy } from "../verification/verify_study.ts";

const parts = documentedFiles("docs/own-parts.md");

/** What a test finds of a project into which folders of others were copied. */
interface Received {
  readonly project: string;
  /** Whether anything of them ran without a cage: it left a mark, or somebody was asked. */
  hasRun(): Promise<boolean>;
  /** SHA-256 of the module of a study. */
  sha256(study: string): string;
}

/**
 * Uses a project with `results/gift`, whose penalty is hostile, and `results/model`, whose model is; both
 * were trained elsewhere, with their weights kept.
 */
async function withGifts(use: (received: Received) => Promise<void>): Promise<void> {
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
      await Deno.remove(join(project, "made"), { recursive: true });
      await use({
        project,
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
  return [specification.model, ...specification.penalties].find(({ code }) => code).code.sha256;
}

async function write(project: string, targets: Targets): Promise<void> {
  const configuration = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  configuration.imports.parsimony = new URL("../mod.ts", import.meta.url).href;
  await Deno.writeTextFile(join(project, "deno.json"), JSON.stringify(configuration));
  await Deno.writeTextFile(targets.secret, "secret");
  const lines = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `);
  await Deno.writeTextFile(join(project, "whales.txt"), lines.join(""));
  const files = { gift: parts["parts/logarithm.ts"], model: parts["parts/bigram.ts"] };
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

function studyOf(project: string, own: object): StudyOptions {
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

const foreign = /not code of this project's own \(results\/\w+\/\w+\.ts is in results\/\)/;
const said = ({ what, problems, notes }: VerifiedPart) => ({ what, problems, notes });

Deno.test("nothing of a hostile folder runs by verify, with a sample or without, by report, loadStudy or a model", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    for (const name of ["gift", "model"]) {
      const plain = await verifyStudy(name, { project });
      assert.deepEqual(plain.flatMap(({ problems }) => problems), [], name);
      const own = plain.find(({ what }) => what.startsWith("own code"))!;
      assert.match(own.notes[0], foreign);
      assert.ok(own.notes[0].includes(`--trust ${sha256(name)}`));
      const sampled = await verifyStudy(name, { project, sample: 2 });
      assert.equal(await hasRun(), false, name);
      const refused = sampled.filter(({ problems }) => problems.length > 0).map(said);
      assert.equal(refused.length, 1, JSON.stringify(refused));
      assert.match(refused[0].problems[0], foreign);
      assert.match(refused[0].problems[1], /^3 runs cannot be trained again here/);
      assert.ok(sampled.every(({ what }) => !what.includes("trained again on")));
      const other = await verifyStudy(name, { project, sample: 2, trust: ["0".repeat(64)] });
      assert.ok(other.every(({ what }) => !what.includes("trained again on")));
      assert.match(JSON.stringify(other), /trusted SHA-256 0{64} is of none of its modules/);

      const study = loadStudy(name, { project });
      assert.ok(String(study).length > 0);
      study.digest();
      await writeReport(study);
      await writeMarkdownReport(study);
      const bytes = await Deno.readFile(join(project, study.records[0].weights!));
      const { point, fold, seed } = study.records[0];
      if (name === "model") {
        await assert.rejects(study.model({ point, fold, seed }), foreign);
        await assert.rejects(
          readTrainedModel(bytes),
          /copy to a folder of your own, such as parts/,
        );
        const weights = () => readSafetensors(bytes).tensors;
        const given = { file: () => bytes, weights, engine: "wasm" } as unknown as TrainedModel;
        await assert.rejects(simplify(given, { share: 0.1 }), foreign);
      } else {
        // Its model is the library's: the weights that it kept are no code.
        (await study.model({ point, fold, seed })).dispose();
      }
      await Deno.remove(join(study.folder, "weights"), { recursive: true });
      await assert.rejects(study.model({ point, fold, seed }), foreign);
      await assert.rejects(Deno.stat(join(study.folder, "mark")), Deno.errors.NotFound);
      assert.equal(await hasRun(), false, name);
    }
  }));

Deno.test("code that the user trusts is trained in a cage: none of its attempts succeeds, and the bits are the record's", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    for (const name of ["gift", "model"]) {
      const trusted = await verifyStudy(name, { project, sample: 2, trust: [sha256(name)] });
      assert.deepEqual(trusted.flatMap(({ problems }) => problems), [], name);
      const runs = trusted.filter(({ what }) =>
        what.endsWith("trained again on wasm: the same bits")
      );
      assert.equal(runs.length, 2);
      assert.match(
        trusted.find(({ what }) => what.startsWith("own code"))!.notes[0],
        /trusted by you/,
      );
      const folder = studyFolder(name, project).path;
      await assert.rejects(Deno.stat(join(folder, "mark")), Deno.errors.NotFound);
      // The copy that it read is gone.
      assert.deepEqual([...Deno.readDirSync(join(project, ".temporary"))], []);
      assert.equal(await hasRun(), false, name);
    }
    // Trusted as it was read: one byte more, and it does not run.
    const trust = [sha256("gift")];
    const path = join(project, "results/gift/gift.ts");
    await Deno.writeTextFile(path, `${await Deno.readTextFile(path)}\n`);
    const changed = await verifyStudy("gift", { project, sample: 1, trust });
    assert.match(
      JSON.stringify(changed.filter(({ problems }) => problems.length > 0).map(said)),
      /code must be that with SHA-256 [0-9a-f]{64}, but results\/gift\/gift\.ts is/,
    );
    assert.equal(await hasRun(), false);

    // The same code without a cage, so that each attempt is known to be one.
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "results/gift/gift.ts"],
      cwd: project,
    }).output();
    const succeeded = /succeeded: (.*)/.exec(new TextDecoder().decode(stderr))?.[1].split(", ");
    for (
      const what of [
        ...["write outside", "write here", "write the project", "read /etc/passwd"],
        ...["read through a link", "read the project", "read its study", "read the environment"],
        ...["read the password", "list the environment", "read node's environment", "read /proc"],
        ...["connect", "listen", "run", "run deno", "run by node", "kill", "see the host"],
        ...["see the system", ...(Deno.build.os === "linux" ? ["load a library"] : [])],
      ]
    ) {
      assert.ok(succeeded?.includes(what), `${what}: ${succeeded}`);
    }
    assert.equal(await hasRun(), true);
  }));

Deno.test("a module of the project that imports one of a hostile folder is foreign, also where the study conceals it", () =>
  withGifts(async ({ project, hasRun }) => {
    const outer = `export { default } from "../results/gift/gift.ts";\n`;
    await Deno.mkdir(join(project, "parts"));
    await Deno.writeTextFile(join(project, "parts/outer.ts"), outer);
    const { definition } = studyFolder("gift", project);
    const text = await Deno.readTextFile(definition);
    const [penalty] = JSON.parse(text).specifications[0].penalties as OwnPenaltySpecification[];
    const whole = await readModuleCode(project, "parts/outer.ts");
    assert.deepEqual(Object.keys(whole.files), ["parts/outer.ts", "results/gift/gift.ts"]);
    const files = { "parts/outer.ts": whole.files["parts/outer.ts"] };
    for (
      const [code, why] of [
        [
          whole,
          /parts\/outer\.ts is not code of this .*\(results\/gift\/gift\.ts is in results\/\)/,
        ],
        [moduleCode(files, {}), /parts\/outer\.ts: its code must be .*gift\.ts is [0-9a-f]+ here/],
      ] as const
    ) {
      const study = JSON.parse(text);
      study.specifications[0].penalties = [{ ...penalty, module: "parts/outer.ts", code }];
      await Deno.writeTextFile(definition, JSON.stringify(study));
      const found = await verifyStudy("gift", { project, sample: 1 });
      assert.match(JSON.stringify(found.map(said)), why);
      await Deno.remove(join(project, "results/gift/weights"), { recursive: true }).catch(() => {});
      const model = loadStudy("gift", { project }).model({ point: {}, fold: 0, seed: 1 });
      await assert.rejects(model, /parts\/outer\.ts: /);
    }
    assert.equal(await hasRun(), false);
  }));

Deno.test("the command verify says how code of others is trusted, and trains it with the permissions of its task", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    const verify = async (...args: string[]) =>
      await outcomeOf(await cliIn(project, "verify", "gift", ...args));
    const trust = ["--trust", sha256("gift")];
    const plain = await verify();
    assert.equal(plain.code, 0, plain.output + plain.errors);
    assert.match(plain.output, new RegExp(`– results/gift/gift\\.ts is not code.*${trust[1]}`));
    const refused = await verify("--sample", "1");
    assert.equal(refused.code, 1, refused.output);
    const trained = await verify("--sample", "1", ...trust);
    assert.equal(trained.code, 0, trained.output + trained.errors);
    assert.match(trained.output, /✓ run [0-9a-f]{12} trained again on wasm: the same bits/);
    const wrong = await verify("--trust", "yes");
    assert.equal(wrong.code, 2);
    assert.match(wrong.errors, /--trust must be the SHA-256 .* found "yes"/);
    assert.equal(await hasRun(), false);
  }));
