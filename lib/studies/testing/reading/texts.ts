import type { JsonObject } from "../../../core/json.ts";
import type { TokenSpan } from "../../../records/study_record.ts";
import type { PointTruth } from "../truth.ts";
import type { PointSets } from "./point_sets.ts";
import { close, number, type Take } from "./words.ts";

/** What is said of the text: short folds, and tokens that training does not know. */
export function readTexts(sets: PointSets, take: Take, points: readonly PointTruth[]): void {
  const { record, records } = sets.truth.study;
  const folds = [...record.folds, ...record.finalFold === null ? [] : [record.finalFold]];
  const lengths = folds.map(({ heldOut }) =>
    heldOut.reduce((sum, { start, end }) => sum + end - start, 0)
  );
  take(
    /(\d+) folds? of (\d+) holds? out (?:(\d+) to )?(\d+) (?:tokens|bytes|pairs), fewer than 10 (?:windows of (\d+) tokens|pairs)/,
    ([, few, all, least, most, window = "1"]) => {
      const below = lengths.filter((each) => each < 10 * Number(window));
      return Number(all) === folds.length && below.length === Number(few) &&
        Math.max(...below) === Number(most) &&
        (least === undefined || Math.min(...below) === Number(least));
    },
    "not so short",
  );
  const repeated = [...record.repeated?.shares ?? [], ...[record.repeated?.final ?? []].flat()];
  const inPercent = (share: number) => `${(100 * share).toFixed(1)} %`;
  take(
    /(\d+\.\d %) of the held-out text stands word for word in the training text of its fold \(at most (\d+\.\d %)/,
    ([, all, most]) => {
      const { shares } = record.repeated!;
      return all === inPercent(shares.reduce((sum, share) => sum + share, 0) / shares.length) &&
        most === inPercent(Math.max(...repeated));
    },
    "another share",
  );
  take(
    /^stretches of (\d+) (?:bytes|characters|words)/,
    ([, length]) => Number(length) === record.repeated!.length,
    "other stretches",
  );
  const documents = [
    ...record.documents?.folds ?? [],
    ...[record.documents?.final ?? []].flat(),
  ];
  take(
    /Of the (\d+) documents that (?:fold (\d+)|the final block) holds out, (\d+) are nearly the same/,
    ([, of, fold, many]) => {
      const { heldOut, nearDuplicates } =
        documents[fold === undefined ? folds.length - 1 : Number(fold)];
      const most = Math.max(...documents.map((each) => each.nearDuplicates / each.heldOut));
      return Number(of) === heldOut && Number(many) === nearDuplicates &&
        nearDuplicates / heldOut === most;
    },
    "not so many documents",
  );
  take(
    /Of the (\d+) documents? by which fold (\d+) chooses, (\d+) are nearly the same as one that scores/,
    ([, of, fold, many]) => {
      const each = record.documents!.folds.map(({ choosing }) => choosing!);
      const { documents, nearDuplicates } = each[Number(fold)];
      const most = Math.max(...each.map((one) => one.nearDuplicates / one.documents));
      return Number(of) === documents && Number(many) === nearDuplicates &&
        nearDuplicates / documents === most;
    },
    "not so many choosing documents",
  );
  const shares = records.map(({ tokens }) => tokens.unknownShare);
  const largest = `${(100 * Math.max(0, ...shares)).toFixed(1)} %`;
  take(
    /(\d+\.\d %) of the held-out tokens are unknown to the vocabulary(?:, in the mean over tokenizers)? \(at most (\d+\.\d %),(?: of ⟦\d+⟧)? in fold \d+\)/,
    ([, , most]) => most === largest,
    "another share",
  );
  take(
    /They make up about (\d+\.\d) % of the loss at ⟦\d+⟧/,
    ([, share]) =>
      points.some((point) =>
        (["last", "best"] as const).some((look) => {
          const all = point.mean("loss", look)!.mean;
          const [known] = [point.known(look)];
          const unknown = Math.max(0, ...shares);
          return known !== null &&
            Math.abs(100 * (1 - (1 - unknown) * known / all) - Number(share)) < 0.06;
        })
      ),
    "another share of the loss",
  );
  take(
    new RegExp(`They raise the loss of ⟦(\\d+)⟧ in fold (\\d+) from (${number}) to (${number})`),
    ([, index, fold, known, all]) => {
      const runs = sets.truth.points[Number(index)].runs[Number(fold)];
      const kept = runs.map(({ curve }) => curve);
      return kept[0].some((_, at) =>
        close(
          known,
          kept.reduce((sum, curve) => sum + curve[at].knownHeldOutLoss!, 0) / kept.length,
        ) &&
        close(all, kept.reduce((sum, curve) => sum + curve[at].heldOutLoss, 0) / kept.length)
      );
    },
    "not by so much",
  );
  take(/minimumCount: 2 (?:trains it|in characters)/, () => true, "");
  take(
    /With (\d+) training (?:token|byte)s folds ([\d, and]+) train on the same (?:token|byte)s/g,
    ([, count, list]) => {
      const first = (spans: readonly TokenSpan[]) => {
        const read = spans.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, at) => start + at)
        );
        return read.slice(0, Number(count)).join();
      };
      const named = list.split(/, | and /).map(Number);
      const read = record.folds.map((fold) => first(fold.training));
      const own = read[record.folds.findIndex(({ index }) => index === named[0])];
      const alike = record.folds.filter((_, at) => read[at] === own).map(({ index }) => index);
      return alike.length > 1 && alike.join() === named.join() &&
        sets.truth.points.some(({ specification }) =>
          [
            (specification.training as JsonObject).trainingTokens,
            (specification.training as JsonObject).trainingBytes,
          ].includes(Number(count))
        );
    },
    "not the same tokens",
  );
}
