import assert from "node:assert/strict";
import { join } from "node:path";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { definitionLines } from "../core/testing/documented.ts";
import { ownModel } from "../models/own_model.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { l2 } from "../penalties/l2.ts";
import { type KernelOutput, startKernel } from "../notebook/kernel.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { loadOwnParts } from "../training/own_parts.ts";
import { validateSpecification } from "../training/specification.ts";
import { simplify } from "../simplification/simplify.ts";
import { writeReport } from "../reports/report.ts";
import { sealOwnParts } from "./_seal_own_parts.ts";
import { runId } from "./plan/run_id.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { text } from "./_testing/small_study.ts";
import {
  documented,
  ownStudy,
  type Parts,
  ridge,
  ridgePenalty,
  withOwnProject,
  writeFiles,
} from "./_testing/own_parts.ts";

Deno.test("the documented model and penalty are definitions of ten lines at most", () => {
  for (const file of ["parts/bigram.ts", "parts/logarithm.ts"]) {
    const lines = definitionLines(documented[file]);
    assert.ok(lines.length > 5 && lines.length <= 10, `${file}: ${lines.length} lines`);
  }
});

Deno.test("a penalty of one's own in a module trains in children as the library's own of the same formula", () =>
  withOwnProject({}, async (project) => {
    const own = await runStudy(ownStudy(project, ridgePenalty));
    const built = await runStudy(
      ownStudy(project, (lambda) => ({ penalties: [l2({ strength: lambda })] }), { name: "l2" }),
    );
    assert.ok(own.records.length >= 4);
    for (const [index, { status, error, curve, parameters }] of own.records.entries()) {
      assert.equal(status, "completed", error ?? "");
      const [last, other] = [curve.at(-1)!, built.records[index].curve.at(-1)!];
      assert.ok(Math.abs(last.trainingLoss - other.trainingLoss) < 1e-5);
      assert.ok(Math.abs(last.penalty - other.penalty) < 1e-5 * Math.max(1e-3, other.penalty));
      assert.ok(Math.abs(last.gradientNorm! - other.gradientNorm!) < 1e-5);
      const kernel = parameters.find(({ name }) => name === "gru0/kernel");
      assert.deepEqual(kernel?.penalties, ["ridge"]);
    }
    const [unpenalized] = own.record.specifications;
    assert.deepEqual(own.record.baseline, { lambda: 0 });
    const penalty = (unpenalized.penalties as unknown as ReturnType<typeof ownPenalty>[])[0];
    assert.deepEqual(Object.keys(penalty.code!.files), ["parts/half.ts", "parts/ridge.ts"]);
    assert.deepEqual([penalty.name, penalty.formula], ["ridge", "loss + ½ λ Σ w²"]);
    const { html } = await reportOf(own);
    assert.match(html, /loss \+ ½ λ Σ w²/);
    assert.match(html, /<strong>ridge \(<code>default<\/code> of <code>parts\/ridge\.ts<\/code>/);
    assert.ok(html.includes(penalty.code!.sha256));
  }));

async function reportOf(study: Awaited<ReturnType<typeof runStudy>>) {
  await writeReport(study);
  return { html: await Deno.readTextFile(join(study.folder, "report.html")) };
}

Deno.test("the ids of runs change with the code of what a module imports, and the study says which file", () =>
  withOwnProject({}, async (project) => {
    const one = { space: points([{ lambda: 0.01 }]), workers: 1 };
    const study = await runStudy(ownStudy(project, ridgePenalty, one));
    const given = validateSpecification(ownStudy(project, ridgePenalty).specify({ lambda: 0.01 }));
    const half = (code: string) => writeFiles(project, { "parts/half.ts": code });
    const idOf = async () => {
      const [sealed] = await sealOwnParts([given], project);
      const specification: JsonObject = JSON.parse(canonicalJson(stored(sealed)));
      return runId({ specification, fold: study.record.folds[0], seed: 1, engine: "wasm" });
    };
    assert.equal(await idOf(), study.records[0].id);
    await half("export const half = 0.25 * 2;\n");
    assert.notEqual(await idOf(), study.records[0].id);
    await assert.rejects(
      runStudy(ownStudy(project, ridgePenalty, one)),
      /penalties\[0\]\.code\.files\.parts\/half\.ts is "[0-9a-f]{64}", now "[0-9a-f]{64}"/,
    );
    const specification = validateSpecification(study.record.specifications[0]);
    await assert.rejects(
      loadOwnParts(specification, project),
      /Cannot use parts\/ridge\.ts: .* parts\/half\.ts has [0-9a-f]{64}, not [0-9a-f]{64}/,
    );
    await half("export const half = 0.5;\n");
    assert.equal(await idOf(), study.records[0].id);
    assert.equal(
      (await loadOwnParts(specification, project)).penalties[0].definition.name,
      "ridge",
    );
    await half("export const half = 1;\n");
    const [changed] = await sealOwnParts([given], project);
    await assert.rejects(loadOwnParts(changed, project), /changed after this process loaded it/);
  }));

Deno.test("a map of one's own acts after the step, with its options, and nothing at strength 0", () =>
  withOwnProject({}, async (project) => {
    const module = "parts/ridge.ts";
    const study = await runStudy({
      ...ownStudy(project, () => ({ penalties: [] })),
      space: points([{ strength: null }, { strength: 0 }, { strength: 10 }]),
      specify: ({ strength }) =>
        ownStudy(project, () => ({
          penalties: strength === null
            ? []
            : [ownPenalty({ module, export: "shrink", strength, options: { factor: 2 } })],
        })).specify({}),
      baseline: null,
    });
    const [none, zero, ten] = [null, 0, 10].map((strength) =>
      study.records.find(({ point, fold }) => point.strength === strength && fold === 0)!.final!
    );
    assert.deepEqual(zero, none);
    assert.ok(ten.weightNorm < 0.8 * zero.weightNorm);
  }));

Deno.test("cautious decay as a penalty of one's own is the library's within 1e-6, where a map sees the step", () =>
  withOwnProject({}, async (project) => {
    const training = { steps: 30, batchSize: 4, windowLength: 8, evaluateEvery: 10 };
    const last = async (name: string, penalties: Parts["penalties"]) => {
      const given = ownStudy(project, () => ({ penalties, training } as Parts), { name });
      const study = await runStudy({ ...given, space: points([{ lambda: 1 }]), baseline: null });
      return study.records.map(({ final }) => [final!.trainingLoss, final!.weightNorm]);
    };
    const strength = 3;
    const module = "parts/cautious-decay.ts";
    const own = await last("own", [ownPenalty({ module, strength })]);
    const built = await last("built", [decoupledWeightDecay({ strength, cautious: true })]);
    const plain = await last("plain", [decoupledWeightDecay({ strength })]);
    own.forEach((values, run) =>
      values.forEach((value, index) => {
        assert.ok(Math.abs(value - built[run][index]) < 1e-6, `${value} ${built[run][index]}`);
        assert.ok(Math.abs(value - plain[run][index]) > 1e-4);
      })
    );
  }));

Deno.test("a model of one's own learns, writes, and is given back to its bits", () =>
  withOwnProject({}, async (project) => {
    const model = ownModel({ module: "parts/bigram.ts", options: { size: 8 } });
    const penalties = [ownPenalty({ module: "parts/logarithm.ts", strength: 1e-4 })];
    const study = await runStudy(ownStudy(project, () => ({ model, penalties }), {
      space: points([{ lambda: 0 }]),
      keepWeights: "all",
    }));
    const [{ status, error, curve, samples, parameters, point, fold, seed }] = study.records;
    assert.equal(status, "completed", error ?? "");
    assert.deepEqual(parameters.map(({ name }) => name), ["embedding/table", "output/kernel"]);
    assert.ok(curve.at(-1)!.trainingLoss < curve[0].trainingLoss);
    assert.ok(curve.at(-1)!.penalty > 0);
    assert.equal(samples[0].text.length, 160);
    const trained = await study.model({ point, fold, seed });
    assert.equal(trained.weights().get("output/kernel")!.shape[0], 8);
    assert.ok(trained.crossEntropy(text.slice(0, 400)) < curve[0].trainingLoss);
    assert.equal(trained.generate({ prompt: "call", length: 5, seed: 1 }).length, 5);
    const loss = (model: typeof trained) => model.crossEntropy(text);
    const { model: simple, report } = await simplify(trained, { loss, project });
    assert.equal(report.stages[1].loss, report.stages[0].loss);
    simple.dispose();
    trained.dispose();
  }));

Deno.test("a cell of a notebook studies a module beside it", () =>
  withOwnProject(
    { "notebooks/mine.ts": ridge.replace("./half.ts", "../parts/half.ts") },
    async (project) => {
      const kernel = await startKernel({ folder: join(project, "notebooks") });
      const code = `
      const { adam, blockedFolds, characters, gruLanguageModel, inlineText, ownPenalty, points, runStudy } =
        await import("parsimony");
      const study = await runStudy({
        name: "cell",
        space: points([{ lambda: 0.01 }]),
        specify: ({ lambda }) => ({
          corpus: inlineText(${JSON.stringify(text)}),
          tokenizer: characters(),
          model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
          penalties: [ownPenalty({ module: "notebooks/mine.ts", strength: lambda })],
          optimizer: adam({ learningRate: 0.01 }),
          training: { steps: 2, batchSize: 4, windowLength: 8 },
        }),
        folds: blockedFolds({ count: 2 }),
        seeds: [1],
        workers: 1,
      });
      study.records.map(({ final }) => final.penalty).join();`;
      try {
        const outputs: KernelOutput[] = [];
        const reply = await kernel.execute(code, { onOutput: (output) => outputs.push(output) });
        assert.equal(reply.status, "ok", JSON.stringify(reply));
        const result = outputs.find(({ type }) => type === "execute_result")!;
        const shown = String((result.content.data as Record<string, unknown>)["text/plain"]);
        assert.ok(Number(shown.match(/\d\.\d+/)![0]) > 0, shown);
      } finally {
        await kernel.close();
      }
    },
  ));
