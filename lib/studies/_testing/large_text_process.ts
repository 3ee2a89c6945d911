/**
 * A process that runs a study on documents of a large file, and prints one line of JSON:
 * {@link LargeTextOutcome}.
 *
 * Argument: JSON of {@link LargeTextRequest}; the project is the working directory.
 */
import { documentFolds } from "../../data/documents/document_folds.ts";
import { jsonLinesFile } from "../../data/documents/json_lines_file.ts";
import type { TokenizerSpecification } from "../../data/tokenizers/kinds.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { silentReporter } from "../reporter.ts";
import { runStudy } from "../run_study.ts";
import { grid } from "../search/space.ts";

/** What is to be run. */
export interface LargeTextRequest {
  readonly name: string;
  /** Of the JSON lines, in the project. */
  readonly path: string;
  readonly tokenizer: TokenizerSpecification;
  /** Strengths of the decay: the study's points. */
  readonly decays: readonly number[];
  readonly workers: number;
}

/** How it went. */
export interface LargeTextOutcome {
  /** From the start of the process to the first step of a run, and to the end of the study. */
  readonly firstStepSeconds: number;
  readonly seconds: number;
  readonly digest: string;
  /** Tokens that the first run trained from, and knows. */
  readonly trainingTokens: number;
  readonly vocabulary: number;
}

async function run({ name, path, tokenizer, decays, workers }: LargeTextRequest) {
  let firstStepSeconds: number | null = null;
  const study = await runStudy({
    name,
    space: grid({ decay: decays }),
    specify: ({ decay }) => ({
      corpus: jsonLinesFile(path, { licence: "CC0-1.0" }),
      tokenizer,
      model: gruLanguageModel({ embeddingSize: 16, hiddenSize: 32 }),
      penalties: [decoupledWeightDecay({ strength: decay })],
      optimizer: adam({ learningRate: 0.01 }),
      training: {
        steps: 40,
        batchSize: 16,
        windowLength: 32,
        evaluateEvery: 20,
        evaluationBytes: 100_000,
        documentWindows: "inside",
      },
    }),
    folds: documentFolds({ by: "document", count: 2, finalShare: 0 }),
    seeds: [1],
    workers,
    keepWeights: "none",
    shareRuns: false,
    reporter: {
      ...silentReporter,
      progress({ fractional }) {
        if (fractional > 0) firstStepSeconds ??= performance.now() / 1000;
      },
    },
  });
  const [{ tokens }] = study.records;
  return {
    firstStepSeconds: firstStepSeconds ?? NaN,
    seconds: performance.now() / 1000,
    digest: study.digest(),
    trainingTokens: tokens.training,
    vocabulary: tokens.vocabulary,
  } satisfies LargeTextOutcome;
}

if (import.meta.main) {
  const outcome = await run(JSON.parse(Deno.args[0]));
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(outcome)}\n`));
  Deno.exit(0);
}
