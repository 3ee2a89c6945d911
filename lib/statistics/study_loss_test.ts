import assert from "node:assert/strict";
import type { RunRecord } from "../records/run_record.ts";
import { inStudyLoss, lossUnit } from "./study_loss.ts";
import { select } from "./select.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";
import { summarizeTrials } from "./summarize.ts";
import { assertClose } from "./testing/close.ts";

/** A study by its loss per byte, whose points stand for tokens of one byte and of four. */
function study(metric: "bitsPerByte" | "bitsPerCharacter") {
  const { study: record, runs } = syntheticStudy({ axes: { lambda: [0, 1e-3] } });
  const text = (run: RunRecord) => {
    const large = run.point.lambda !== 0;
    const size = { bytes: 1000, characters: 500 };
    return large
      ? { training: { tokens: 250, ...size }, heldOut: { tokens: 250, ...size } }
      : { training: { tokens: 1000, ...size }, heldOut: { tokens: 1000, ...size, spelling: 100 } };
  };
  return {
    record: { ...record, select: { ...record.select, metric } },
    runs: runs.map((run) => ({ ...run, tokens: { ...run.tokens, text: text(run) } })),
  };
}

Deno.test("losses of a study in bits are worked from what each run read, unknown characters written out", () => {
  const { record, runs } = study("bitsPerByte");
  const [run] = runs.filter(({ point, fold }) => point.lambda === 0 && fold === 0);
  const [own] = inStudyLoss(record, [run]);
  const nats = run.final!;
  assertClose(own.final!.heldOutLoss, (nats.heldOutLoss * 1000 + 100) / 1000 / Math.LN2, 1e-12);
  assertClose(own.final!.trainingLoss, nats.trainingLoss / Math.LN2, 1e-12);
  assertClose(
    own.final!.generalizationGap,
    own.final!.heldOutLoss - own.final!.trainingLoss,
    1e-12,
  );
  assertClose(own.tokens.unigramEntropy, run.tokens.unigramEntropy / Math.LN2, 1e-12);
  // Done twice it is done once, and the record stays as it was.
  assert.equal(inStudyLoss(record, [own])[0], own);
  assert.equal(inStudyLoss(record, [run])[0], own);
  assert.equal(run.final, nats);
  assert.equal(lossUnit(record).words, "bits per byte");
  const perCharacter = inStudyLoss(study("bitsPerCharacter").record, [run])[0];
  assertClose(perCharacter.final!.heldOutLoss, 2 * own.final!.heldOutLoss, 1e-12);
  // In nats per token nothing is another object.
  const plain = syntheticStudy({ axes: { lambda: [0, 1e-3] } });
  assert.equal(inStudyLoss(plain.study, plain.runs)[0], plain.runs[0]);
});

Deno.test("what a token is decides by how much a study in bits per byte prefers a point", () => {
  const { record, runs } = study("bitsPerByte");
  const [bytes, subwords] = summarizeTrials(record, runs);
  // A quarter of the tokens: a quarter of the bits, at about the same loss per token.
  const losses = [bytes, subwords].map(({ lastStep }) => lastStep!.estimates.validationLoss.mean);
  assert.ok(losses[1] < losses[0] / 2, losses.join());
  const { selected } = select([bytes, subwords], { ...record.select, kind: "mean", axes: [] });
  assert.equal(selected, subwords);
});
