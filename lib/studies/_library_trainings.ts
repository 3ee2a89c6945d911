import { showLong } from "../core/check.ts";
import type { EngineChoice } from "../core/engine_name.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { complete, stored } from "../core/left_out.ts";
import { openText, type TextSource } from "../data/text_source.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { penaltiesWith } from "../optimizers/optimizer.ts";
import { anyStrength } from "../penalties/targets.ts";
import { planMemory } from "../training/memory_plan.ts";
import { checkRunnable, checkSameParameters } from "../training/check_runnable.ts";
import { checkTeacher } from "../training/check_teacher.ts";
import { checkFoldUnit } from "../training/fold_unit.ts";
import {
  type FoldInTokens,
  foldInTokens,
  pairsInTokens,
  pairsInTokensKey,
} from "../training/fold_in_tokens.ts";
import {
  type AnyPairSpecification,
  isPairSpecification,
  type Specification,
} from "../training/specification.ts";
import { specificationWarnings } from "../training/specification_warnings.ts";
import { resolveEpochs, validateLength } from "../training/steps_of_epochs.ts";
import { areBeforeTokens, layFolds } from "./_lay_folds.ts";
import type { StudyTrainings } from "./_trainings.ts";
import { weightsForFolds } from "./_weights_for_folds.ts";
import { checkInitialWeights } from "../training/initial_weights.ts";
import { sealOwnParts } from "./_seal_own_parts.ts";

/** The library's own trainings. */
export const libraryTrainings: StudyTrainings = {
  executor: null,
  async prepare(given, folds, project) {
    const valid = given.map(({ point, options }) =>
      naming(
        `specify gave no valid specification for ${showLong(point)}`,
        () => validateLength(options),
      )
    );
    const sealed = await sealOwnParts(valid.map(({ specification }) => specification), project);
    const [{ corpus, tokenizer }] = sealed;
    for (const [index, specification] of sealed.entries()) {
      refuseOther("corpus", corpus, specification.corpus, given[index].point);
      if (areBeforeTokens(folds)) continue;
      refuseOther("tokenizer", tokenizer, specification.tokenizer, given[index].point);
    }
    const laid = await layFolds(sealed, folds);
    const all = laid.finalFold === null ? laid.folds : [...laid.folds, laid.finalFold];
    const weights = await initialWeightsOf(sealed, all, {
      project,
      points: given.map(({ point }) => point),
    });
    const inTokens = await eachInTokens(
      sealed.map((specification, index) => ({
        specification,
        exact: valid[index].epochs !== null,
      })),
      all,
      given.map(({ point }) => point),
    );
    const specifications = given.map(({ point, options }, index) =>
      naming(
        `specify gave no valid specification for ${showLong(point)}`,
        () => {
          const specification = { ...sealed[index], ...weights[index] };
          const length = { ...valid[index], specification };
          const own = inTokens[index].folds.filter((fold) => fold.index !== "final");
          return resolveEpochs(options, length, own, inTokens[index].training);
        },
      )
    );
    const warnings = new Map<string, JsonObject[]>();
    for (const [index, specification] of specifications.entries()) {
      const { point } = given[index];
      naming(
        `specify gave a specification that cannot be trained for ${showLong(point)}`,
        () => checkRunnable(specification, all, inTokens[index].folds),
      );
      for (const warning of specificationWarnings(specification, inTokens[index].folds)) {
        warnings.set(warning, [...warnings.get(warning) ?? [], point]);
      }
    }
    return {
      specifications: specifications.map((one) =>
        JSON.parse(canonicalJson(stored(one))) as JsonObject
      ),
      ...laid,
      textLost: inTokens.map(({ lost }) => lost),
      warnings: [...warnings].map(([warning, points]) =>
        points.length === given.length
          ? warning
          : `${warning} (So at ${points.length} of ${given.length} points, such as ` +
            `${showLong(points[0])}.)`
      ),
    };
  },
  checkWarmStart: (from, to) => checkSameParameters(specificationOf(from), specificationOf(to)),
  checkTeacher: (teacher, student) =>
    checkTeacher(specificationOf(teacher), specificationOf(student)),
  isUnpenalized(json) {
    const { optimizer, penalties } = specificationOf(json);
    return !anyStrength(penaltiesWith(optimizer, penalties));
  },
  planMemory: (json) => planMemory(specificationOf(json)),
  engine: engineOf,
};

/** From what a study keeps, which leaves options out at their defaults. */
function specificationOf(json: JsonObject): Specification {
  return complete(json) as unknown as Specification;
}

/**
 * The weights that each specification begins with, those of another study's runs by fold; all of them checked,
 * the same ones once.
 */
async function initialWeightsOf(
  specifications: readonly Specification[],
  folds: readonly FoldRecord[],
  { project, points }: { readonly project: string; readonly points: readonly JsonObject[] },
): Promise<Pick<Specification, "initialWeights">[]> {
  const checked = new Map<string, Pick<Specification, "initialWeights">>();
  const found: Pick<Specification, "initialWeights">[] = [];
  for (const [index, specification] of specifications.entries()) {
    const { initialWeights, model, tokenizer } = specification;
    if (initialWeights === undefined) {
      found.push({});
      continue;
    }
    const key = canonicalJson({ initialWeights, model, tokenizer });
    let known = checked.get(key);
    if (known === undefined) {
      const subject = `specify gave a specification that cannot be trained for ${
        showLong(points[index])
      }`;
      try {
        known = { initialWeights: weightsForFolds(specification, folds, project) };
        const indices = folds.map(({ index }) => index);
        await checkInitialWeights({ ...specification, ...known }, indices, project);
      } catch (error) {
        naming(subject, () => {
          throw error;
        });
      }
      checked.set(key, known!);
    }
    found.push(known!);
  }
  return found;
}

/** The folds of a study in the tokens of one of its specifications. */
interface SpecificationInTokens {
  readonly folds: readonly FoldRecord[];
  /** Training spans of each fold, where they are known. */
  readonly training: readonly FoldInTokens["training"][];
  /** What of the held-out text they do not tell. */
  readonly lost: string | null;
}

/**
 * The folds of each specification in its own tokens, and what of the held-out text these do not tell; each
 * tokenizer reads each fold once.
 */
async function eachInTokens(
  given: readonly { readonly specification: Specification; readonly exact: boolean }[],
  folds: readonly FoldRecord[],
  points: readonly JsonObject[],
): Promise<SpecificationInTokens[]> {
  const known = new Map<string, Promise<FoldInTokens[]>>();
  const knownPairs = new Map<string, Promise<(string | null)[]>>();
  // All points of a study read one corpus.
  let text: TextSource | null = null;
  const found: SpecificationInTokens[] = [];
  for (const [index, { specification, exact }] of given.entries()) {
    const isPairs = isPairSpecification(specification);
    if (!isPairs && folds.every(({ unit }) => unit === undefined)) {
      found.push({ folds, training: [], lost: null });
      continue;
    }
    try {
      for (const fold of folds) checkFoldUnit(specification.training, fold);
      if (isPairs) {
        found.push({
          folds,
          training: [],
          lost: await lostOfPairs(specification, folds, knownPairs),
        });
        continue;
      }
      const { corpus, tokenizer, training } = specification;
      const { trainingBytes = null, evaluationBytes } = training;
      const key = canonicalJson({ tokenizer, trainingBytes, evaluationBytes, exact });
      let read = known.get(key);
      if (read === undefined) {
        const all = text ??= await openText(corpus);
        // One after the other: side by side each would hold a stretch of the text and its tokens.
        read = Array.fromAsync(
          folds,
          (fold) => foldInTokens({ corpus, tokenizer, training }, fold, { text: all, exact }),
        );
        known.set(key, read);
      }
      const each = await read;
      found.push({
        folds: each.map(({ fold }) => fold),
        training: each.map(({ training }) => training),
        lost: each.find(({ lost }) => lost !== null)?.lost ?? null,
      });
    } catch (error) {
      naming(
        `specify gave a specification that cannot be trained for ${showLong(points[index])}`,
        () => {
          throw error;
        },
      );
    }
  }
  return found;
}

/** What tokens of some pairs do not tell, once for all specifications of which that is the same. */
async function lostOfPairs(
  specification: AnyPairSpecification,
  folds: readonly FoldRecord[],
  known: Map<string, Promise<(string | null)[]>>,
): Promise<string | null> {
  const key = pairsInTokensKey(specification);
  let read = known.get(key);
  if (read === undefined) {
    // One after the other: each holds the tokens of a fold.
    read = Array.fromAsync(folds, (fold) => pairsInTokens(specification, fold));
    known.set(key, read);
  }
  return (await read).find((lost) => lost !== null) ?? null;
}

/** What a check gives, with what it was about in front of its error. */
function naming<T>(subject: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const { name, message } = error as Error;
    throw new (name === "RangeError" ? RangeError : TypeError)(`${subject}: ${message}`);
  }
}

/**
 * What the engine's bits depend on, and the name by which every process gets the same one.
 *
 * @param options.fallback Whether `native` falls back, with a line, where no BLAS can be loaded.
 * @param options.threads Whether numbers of threads were asked for, which make `native` `blocked`.
 * @throws {Error} Where it does not.
 */
export async function engineOf(
  name: string,
  { fallback = true, threads = false }: { fallback?: boolean; threads?: boolean } = {},
): ReturnType<StudyTrainings["engine"]> {
  if (name === "wasm" || name === "cpu") return { id: name, name };
  const { useEngine } = await import("../engine/engine.ts");
  const info = await useEngine(name as EngineChoice, { fallback, ...threads && { threads: 1 } });
  return { id: info.id, name: info.name };
}

function refuseOther(what: string, first: unknown, other: unknown, point: JsonObject): void {
  if (canonicalJson(first) === canonicalJson(other)) return;
  throw new RangeError(
    `All points of a study must have the same ${what}, because their folds are the same; point ` +
      `${showLong(point)} has another one than the first point. Make two studies of it${
        what !== "tokenizer"
          ? ""
          : ', or lay the folds before there are tokens: blockedFolds({ unit: "bytes" }) of a text, ' +
            'groupedFolds({ unit: "pairs" }) of pairs'
      }.`,
  );
}
