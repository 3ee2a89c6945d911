/** Of the real SmolLM2-135M, trained whole: what its process takes, and that it goes on after it was killed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { denoProgram, trainingV8Flags } from "../core/runtime/deno_program.ts";
import { makeByteFolds } from "../data/byte_folds.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { withFiles } from "../data/testing/project_files.ts";
import { textOf } from "../data/text_source.ts";
import { adamW } from "../optimizers/adam_w.ts";
import type { RunRecord } from "../records/run_record.ts";
import { inBytes, planMemory } from "./memory_plan.ts";
import { pretrainedModel } from "./pretrained_model.ts";
import type { RunRequest } from "./run_request.ts";
import { validateSpecification } from "./specification.ts";
import { numbersOf } from "./testing/execute.ts";
import { testOfSmolLm2 } from "./testing/with_smollm2.ts";

const [steps, windowLength] = [4, 128];
const text = "The sea was calm, and the whale slept below; a mast leaned in the sun. ".repeat(120);
const program = new URL("./testing/checkpointed_run.ts", import.meta.url).href;

/** Does the run in a process that is killed once it has said so many steps; by default in one that is not. */
async function run(request: RunRequest, { killedAfter = Infinity } = {}) {
  const process = new Deno.Command(denoProgram("train SmolLM2"), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      trainingV8Flags(),
      program,
      JSON.stringify(request),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const seen: number[] = [];
  let last = "";
  let peak = 0;
  let said = "";
  for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (said + part).split("\n");
    said = lines.pop()!;
    for (const line of lines) {
      last = line;
      const [word, number] = line.split(" ");
      if (word === "peak") peak = Number(number);
      if (word !== "step") continue;
      seen.push(Number(number));
      if (seen.length === killedAfter) process.kill("SIGKILL");
    }
  }
  const { signal, success } = await process.status;
  const record: RunRecord | null = success ? JSON.parse(last.slice("record ".length)) : null;
  return { seen, signal, record, peak };
}

testOfSmolLm2(
  "SmolLM2-135M in training takes the memory that is planned, and goes on to the same bits after it was killed",
  (given) =>
    withFiles({}, async (folder, full) => {
      for await (const { name } of Deno.readDir(given)) {
        await Deno.copyFile(join(given, name), join(full, name));
      }
      const specification = {
        ...await pretrainedModel(folder),
        corpus: inlineText(text),
        optimizer: adamW({ learningRate: 5e-5, decay: 0.01 }),
        training: { steps, batchSize: 4, windowLength, evaluateEvery: steps },
      };
      const { folds } = makeByteFolds(
        blockedFolds({ count: 2, unit: "bytes", finalShare: 0 }),
        textOf(text),
        windowLength,
      );
      const request: RunRequest = {
        ...{ id: "test", point: {}, fold: folds[0], seed: 1, engine: "native" },
        specification: specification as unknown as JsonObject,
        ...{ weightsPath: null, hashWeights: true },
      };
      const interval = { path: join(full, "run.checkpoint"), seconds: null, steps: 1 };
      const resumable = { ...request, checkpoint: interval };
      const plan = planMemory(validateSpecification(specification))!;
      const whole = await run(request);
      const killed = await run(resumable, { killedAfter: 3 });
      assert.equal(killed.signal, "SIGKILL");
      assert.deepEqual(killed.seen, [1, 2, 3]);
      const resumed = await run(resumable);
      assert.deepEqual(resumed.seen, [3, 4], "it goes on behind its second checkpoint");
      assert.equal(numbersOf(resumed.record!), numbersOf(whole.record!));
      const peaks = [whole, resumed].map(({ peak }) => inBytes(peak));
      const words = `${peaks.join(", ")}; planned ${inBytes(plan.bytes)}`;
      for (const { peak } of [whole, resumed]) {
        assert.ok(peak < 1.05 * plan.bytes && peak > 0.8 * plan.bytes, words);
      }
    }),
);
