import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import library from "../../deno.json" with { type: "json" };
import { sha256 } from "../core/hash.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { readModuleCode } from "../core/module_graph.ts";
import { moduleCode } from "../core/own_module.ts";
import { definitionLines, documentedFiles } from "../core/testing/documented.ts";
import { numericsVersion } from "../core/version.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { adam } from "../optimizers/adam.ts";
import { l2 } from "../penalties/l2.ts";
import { type KernelOutput, startKernel } from "../notebook/kernel.ts";
import { ownPenalty, type OwnPenaltySpecification } from "../penalties/own_penalty.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { loadOwnParts } from "../training/own_parts.ts";
import { validateSpecification } from "../training/specification.ts";
import { simplify } from "../simplification/simplify.ts";
import { tryOwnParts } from "../training/try_own_parts.ts";
import { writeReport } from "../reports/report.ts";
import type { StudyOptions } from "./options.ts";
import { sealOwnParts } from "./_seal_parts.ts";
import { keyPrefix, redisAddress } from "./queue/connection.ts";
import { queueNames } from "./queue/job.ts";
import { runId } from "./run_id.ts";
import { runStudy } from "./run_study.ts";
import { grid, points } from "./space.ts";
import { until } from "./_testing/processes.ts";
import { withProject } from "./_testing/parts.ts";
import { withRedis } from "./_testing/redis_server.ts";
import { smallStudy, text } from "./_testing/small_study.ts";
import { work } from "./work.ts";

const documented = documentedFiles("docs/own-parts.md");

Deno.test("the documented model and penalty are definitions of ten lines at most", () => {
  for (const file of ["parts/bigram.ts", "parts/logarithm.ts"]) {
    const lines = definitionLines(documented[file]);
    assert.ok(lines.length > 5 && lines.length <= 10, `${file}: ${lines.length} lines`);
  }
});

const ridge = `import { definePenalty, tf } from "parsimony";
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
async function withOwnProject(
  files: Record<string, string>,
  use: (project: string) => Promise<void>,
): Promise<void> {
  await withProject(async (project) => {
    const { bullmq: _, ioredis: __, ...imports } = library.imports;
    await Deno.writeTextFile(
      join(project, "deno.json"),
      JSON.stringify({
        imports: { ...imports, parsimony: new URL("../mod.ts", import.meta.url).href },
        nodeModulesDir: "none",
      }),
    );
    await writeFiles(project, {
      "parts/half.ts": "export const half = 0.5;\n",
      "parts/ridge.ts": ridge,
      "parts/bigram.ts": documented["parts/bigram.ts"],
      "parts/logarithm.ts": documented["parts/logarithm.ts"],
      ...files,
    });
    await use(project);
  });
}

async function writeFiles(project: string, files: Record<string, string>): Promise<void> {
  for (const [path, code] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(project, path)), { recursive: true });
    await Deno.writeTextFile(join(project, path), code);
  }
}

type Parts = Pick<ReturnType<StudyOptions["specify"]>, "penalties"> & {
  model?: ReturnType<typeof ownModel>;
};

function ownStudy(
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

const ridgePenalty = (lambda: number): Parts => ({
  penalties: [ownPenalty({ module: "parts/ridge.ts", strength: lambda })],
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
      const specification: JsonObject = JSON.parse(canonicalJson(sealed));
      return runId({ specification, fold: study.record.folds[0], seed: 1, engine: "wasm" });
    };
    assert.equal(await idOf(), study.records[0].id);
    await half("export const half = 0.25 * 2;\n");
    assert.notEqual(await idOf(), study.records[0].id);
    await assert.rejects(
      runStudy(ownStudy(project, ridgePenalty, one)),
      /penalties\[0\]\.code\.files\.parts\/half\.ts is "[0-9a-f]{64}", now "[0-9a-f]{64}"/,
    );
    const stored = validateSpecification(study.record.specifications[0]);
    await assert.rejects(
      loadOwnParts(stored, project),
      /Cannot use parts\/ridge\.ts: .* parts\/half\.ts has [0-9a-f]{64}, not [0-9a-f]{64}/,
    );
    await half("export const half = 0.5;\n");
    assert.equal(await idOf(), study.records[0].id);
    assert.equal((await loadOwnParts(stored, project)).penalties[0].definition.name, "ridge");
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

const define = (body: string) =>
  `import { definePenalty, defineModel, tf } from "parsimony";\n${body}\n`;
const penaltyOf = (term: string) =>
  define(`export default definePenalty({\n  name: "p",\n  formula: "f",\n  ${term},\n});`);
const modelOf = (logits: string) =>
  define(
    `let calls = 0; const kept = []; void calls; void kept;\n` +
      `export default defineModel({ name: "m", defaults: { size: 2 },\n` +
      `  parameters: ({ vocabularySize: V }) => ({ "output/kernel": { kind: "kernel", shape: [V, V] } }),\n` +
      `  logits: ({ parameters, tokens, time, batch, vocabularySize }) => ${logits} });`,
  );
const logitsOf = `tf.gather(parameters["output/kernel"], tokens)`;

Deno.test("what is wrong with a part of one's own is refused before anything is trained, with module and line", () =>
  withOwnProject({
    "parts/syntax.ts": "export default {\n  name: ;\n};\n",
    "parts/loads.ts": "export const x = 1;\nthrow new RangeError('no data');\n",
    "parts/nothing.ts": "export const other = 1;\n",
    "parts/wrong.ts": "export default { name: 'x' };\n",
    "parts/missing.ts": "import './gone.ts';\nexport default 1;\n",
    "parts/unknown.ts": "import 'leftpad';\nexport default 1;\n",
    "parts/remote.ts": "import 'data:text/javascript,1';\nexport default 1;\n",
    "parts/computed.ts": "const x = './half.ts';\n// import(x)\nexport default await import(x);\n",
    "parts/outside.ts": "import '../../outside.ts';\nexport default 1;\n",
    "parts/throws.ts": penaltyOf(`term() {\n    throw new Error("oh no");\n  }`),
    "parts/nan.ts": penaltyOf("term: () => tf.scalar(NaN)"),
    "parts/shape.ts": penaltyOf("term: (weights) => tf.square(weights)"),
    "parts/text.ts": penaltyOf(`term: () => "3"`),
    "parts/constant.ts": penaltyOf("term: () => tf.scalar(1)"),
    "parts/gradient.ts": penaltyOf("term: (w) => tf.sum(tf.sqrt(tf.sub(w, w)))"),
    "parts/map.ts": penaltyOf("afterStep: (w) => void w.fill(NaN)"),
    "parts/leak.ts": penaltyOf("term: (w) => tf.sum(tf.keep(tf.square(w)))"),
    "parts/loop.ts": modelOf(`tf.add(${logitsOf}, calls++)`),
    "parts/columns.ts": modelOf(`tf.zeros([time * batch, vocabularySize + 1])`),
    "parts/ahead.ts": modelOf(
      `tf.add(${logitsOf}, tf.mul(1e-3, tf.sum(tf.cast(tf.tensor1d(tokens, "int32"), "float32"))))`,
    ),
    "parts/model-nan.ts": modelOf(`tf.div(${logitsOf}, 0)`),
    "parts/model-keeps.ts": modelOf(`tf.keep(tf.add(${logitsOf}, tf.keep(tf.scalar(0))))`),
    "parts/exits.ts": "Deno.exit(3);\n",
  }, async (project) => {
    await Deno.writeTextFile(join(dirname(project), "outside.ts"), "export const x = 1;\n");
    await Deno.symlink(join(dirname(project), "outside.ts"), join(project, "parts/link.ts"));
    const graphs: [string, RegExp][] = [
      ["parts/missing.ts", /parts\/missing\.ts: .*parts\/gone\.ts/],
      ["parts/unknown.ts", /parts\/unknown\.ts, line 1: .*leftpad/],
      ["parts/remote.ts", /parts\/remote\.ts, line 1 imports "data:.*only files of the project/],
      ["parts/computed.ts", /parts\/computed\.ts: line 3 imports a module whose name is computed/],
      ["parts/outside.ts", /\.\.\/outside\.ts is outside the project's folder/],
      ["parts/link.ts", /parts\/link\.ts is outside the project's folder, by a link/],
      ["parts/absent.ts", /parts\/absent\.ts/],
    ];
    const parts: [string, RegExp, ("model" | "penalty")?, string?][] = [
      ["parts/syntax.ts", /parts\/syntax\.ts.*parts\/syntax\.ts:2:9/s],
      ["parts/loads.ts", /parts\/loads\.ts \(parts\/loads\.ts, line 2\): RangeError: no data/],
      ["parts/nothing.ts", /parts\/nothing\.ts has no export "default"; its exports are other/],
      ["parts/wrong.ts", /parts\/wrong\.ts, export "default": formula must be a non-empty text/],
      ["parts/throws.ts", /failed in its term \(parts\/throws\.ts, line 6\): Error: oh no/],
      [
        "parts/nan.ts",
        /parts\/nan\.ts failed in its term.*finite where the weights are, found NaN/,
      ],
      ["parts/shape.ts", /parts\/shape\.ts.*float32 scalar, found float32 \[4, 18\]/],
      ["parts/text.ts", /parts\/text\.ts.*must return a scalar tensor, found "3"/],
      ["parts/constant.ts", /parts\/constant\.ts failed in its term/],
      ["parts/gradient.ts", /parts\/gradient\.ts.*finite gradient where the weights are/],
      ["parts/map.ts", /parts\/map\.ts failed in its map.*must leave finite weights/],
      ["parts/leak.ts", /parts\/leak\.ts must leave no tensor behind, found \d+/],
      [
        "parts/ridge.ts",
        /parts\/ridge\.ts has no export "gone"; its exports are default, shrink/,
        "penalty",
        "gone",
      ],
      ["parts/ridge.ts", /unknown option "size"; allowed are factor/, "penalty", "shrink"],
      ["parts/loop.ts", /parts\/loop\.ts failed in its logits.*others on a second call/, "model"],
      ["parts/columns.ts", /return float32 \[8, 7\].*found float32 \[8, 8\]/, "model"],
      ["parts/ahead.ts", /parts\/ahead\.ts.*must not depend on later tokens/, "model"],
      ["parts/model-nan.ts", /parts\/model-nan\.ts.*finite at the initial weights/, "model"],
      ["parts/model-keeps.ts", /parts\/model-keeps\.ts.*leave no tensor behind/, "model"],
      ["parts/ridge.ts", /export "default": unknown option "formula"/, "model"],
    ];
    try {
      for (const [module, message] of graphs) {
        await assert.rejects(readModuleCode(project, module), message);
      }
      for (const [module, message, kind = "penalty", name = "default"] of parts) {
        const files = [module, ...(module === "parts/ridge.ts" ? ["parts/half.ts"] : [])];
        const hashes = files.map((file) => [file, sha256(Deno.readFileSync(join(project, file)))]);
        const part = { module, export: name, code: moduleCode(Object.fromEntries(hashes), {}) };
        const options = name === "shrink" ? { size: 1 } : {};
        const trial = {
          model: kind === "model"
            ? ownModel(part)
            : gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
          penalties: kind === "model" ? [] : [ownPenalty({ ...part, strength: 1, options })],
          optimizer: adam({ learningRate: 0.01 }),
        };
        await assert.rejects(tryOwnParts([trial], project), message);
      }
      for (
        const [module, message] of [
          ["parts/throws.ts", /failed in its term \(parts\/throws\.ts, line 6\): Error: oh no/],
          ["parts/exits.ts", /parts\/exits\.ts: trying it ended with exit code 3/],
        ] as const
      ) {
        const penalties = [ownPenalty({ module, strength: 1 })];
        await assert.rejects(runStudy(ownStudy(project, () => ({ penalties }))), message);
      }
      await assert.rejects(Deno.stat(join(project, "results")), Deno.errors.NotFound);
    } finally {
      await Deno.remove(join(dirname(project), "outside.ts"));
    }
  }));

Deno.test("ownPenalty refuses paths that are absolute, URLs, lead outside or name no module", () => {
  const wrong = [
    "/etc/x.ts",
    "../x.ts",
    "parts/../../x.ts",
    "./x.ts",
    "https://x.y/x.ts",
    "x.json",
  ];
  for (const module of [...wrong, "C:\\x.ts", "a//b.ts", "%2e%2e/x.ts", "x.ts?v=1", ""]) {
    assert.throws(() => ownPenalty({ module, strength: 1 }), /ownPenalty: module must be/);
  }
});

/** Puts jobs with bad own parts on the queue, and waits until the worker has refused each. */
async function refusesBadJobs(url: string, study: StudyRecord): Promise<void> {
  const { Queue } = await import("bullmq");
  const { connection } = redisAddress(url);
  const queue = new Queue(queueNames("wasm", "bad").queue, { connection, prefix: keyPrefix });
  const [specification] = study.specifications;
  const [good] = specification.penalties as unknown as OwnPenaltySpecification[];
  const files = good.code!.files;
  const bad: [Partial<OwnPenaltySpecification>, RegExp][] = [
    [{ module: "../ridge.ts" }, /from the project's folder/],
    [{ module: "/etc/ridge.ts" }, /from the project's folder/],
    [{ module: "https://example.com/ridge.ts" }, /from the project's folder/],
    [{ code: moduleCode({ ...files, "../../x.ts": "0" }, {}) }, /must stay inside/],
    [{ code: { ...good.code!, sha256: "0".repeat(64) } }, /must be the hash of its files/],
    [{ code: moduleCode({ ...files, "parts/half.ts": "0" }, {}) }, /parts\/half\.ts is .* here/],
    [{ code: moduleCode({ "parts/ridge.ts": files["parts/ridge.ts"] }, {}) }, /not there/],
    [{ code: undefined }, /must come with the hash of its code/],
    [{ module: "parts/gone.ts", code: moduleCode({ "parts/gone.ts": "0" }, {}) }, /parts\/gone/],
  ];
  for (const [changes, reason] of bad) {
    const json: JsonObject = JSON.parse(
      JSON.stringify({ ...specification, penalties: [{ ...good, ...changes }] }),
    );
    const run = { specification: json, fold: study.folds[0], seed: 1, engine: "wasm" };
    const job = await queue.add("run", {
      schemaVersion: 1,
      study: "bad",
      numericsVersion,
      id: runId(run),
      point: {},
      keepWeights: false,
      checkpointEvery: null,
      ...run,
    });
    await until("it is refused", async () => await job.isFailed());
    assert.match((await queue.getJob(job.id!))!.failedReason, reason);
  }
  await queue.close();
}

withRedis(
  "a worker trains own parts that it has too, and refuses those whose code is another one there",
  ({ url }) =>
    withOwnProject({}, (project) =>
      withOwnProject({}, async (elsewhere) => {
        const one = { space: points([{ lambda: 0.01 }]), workers: 1 };
        const local = await runStudy(ownStudy(project, ridgePenalty, { ...one, name: "local" }));
        const controller = new AbortController();
        const lines: string[] = [];
        const worker = work({
          redis: url,
          project: elsewhere,
          workers: 1,
          signal: controller.signal,
          print: (line) => lines.push(line),
        });
        await until("the worker listens", () => lines.length > 0);
        const queued = await runStudy(ownStudy(project, ridgePenalty, { ...one, queue: url }));
        assert.equal(queued.digest(), local.digest());
        await refusesBadJobs(url, queued.record);
        const half = "export const half = 0.5; // the same number by other code\n";
        await writeFiles(elsewhere, { "parts/half.ts": half });
        const refused = await runStudy(
          ownStudy(project, ridgePenalty, { ...one, name: "refused", queue: url, seeds: [2] }),
        );
        for (const { status, error } of refused.records) {
          assert.equal(status, "failed");
          assert.match(
            error!,
            /Refused: Cannot use parts\/ridge\.ts: .*parts\/half\.ts is [0-9a-f]+ here/,
          );
        }
        assert.ok(lines.some((line) => /Refused: Cannot use parts\/ridge\.ts/.test(line)));
        // The other way round: a process that has loaded the old code takes no run of the new.
        await writeFiles(project, { "parts/half.ts": half });
        const third = await runStudy(
          ownStudy(project, ridgePenalty, { ...one, name: "third", queue: url }),
        );
        assert.ok(third.records.every(({ status }) => status === "completed"));
        const [before, after] = [queued, third].map(({ records }) =>
          records.map(({ final }) => final)
        );
        assert.deepEqual(after, before);
        controller.abort();
        await worker;
      })),
);
