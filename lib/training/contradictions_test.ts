import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { activationRegularization } from "../penalties/activation_regularization.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { temporalActivationRegularization } from "../penalties/temporal_activation_regularization.ts";
import { validateSpecification } from "./specification.ts";
import { penalties } from "./testing/penalties.ts";

Deno.test("every pair of penalties either combines or is refused with both names and a reason", () => {
  const specification = (penalties: readonly PenaltySpecification[]) => ({
    corpus: inlineText("abcdefg"),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2, outputDropout: 0.1 }),
    penalties,
    optimizer: adam({ learningRate: 1e-3 }),
    training: { steps: 1, batchSize: 1, windowLength: 3 },
  });
  // What each acts by; two that share one contradict each other.
  const acts: Readonly<Record<string, readonly string[]>> = {
    l1: ["absolute"],
    proximalL1: ["absolute"],
    l2: ["square"],
    coupledWeightDecay: ["square"],
    kerasL2: ["square"],
    decoupledWeightDecay: ["decay"],
    elasticNet: ["absolute", "square"],
    proximalElasticNet: ["absolute", "square"],
    l2TowardsStart: ["square"],
    decoupledDecayTowardsStart: ["decay"],
    proximalL1TowardsStart: ["absolute", "map apart"],
    groupLasso: ["norm"],
    proximalGroupLasso: ["norm", "map apart"],
    unsquaredNorms: ["norm"],
    maxNorm: ["largest norm"],
  };
  const actsOf = ({ kind }: PenaltySpecification) => acts[kind] ?? [kind];
  let refused = 0, allowed = 0;
  for (const [first] of penalties) {
    for (const [second] of penalties) {
      const contradict = actsOf(first).some((what) => actsOf(second).includes(what));
      const both = () => validateSpecification(specification([first, second]));
      if (contradict) {
        const names = `Cannot combine ${first.kind} and ${second.kind}.*: both act `;
        assert.throws(both, (error: Error) => new RegExp(names).test(error.message));
        refused++;
      } else {
        assert.equal(both().penalties.length, 2);
        allowed++;
      }
    }
  }
  assert.deepEqual([refused, allowed].every((count) => count > 50), true, `${refused}, ${allowed}`);
});

Deno.test("other contradictions are refused with a reason: AdamW's decay twice, outputs that a model does not give", () => {
  const specification = {
    corpus: inlineText("abcdefg"),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
    penalties: [decoupledWeightDecay({ strength: 1 })],
    optimizer: adamW({ learningRate: 1e-3, decay: 0.1 }),
    training: { steps: 1, batchSize: 1, windowLength: 1 },
  };
  assert.throws(
    () => validateSpecification(specification),
    /Cannot combine adamW and decoupledWeightDecay on kernel parameters: adamW decays/,
  );
  for (const penalty of [activationRegularization, temporalActivationRegularization]) {
    assert.throws(
      () =>
        validateSpecification({
          ...specification,
          model: ownModel({ module: "parts/bigram.ts" }),
          penalties: [penalty({ strength: 1 })],
        }),
      /Cannot combine ownModel and \w+: a model of one's own gives logits/,
    );
  }
});
