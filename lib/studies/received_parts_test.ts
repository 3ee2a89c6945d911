import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readModuleCode } from "../core/module_graph.ts";
import { moduleCode } from "../core/own_module.ts";
import { checkOwnCode, ForeignCode } from "../core/trust.ts";
import { ownModel } from "../models/own_model.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { validateSpecification } from "../training/specification.ts";
import { checkOwnParts } from "./_seal_own_parts.ts";
import { checkJob } from "./pool/queue/job.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { loadStudy } from "./study.ts";
import { documented, ownStudy, type Parts, withOwnProject } from "./_testing/own_parts.ts";

/** Leaves a mark in any folder that it may write, whoever runs it. */
const marking = `for (const folder of [import.meta.dirname, ${
  JSON.stringify(Deno.cwd())
}, "/tmp"]) {
  try {
    Deno.writeTextFileSync(folder + "/received-code-ran", "");
  } catch { /* not here */ }
}
`;

const penalties = (module: string): Parts => ({ penalties: [ownPenalty({ module, strength: 1 })] });

Deno.test("runStudy and a worker refuse modules that came with results, by links and imports too, before they run or anything is written", () =>
  withOwnProject({
    "results/gift/evil.ts": marking + documented["parts/logarithm.ts"],
    "datasets/gift/evil.ts": marking + documented["parts/logarithm.ts"],
    "results/gift/model.ts": marking + documented["parts/bigram.ts"],
    "results/gift/optimizer.ts": marking + documented["parts/adam.ts"],
    "parts/outer.ts": `export { default } from "../results/gift/evil.ts";\n`,
  }, async (project) => {
    await Deno.symlink(join(project, "results/gift/evil.ts"), join(project, "parts/link.ts"));
    const { penalties: none } = ownStudy(project, () => ({ penalties: [] })).specify({ lambda: 0 });
    const cases: [module: string, parts: Parts][] = [
      ...["results/gift/evil.ts", "datasets/gift/evil.ts", "parts/outer.ts", "parts/link.ts"]
        .map((module): [string, Parts] => [module, penalties(module)]),
      ["results/gift/model.ts", {
        penalties: none,
        model: ownModel({ module: "results/gift/model.ts" }),
      }],
      ["results/gift/optimizer.ts", {
        penalties: none,
        optimizer: ownOptimizer({ module: "results/gift/optimizer.ts", learningRate: 0.01 }),
      }],
    ];
    for (const [module, parts] of cases) {
      const options = ownStudy(project, () => parts, { name: "mine" });
      await assert.rejects(
        runStudy(options),
        (error: Error) =>
          error instanceof ForeignCode && error.message.startsWith(`Cannot use ${module}: `) &&
          error.message.includes("copy to a folder of your own, such as parts/"),
      );
      await assert.rejects(Deno.stat(join(project, "results/mine")), Deno.errors.NotFound);
      // As a job of the queue has it, with the code that the files have here.
      const code = await readModuleCode(project, module);
      const given = options.specify({ lambda: 0 });
      const job = validateSpecification({
        ...given,
        ...(parts.model && { model: ownModel({ module, code }) }),
        ...(parts.optimizer && { optimizer: ownOptimizer({ module, code, learningRate: 0.01 }) }),
        ...(!parts.model && !parts.optimizer &&
          { penalties: [ownPenalty({ module, code, strength: 1 })] }),
      });
      await assert.rejects(checkOwnParts(job, project), ForeignCode);
    }
    for (const folder of ["results/gift", "parts", "datasets/gift", Deno.cwd(), "/tmp"]) {
      const mark = join(folder.startsWith("/") ? "" : project, folder, "received-code-ran");
      await assert.rejects(Deno.stat(mark), Deno.errors.NotFound, mark);
    }
  }));

Deno.test("what the files of a study name, paths, modules, packages or an executor, decides nothing of what is read or run", () =>
  withOwnProject(
    { "results/gift/evil.ts": `${marking}export const executeRun = 1;\n` },
    async (project) => {
      const study = await runStudy(ownStudy(project, () => ({ penalties: [] }), {
        name: "gift/study",
        space: points([{ lambda: 0 }]),
        keepWeights: "all",
        workers: 1,
      }));
      const [{ point, fold, seed }] = study.records;
      const weights = async () => {
        const model = await loadStudy("gift/study", { project }).model({ point, fold, seed });
        const values = model.weights();
        model.dispose();
        return values;
      };
      const kept = await weights();
      const evil = pathToFileURL(join(project, "results/gift/evil.ts")).href;
      const change = async (file: string, edit: (text: string) => string) => {
        const path = join(study.folder, file);
        const text = await Deno.readTextFile(path);
        assert.notEqual(edit(text), text);
        await Deno.writeTextFile(path, edit(text));
      };
      // Weights are read where the study keeps them, whatever path a record names.
      await change(
        "runs.jsonl",
        (text) => text.replace(/"weights":"[^"]+"/, `"weights":"results/gift/evil.ts"`),
      );
      assert.deepEqual(await weights(), kept);
      // Trained again, by the library's own training: no key names another.
      await Deno.remove(join(study.folder, "weights"), { recursive: true });
      await change(
        "study.json",
        (text) => text.replace("{", `{ "executor": "${evil}", "parts": { "executor": "${evil}" },`),
      );
      assert.deepEqual(await weights(), kept);
      await assert.rejects(Deno.stat(join(project, "results/gift/received-code-ran")));
      await assert.rejects(Deno.stat(join(study.folder, "received-code-ran")));

      // A job says what is trained and not with what, nor whom to trust.
      for (
        const key of ["executor", "trusted", "warmStart", "checkpoint", "weightsPath", "copyOf"]
      ) {
        assert.throws(
          () => checkJob({ [key]: evil }, "wasm", (json) => json),
          /job: unknown option/,
        );
      }
      // Packages are compared with those that the files import, never fetched by their name.
      const code = await readModuleCode(project, "parts/ridge.ts");
      const packages = { "evil": "evil@1.0.0" };
      await assert.rejects(
        checkOwnCode(project, {
          module: "parts/ridge.ts",
          export: "default",
          code: moduleCode(code.files, packages),
        }),
        /import of evil is not there here, not evil@1\.0\.0/,
      );
    },
  ));
