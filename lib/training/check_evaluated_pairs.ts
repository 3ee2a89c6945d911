/**
 * Refuses two limits on the pairs that an evaluation reads.
 *
 * @throws {RangeError} With both.
 */
export function checkEvaluatedPairs(
  { evaluationPairs, evaluationTokens }: {
    readonly evaluationPairs: number | null;
    readonly evaluationTokens: number | null;
  },
): void {
  if (evaluationPairs === null || evaluationTokens === null) return;
  throw new RangeError(
    `training must have evaluationPairs or evaluationTokens, found ${evaluationPairs} and ` +
      `${evaluationTokens}.`,
  );
}
