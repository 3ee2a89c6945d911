import assert from "node:assert/strict";
import { join } from "node:path";
import { readModuleCode } from "../core/module_graph.ts";
import { moduleCode } from "../core/own_module.ts";
import { documentedFiles } from "../core/testing/documented.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { ownPenalty, type OwnPenaltySpecification } from "../penalties/own_penalty.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { simplify } from "../simplification/simplify.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { runStudy } from "../studies/run_study.ts";
import { loadStudy } from "../studies/study.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { hostile } from "./testing/hostile_code.ts";
import { studyOf, withGifts } from "./testing/received_folders.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";

const foreign = /not code of this project's own \(results\/\w+\/\w+\.ts is in results\/\)/;
const said = ({ what, problems, notes }: VerifiedPart) => ({ what, problems, notes });

Deno.test("nothing of a hostile folder runs by verify, with a sample or without, by report, loadStudy or a model", () =>
  withGifts(async ({ project, hasRun, sha256 }) => {
    for (const name of ["gift", "model", "optimizer"]) {
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
    for (const name of ["gift", "model", "optimizer"]) {
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

Deno.test("own code of the project trains in processes that read the project and do nothing else, by runStudy, verify and study.model()", () =>
  withGifts(async ({ project, targets, hasRun }) => {
    const may = ["read the project", "read through a link of the project", "see the host"];
    const code = hostile(
      targets,
      documentedFiles("docs/own-parts.md")["parts/logarithm.ts"],
      "/parts/",
      may,
    );
    await Deno.mkdir(join(project, "parts"));
    await Deno.writeTextFile(join(project, "parts/mine.ts"), code);
    const { point, fold, seed } = (await runStudy(studyOf(project, {
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [ownPenalty({ module: "parts/mine.ts", strength: 1e-3 })],
    }))).records[0];
    const found = await verifyStudy("own", { project, sample: 1 });
    assert.deepEqual(found.flatMap(({ problems }) => problems), []);
    assert.match(found.at(-1)!.what, /trained again on wasm: the same bits/);
    (await loadStudy("own", { project }).model({ point, fold, seed })).dispose();
    assert.equal(await hasRun(), false);
  }));
