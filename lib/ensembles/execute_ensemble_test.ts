import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { inlineText } from "../data/corpora.ts";
import { pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { words } from "../data/tokenizers/words.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { checkRunRecord } from "../records/check_record.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { digestRuns } from "../studies/digest.ts";
import type { EnsembleRequest, RunRequest } from "../training/run_request.ts";
import type { SpecificationOptions } from "../training/specification.ts";
import { executeRun } from "./execute_run.ts";
import { ensembleMeans } from "./mean.ts";

/** Runs of some seeds with kept weights, and what asks for their mean. */
interface Trained {
  readonly runs: readonly RunRecord[];
  ask(
    mean: EnsembleRequest["mean"],
    places: readonly number[],
    snapshots?: true,
  ): Promise<RunRecord>;
}

async function withRuns(
  specification: SpecificationOptions,
  fold: FoldRecord,
  use: (trained: Trained, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const pathOf = (seed: number) => join(folder, `${seed}.safetensors`);
  const base = {
    specification: specification as unknown as JsonObject,
    point: {},
    fold,
    engine: "wasm",
  } as const;
  const ids = [1, 2, 3].map((seed) => String(seed).repeat(64));
  try {
    const runs: RunRecord[] = [];
    for (const seed of [1, 2, 3]) {
      const request: RunRequest = { ...base, id: ids[seed - 1], seed, weightsPath: pathOf(seed) };
      runs.push(await executeRun(request));
      assert.equal(runs.at(-1)!.status, "completed");
    }
    await use({
      runs,
      ask: (mean, places, snapshots) =>
        executeRun({
          ...base,
          id: "e".repeat(64),
          seed: runs[places[0]].seed,
          weightsPath: null,
          ensemble: {
            mean,
            snapshots,
            members: places.map((place) => {
              const { id, seed, weightsSha256 } = runs[place];
              return { id, seed, path: pathOf(seed), weightsSha256 };
            }),
          },
        }),
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const text = "the sea was calm, and the whale slept. A sail; a sail! ".repeat(8);
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 250 }],
  heldOut: [{ start: 250, end: 350 }],
  choosing: [{ start: 350, end: 440 }],
};
const base = {
  corpus: inlineText(text),
  tokenizer: characters(),
  penalties: [decoupledWeightDecay({ strength: 0.1 })],
  optimizer: adam({ learningRate: 2e-2 }),
};
const training = {
  steps: 40,
  batchSize: 4,
  windowLength: 8,
  evaluateEvery: 20,
  tokenAccuracy: true,
  samples: { count: 2, length: 30, nGramLength: 3 },
};

const specifications: { readonly [name: string]: [SpecificationOptions, FoldRecord] } = {
  "a GRU": [
    { ...base, model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8 }), training },
    fold,
  ],
  "a GRU that carries its state and stops early": [{
    ...base,
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8 }),
    training: { ...training, carriedState: true, earlyStopping: { patience: 1 } },
  }, fold],
  "a Transformer": [{
    ...base,
    model: transformerLanguageModel({ embeddingSize: 8, layers: 1, heads: 2, blockSize: 8 }),
    training,
  }, fold],
  "pairs": [{
    ...base,
    corpus: inlinePairs(Array.from({ length: 20 }, (_, at) => [`say ${at % 5}`, `${at % 5} said`])),
    tokenizer: pairTokenizer({ source: words(), target: words() }),
    model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize: 8 }),
    training: { steps: 40, batchSize: 4 },
  }, { index: 0, training: [{ start: 0, end: 12 }], heldOut: [{ start: 12, end: 20 }] }],
};

const close = (found: number | undefined, expected: number | undefined) =>
  assert.ok(
    found === expected || Math.abs(found! - expected!) < 1e-6 * Math.abs(expected!),
    `${found} is not ${expected}`,
  );

for (const [name, [specification, fold]] of Object.entries(specifications)) {
  Deno.test(`an ensemble of one run has its losses and samples, of ${name}`, async () => {
    await withRuns(specification, fold, async ({ runs: [run], ask }) => {
      const kept = run.stoppedAtStep === null ? run.final! : run.best!;
      for (const mean of ensembleMeans) {
        const record = checkRunRecord(await ask(mean, [0]));
        const { final } = record;
        for (const loss of ["trainingLoss", "heldOutLoss", "choosingLoss"] as const) {
          close(final![loss], kept[loss]);
        }
        close(final!.knownHeldOutLoss, kept.knownHeldOutLoss);
        assert.equal(final!.generalizationGap, final!.heldOutLoss - final!.trainingLoss);
        close(final!.weightNorm, kept.weightNorm);
        assert.equal(final!.countedWeights, kept.countedWeights);
        const { samples, tokens, tokenAccuracy, pairs, parameters } = record;
        assert.deepEqual(
          { samples, tokens, tokenAccuracy, pairs, parameters },
          {
            samples: run.samples,
            tokens: run.tokens,
            tokenAccuracy: run.tokenAccuracy,
            pairs: run.pairs,
            parameters: run.parameters,
          },
        );
      }
    });
  });

  Deno.test(`an ensemble of three runs is the same to the bit again, and no worse than they are, of ${name}`, async () => {
    await withRuns(specification, fold, async ({ runs, ask }) => {
      const record = await ask("probabilities", [0, 1, 2]);
      assert.equal(digestRuns([record]), digestRuns([await ask("probabilities", [0, 1, 2])]));
      const kept = runs.map((run) => run.stoppedAtStep === null ? run.final! : run.best!);
      for (const loss of ["trainingLoss", "heldOutLoss"] as const) {
        const single = kept.reduce((sum, at) => sum + at[loss], 0) / 3;
        assert.ok(record.final![loss] < single, `${loss} ${record.final![loss]}, not < ${single}`);
      }
      assert.deepEqual(record.ensemble, {
        mean: "probabilities",
        members: runs.map(({ id }) => id),
        seeds: [1, 2, 3],
      });
      assert.equal(parameterCount(record.parameters), 3 * parameterCount(runs[0].parameters));
      assert.notEqual(
        (await ask("logits", [0, 1, 2])).final!.heldOutLoss,
        record.final!.heldOutLoss,
      );
    });
  });
}

Deno.test("an ensemble whose weights are away waits for them, and one of other weights is refused", async () => {
  const [specification, fold] = specifications["a GRU"];
  await withRuns(specification, fold, async ({ ask }, folder) => {
    await Deno.copyFile(join(folder, "2.safetensors"), join(folder, "3.safetensors"));
    await assert.rejects(ask("logits", [0, 2]), /ensemble with the weights of run 3+ .* SHA-256/);
    await Deno.remove(join(folder, "3.safetensors"));
    await assert.rejects(ask("logits", [0, 2]), OutsideTrouble);
  });
});

Deno.test("an ensemble tells of its progress and ends where it is cancelled", async () => {
  const [specification, fold] = specifications["a GRU"];
  await withRuns(specification, fold, async ({ runs: [{ id, seed }] }, folder) => {
    const request: RunRequest = {
      id,
      specification: specification as unknown as JsonObject,
      point: {},
      fold,
      seed,
      engine: "wasm",
      weightsPath: null,
      ensemble: { mean: "logits", members: [{ id, seed, path: join(folder, "1.safetensors") }] },
    };
    const told: number[] = [];
    await executeRun(request, { onProgress: (done, all) => void told.push(done / all) });
    assert.deepEqual(told, [1 / 3, 2 / 3, 1]);
    await assert.rejects(executeRun(request, { isCancelled: () => true }), {
      name: "RunCancelled",
    });
  });
});

Deno.test("snapshots of runs are members of their own: each has the weights of a run that ends there", async () => {
  const [given, fold] = specifications["a GRU"];
  const withSnapshots = (steps: number, snapshots: object | null): SpecificationOptions => ({
    ...given,
    training: { ...given.training, steps, snapshots } as never,
  });
  // Those of a run of 40 steps, and runs that end at these steps as members of one ensemble.
  let ofSnapshots: RunRecord | null = null;
  await withRuns(withSnapshots(40, { start: 20, every: 10 }), fold, async ({ runs, ask }) => {
    ofSnapshots = await ask("probabilities", [0], true);
    const both = await ask("probabilities", [0, 1], true);
    assert.equal(both.ensemble!.snapshots, 6);
    assert.equal(parameterCount(both.parameters), 6 * parameterCount(runs[0].parameters));
  });
  assert.equal(ofSnapshots!.ensemble!.snapshots, 3);
  const folder = await Deno.makeTempDir();
  try {
    const members = [];
    for (const steps of [20, 30, 40]) {
      const id = String(steps).repeat(32);
      const path = join(folder, String(steps));
      const specification = withSnapshots(steps, null) as unknown as JsonObject;
      const run = { id, specification, point: {}, fold, seed: 1, engine: "wasm" } as const;
      await executeRun({ ...run, weightsPath: path });
      members.push({ id, seed: 1, path });
    }
    const record = await executeRun({
      ...{ id: "e".repeat(64), point: {}, fold, seed: 1, engine: "wasm", weightsPath: null },
      specification: withSnapshots(40, null) as unknown as JsonObject,
      ensemble: { mean: "probabilities", members },
    });
    assert.deepEqual(ofSnapshots!.final, record.final);
    assert.deepEqual(ofSnapshots!.samples, record.samples);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await withRuns(given, fold, async ({ ask }) => {
    await assert.rejects(
      ask("logits", [0], true),
      /run 1+ has taken none, see training\.snapshots/,
    );
  });
});
