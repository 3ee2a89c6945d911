import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { tokenizerKinds } from "../data/tokenizers/kinds.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { pointsSection } from "../reports/points_section.ts";
import { describeFindings } from "./describe.ts";
import { findings } from "./findings.ts";
import { formatPoint } from "./format.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";
import { knownLosses, unknownTokens, unknownTokenWarnings } from "./unknown_tokens.ts";

const points = [{ alpha: 0 }, { alpha: 1 }];

/**
 * Two points on two folds. Losses on all tokens: 5 and 6 at α = 0, 4.5 and 5.5 at α = 1; on known ones
 * 3 and 3.5 at α = 0, 3.2 and 3.4 at α = 1.
 */
function study(
  change: {
    readonly tokenizer?: JsonObject;
    readonly share?: number;
    readonly trainingShare?: number;
    readonly vocabulary?: number;
    readonly known?: boolean;
  } = {},
): { study: StudyRecord; runs: RunRecord[] } {
  const { tokenizer = { kind: "words", maximumVocabulary: null, lowercase: false } } = change;
  const { share = 0.2, trainingShare, vocabulary = 70, known = true } = change;
  const all = [[5, 6], [4.5, 5.5]];
  const onKnown = [[3, 3.5], [3.2, 3.4]];
  const made = syntheticStudy({
    axes: { alpha: [0, 1] },
    folds: 2,
    seeds: [1],
    finalPoints: points,
  });
  const runs = made.runs.map((run): RunRecord => {
    const point = points.findIndex(({ alpha }) => alpha === run.point.alpha);
    const fold = run.fold === "final" ? 0 : run.fold;
    const at = (each: CurvePoint): CurvePoint => ({
      ...each,
      heldOutLoss: all[point][fold],
      ...(known && { knownHeldOutLoss: onKnown[point][fold] }),
    });
    return {
      ...run,
      curve: run.curve.map(at),
      final: at(run.final!),
      best: at(run.best!),
      tokens: {
        ...run.tokens,
        vocabulary,
        // The final block's share is another matter.
        unknownShare: run.fold === "final" ? 0.9 : run.fold === 0 ? share / 2 : share * 3 / 2,
        ...(trainingShare !== undefined && { trainingUnknownShare: trainingShare }),
      },
    };
  });
  const specifications = made.study.specifications.map((each) => ({ ...each, tokenizer }));
  return { study: { ...made.study, specifications }, runs };
}

Deno.test("unknownTokens gives shares over the folds, and losses with and without unknown tokens", () => {
  const { study: record, runs } = study({ trainingShare: 0 });
  const unknown = unknownTokens({ record, records: runs })!;
  assert.ok(Math.abs(unknown.share - 0.2) < 1e-12);
  assert.ok(Math.abs(unknown.largest.share - 0.3) < 1e-12);
  assert.equal(unknown.largest.fold, 1);
  assert.equal(unknown.trained, false);
  assert.deepEqual(
    unknown.points!.map(({ point, all, known }) => [point.alpha, all.mean, known.mean]),
    [[0, 5.5, 3.25], [1, 5, 3.3]],
  );
  assert.deepEqual([...knownLosses(unknown).values()].map(({ mean }) => mean), [3.25, 3.3]);
});

Deno.test("unknownTokenWarnings name both orders of the points with their numbers", () => {
  const { study: record, runs } = study({ trainingShare: 0 });
  const [share, order] = unknownTokenWarnings({ record, records: runs });
  // 1 − 0.8 · 3.3 / 5
  assert.match(
    share,
    /^20\.0 % of the held-out tokens .*30\.0 %, in fold 1.*about 47\.2 % of the loss at α = 1\./,
  );
  assert.match(
    order,
    /on all held-out tokens it is α = 1 with 5\.000 ± 0\.500 \(α = 0: 5\.500 ± 0\.500\), on those that the vocabulary knows α = 0 with 3\.250 ± 0\.250 \(α = 1: 3\.300 ± 0\.100\)\./,
  );
  // Few unknown tokens that change the order are told of as well.
  const few = study({ share: 0.002 });
  assert.equal(unknownTokenWarnings({ record: few.study, records: few.runs }).length, 2);
  const text = describeFindings(findings(record, runs)).find(({ topic }) => topic === "text")!.text;
  assert.equal(text, `${share} ${order}`);
  assert.match(
    pointsSection(findings(record, runs), ["alpha"]).html,
    /Known tokens: those of the held-out text that the vocabulary of the fold knows\..*validation loss, known tokens/s,
  );
});

Deno.test("few unknown tokens that raise one fold's loss are told of, and those that change nothing are not", () => {
  const raisedBy = (cost: number) => {
    const { study: record, runs } = study({ share: 0.005, trainingShare: 0 });
    const cheap = (at: CurvePoint, own: number) => ({
      ...at,
      knownHeldOutLoss: at.heldOutLoss - own,
    });
    return {
      record,
      runs: runs.map((run) => {
        const own = run.fold === 1 && run.point.alpha === 0 ? cost : 0.01;
        return { ...run, final: cheap(run.final!, own) };
      }),
    };
  };
  const { record, runs } = raisedBy(0.2);
  const said = unknownTokenWarnings({ record, records: runs });
  assert.equal(said.length, 1);
  assert.match(
    said[0],
    /^0\.5 % of the .* They raise the loss of α = 0 in fold 1 from 5\.800 to 6\.000\./,
  );
  assert.equal(knownLosses(unknownTokens({ record, records: runs })).size, 2);
  const little = raisedBy(0.04);
  assert.deepEqual(unknownTokenWarnings({ record: little.record, records: little.runs }), []);
  assert.equal(knownLosses(unknownTokens({ record: little.record, records: little.runs })).size, 0);
});

Deno.test("whether the unknown token is trained is as recorded, else as the tokenizer implies, else unsaid", () => {
  const words = { kind: "words", maximumVocabulary: null, lowercase: false };
  const cases: [Parameters<typeof study>[0], boolean | null, RegExp][] = [
    [{ trainingShare: 0.1 }, true, /so it is learned/],
    [
      { trainingShare: 0 },
      false,
      /no training example contains .*maximumVocabulary or minimumCount/,
    ],
    [{ tokenizer: words }, null, /records do not say whether training examples contain/],
    [{ tokenizer: { ...words, minimumCount: 2 } }, true, /so it is learned/],
    [{ tokenizer: { ...words, maximumVocabulary: 70 } }, true, /so it is learned/],
    // The limit was not reached: every training word is known.
    [{ tokenizer: { ...words, maximumVocabulary: 71 } }, null, /records do not say/],
    [{ tokenizer: { kind: "characters" } }, false, /set minimumCount: 2 in characters\(\)/],
    [
      { tokenizer: { kind: "pairs", target: { kind: "characters" } } },
      false,
      /no training example/,
    ],
  ];
  for (const [change, trained, said] of cases) {
    const { study: record, runs } = study(change);
    assert.equal(unknownTokens({ record, records: runs })!.trained, trained);
    assert.match(unknownTokenWarnings({ record, records: runs })[0], said);
  }
});

Deno.test("older records without losses on known tokens still have their share", () => {
  const { study: record, runs } = study({ known: false });
  assert.equal(unknownTokens({ record, records: runs })!.points, null);
  assert.equal(unknownTokenWarnings({ record, records: runs }).length, 1);
  assert.equal(knownLosses(unknownTokens({ record, records: runs })).size, 0);
  assert.doesNotMatch(pointsSection(findings(record, runs), ["alpha"]).html, /known tokens/);
});

Deno.test("nothing is said where the vocabularies know every held-out token, or nothing was completed", () => {
  const { study: record, runs } = study({ share: 0, known: false });
  assert.equal(unknownTokens({ record, records: runs }), null);
  assert.deepEqual(unknownTokenWarnings({ record, records: runs }), []);
  assert.deepEqual(unknownTokenWarnings({ record, records: [] }), []);
});

Deno.test("advice about unknown tokens is that of the tokenizer that has them", () => {
  const { study, runs } = syntheticStudy();
  const specifications = study.specifications.map((each, index) => ({
    ...each,
    tokenizer: { kind: index === 0 ? "bytes" : "characters" },
  })) as unknown as typeof study.specifications;
  const [bytes] = study.space.points;
  const records = runs.map((run) => ({
    ...run,
    tokens: { ...run.tokens, unknownShare: run.point === bytes ? 0 : 0.1 },
  }));
  const [warning] = unknownTokenWarnings({ record: { ...study, specifications }, records });
  const { bytes: ofBytes, characters } = tokenizerKinds;
  assert.ok(warning.includes(characters.trainsUnknown), warning);
  assert.ok(!warning.includes(ofBytes.trainsUnknown));
  const [, characterPoint] = study.space.points;
  assert.ok(
    warning.includes(
      `in the mean over tokenizers (at most 10.0 %, of ${formatPoint(characterPoint)} in fold`,
    ),
  );

  // Bytes that mask inputs train the token of theirs, which says nothing of that of characters.
  const trained = (share: number) =>
    unknownTokens({
      record: { ...study, specifications },
      records: records.map((run) => ({
        ...run,
        tokens: { ...run.tokens, trainingUnknownShare: run.point === bytes ? 0.1 : share },
      })),
    })!.trained;
  assert.deepEqual([trained(0), trained(0.2)], [false, true]);
  const perByte = {
    ...study,
    specifications,
    select: { ...study.select, metric: "bitsPerByte" } as const,
  };
  const spelled = unknownTokenWarnings({
    record: perByte,
    records: records.map((run) => ({
      ...run,
      tokens: { ...run.tokens, trainingUnknownShare: 0.1 },
    })),
  });
  assert.match(
    spelled[0],
    /so it is learned; what it stands for is written out, which the losses count\.$/,
  );
});
