import type { CurvePoint, EvaluatedText, RunRecord } from "../../records/run_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";

/** The records of a study with their losses in its unit, by code that shares nothing with the library's. */
export function inItsUnit(study: StudyRecords): StudyRecords {
  const per = {
    validationLoss: null,
    bitsPerByte: "bytes",
    bitsPerCharacter: "characters",
  } as const;
  const unit = per[study.record.select.metric];
  if (unit === null) return study;
  const bits = (nats: number, text: EvaluatedText) =>
    (nats * text.tokens + (text.spelling ?? 0)) / text[unit] * Math.LOG2E;
  const records = study.records.map((run): RunRecord => {
    const { text } = run.tokens;
    if (text === undefined) return run;
    const at = (point: CurvePoint): CurvePoint => ({
      ...point,
      trainingLoss: bits(point.trainingLoss, text.training),
      heldOutLoss: bits(point.heldOutLoss, text.heldOut),
      ...(point.choosingLoss === undefined
        ? {}
        : { choosingLoss: bits(point.choosingLoss, text.choosing!) }),
      knownHeldOutLoss: undefined,
    });
    const unigramEntropy = bits(run.tokens.unigramEntropy, text.training);
    return {
      ...run,
      curve: run.curve.map(at),
      final: run.final && at(run.final),
      best: run.best && at(run.best),
      tokens: { ...run.tokens, unigramEntropy },
    };
  });
  return { ...study, records };
}

/** How far below the entropy of single tokens a training loss is that shows learning. */
export function marginOf({ record }: StudyRecords): number {
  return record.select.metric === "validationLoss" ? 0.5 : 0.2;
}
