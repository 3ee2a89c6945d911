import assert from "node:assert/strict";
import { join } from "node:path";
import { readModuleCode } from "../core/module_graph.ts";
import { ForeignCode } from "../core/trust.ts";
import { ownModel } from "../models/own_model.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { validateSpecification } from "../training/specification.ts";
import { checkOwnParts } from "./_seal_parts.ts";
import { runStudy } from "./run_study.ts";
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
        ...(!parts.model && { penalties: [ownPenalty({ module, code, strength: 1 })] }),
      });
      await assert.rejects(checkOwnParts(job, project), ForeignCode);
    }
    for (const folder of ["results/gift", "parts", "datasets/gift", Deno.cwd(), "/tmp"]) {
      const mark = join(folder.startsWith("/") ? "" : project, folder, "received-code-ran");
      await assert.rejects(Deno.stat(mark), Deno.errors.NotFound, mark);
    }
  }));
