import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { readModuleCode } from "../core/module_graph.ts";
import { moduleCode } from "../core/own_module.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { adam } from "../optimizers/adam.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import { ownPenalty } from "../penalties/own_penalty.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { tryOwnParts } from "../training/try_own_parts.ts";
import { runStudy } from "./run_study.ts";
import { ownStudy, withOwnProject } from "./_testing/own_parts.ts";

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
      [
        "parts/ridge.ts",
        /export "default": ownModel must be given a model, found a penalty\. Give it by ownPenalty/,
        "model",
      ],
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

const optimizerOf = (update: string, slots = '["b"]') =>
  `import { defineOptimizer } from "parsimony";\nlet calls = 0;\nvoid calls;\n` +
  `export default defineOptimizer({ name: "o", formula: "f", slots: ${slots},\n  ${update} });\n`;

Deno.test("what is wrong with an optimizer of one's own is refused before anything is trained, with module and line", () =>
  withOwnProject({
    "parts/throws.ts": optimizerOf(`update() {\n    throw new Error("oh no");\n  }`),
    "parts/nan.ts": optimizerOf("update: (g) => void g.fill(NaN)"),
    "parts/quotient.ts": optimizerOf(
      "update(g) { for (let i = 0; i < g.length; i++) g[i] /= Math.abs(g[i]); }",
    ),
    "parts/other.ts": optimizerOf("update: (g) => [...g]"),
    "parts/weights.ts": optimizerOf(
      "update: (g, { weights }) => g.forEach((x, i) => weights[i] -= x)",
    ),
    "parts/slot.ts": optimizerOf("update(g, { slots }) {\n    slots.a.set(g);\n  }"),
    "parts/counts.ts": optimizerOf("update: (g) => void g.fill(++calls * 1e-3)"),
    "parts/slots.ts": optimizerOf("update() {}", "undefined"),
    "parts/plain.ts": optimizerOf("update() {}"),
    "parts/sizeless.ts": optimizerOf("update() {}, size: (sizes) => sizes.fill(1)"),
  }, async (project) => {
    const trial = (
      module: string,
      changes: Partial<Parameters<typeof ownOptimizer>[0]> = {},
      penalties: Parameters<typeof tryOwnParts>[0][number]["penalties"] = [],
    ) => {
      const code = moduleCode({ [module]: sha256(Deno.readFileSync(join(project, module))) }, {});
      return {
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        penalties,
        optimizer: ownOptimizer({ module, code, learningRate: 0.01, ...changes }),
      };
    };
    const failing: [ReturnType<typeof trial>, RegExp][] = [
      [
        trial("parts/throws.ts"),
        /throws\.ts failed in its update \(parts\/throws\.ts, line 6\): Error: oh no/,
      ],
      [trial("parts/nan.ts"), /nan\.ts failed in its update.*NaN or infinity in embedding\/table/],
      [trial("parts/quotient.ts"), /quotient\.ts.*finite where gradient and weights are/],
      [
        trial("parts/other.ts"),
        /other\.ts failed in its update.*in place and return nothing, found a list of \d+\./,
      ],
      [trial("parts/weights.ts"), /weights\.ts.*must leave the weights as they are/],
      [
        trial("parts/slot.ts"),
        /slot\.ts failed in its update \(parts\/slot\.ts, line 6\): TypeError: slots has no "a".*\["b"\]/,
      ],
      [trial("parts/counts.ts"), /counts\.ts must make the same steps of the same gradients/],
      [trial("parts/slots.ts"), /slots must be a list of names/],
      [
        trial("parts/plain.ts", { options: { beta: 1 } }),
        /unknown option "beta"; allowed are none/,
      ],
      [
        trial("parts/plain.ts", { slots: ["c"] }),
        /plain\.ts: slots must be \["c"\], found \["b"\]/,
      ],
      [trial("parts/plain.ts", { name: "other" }), /plain\.ts.* name must be "other", found o/],
      [
        trial("parts/plain.ts", {}, [proximalL1({ strength: 1 })]),
        /Cannot combine proximalL1 and the optimizer "o": .*plain\.ts does not define its size.*"scalar"/,
      ],
      [
        trial("parts/plain.ts", {}, [proximalGroupLasso({ strength: 1, groups: "row" })]),
        /Cannot combine proximalGroupLasso and the optimizer "o": .*term of the loss\.$/,
      ],
      [
        trial("parts/sizeless.ts", {}, [proximalL1({ strength: 1 })]),
        /sizeless\.ts failed in its size: TypeError: size must change what it is given in place/,
      ],
    ];
    for (const [each, message] of failing) {
      await assert.rejects(tryOwnParts([each], project), message);
    }
    const { optimizer: { code }, ...plain } = trial("parts/plain.ts");
    const penalty = ownPenalty({ module: "parts/plain.ts", code, strength: 1 });
    await assert.rejects(
      tryOwnParts(
        [{ ...plain, penalties: [penalty], optimizer: adam({ learningRate: 1 }) }],
        project,
      ),
      /plain\.ts, export "default": ownPenalty must be given a penalty, found an optimizer\. Give it by ownOptimizer\(\{ module: "parts\/plain\.ts", … \}\)/,
    );
    const scalar = { l1Strength: 1, l2Strength: 1, threshold: "scalar" } as const;
    for (const penalty of [proximalElasticNet(scalar), proximalL1({ strength: 0 })]) {
      const [{ optimizer }] = await tryOwnParts([trial("parts/plain.ts", {}, [penalty])], project);
      assert.ok(optimizer.kind === "ownOptimizer");
      const { name, formula, slots, options } = optimizer;
      assert.deepEqual([name, formula, slots, options], ["o", "f", ["b"], {}]);
    }
    const optimizer = ownOptimizer({ module: "parts/throws.ts", learningRate: 0.01 });
    await assert.rejects(
      runStudy(ownStudy(project, () => ({ optimizer }))),
      /failed in its update \(parts\/throws\.ts, line 6\): Error: oh no/,
    );
    await assert.rejects(Deno.stat(join(project, "results")), Deno.errors.NotFound);
  }));

Deno.test("ownPenalty and ownOptimizer refuse paths that are absolute, URLs, lead outside or name no module", () => {
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
    assert.throws(
      () => ownOptimizer({ module, learningRate: 1 }),
      /ownOptimizer: module must be/,
    );
  }
});
