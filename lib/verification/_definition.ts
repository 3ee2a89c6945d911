import { show, showLong } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { corpusSource } from "../data/corpora.ts";
import { loadLaidPairs } from "../data/pair_tokens.ts";
import { pairSource } from "../data/pairs.ts";
import { countTokens } from "../data/prepare.ts";
import { openText } from "../data/text_source.ts";
import type { Remarks } from "./_documents.ts";
import { unknownStudyKeys } from "../records/record_keys.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import { definitionHash } from "../studies/same_definition.ts";
import {
  isPairSpecification,
  type Specification,
  validateSpecification,
} from "../training/specification.ts";

/** What is wrong with `study.json` as it stands: its hash, its specifications, its name. */
export function definitionProblems(study: StudyRecord, name: string): string[] {
  const problems: string[] = [];
  if (study.name !== name) {
    problems.push(`its name is ${show(study.name)}, that of its folder is ${name}`);
  }
  const hash = definitionHash(study);
  if (hash !== study.definitionHash) {
    problems.push(`definitionHash is ${show(study.definitionHash)}, the definition gives ${hash}`);
  }
  problems.push(
    ...unknownStudyKeys(study).map((key) => `the format has no ${show(key)}`),
  );
  for (const [index, json] of study.specifications.entries()) {
    const point = showLong(study.space.points[index]);
    try {
      const valid = canonicalJson(stored(validateSpecification(json)));
      if (valid !== canonicalJson(json)) {
        problems.push(`the specification of ${point} is not what the library makes of it`);
      }
    } catch (error) {
      problems.push(`the specification of ${point} is refused: ${(error as Error).message}`);
    }
  }
  return problems;
}

/**
 * What is wrong with the corpus: its checksum, its size in tokens, and what the study says of it. That it
 * comes from a catalogue which has no such name is only said: a text is known by its SHA-256.
 */
export async function corpusRemarks(study: StudyRecord): Promise<Remarks> {
  const problems: string[] = [];
  const notes: string[] = [];
  for (const json of distinctCorpora(study)) {
    let found: StudyRecord["corpus"];
    try {
      found = await describe(validateSpecification(json), unitOf(study.folds), (reason) => {
        notes.push(`its source is the word of study.json: ${reason}`);
        return study.corpus.source;
      });
    } catch (error) {
      const { sha256 } = study.corpus;
      problems.push(
        `${(error as Error).message} It may also lie in the study's folder, as text/${sha256}.txt.`,
      );
      continue;
    }
    for (const key of Object.keys({ ...study.corpus, ...found }) as (keyof typeof found)[]) {
      if (study.corpus[key] !== found[key]) {
        problems.push(
          `${key} is ${show(study.corpus[key])} in study.json, the corpus gives ${
            show(found[key])
          }`,
        );
      }
    }
  }
  return { problems, notes };
}

/** One specification for each corpus, with its tokenizer where that says how large it is. */
function distinctCorpora({ specifications, folds }: StudyRecord): JsonObject[] {
  const before = unitOf(folds) !== undefined;
  const seen = new Map<string, JsonObject>();
  for (const each of specifications) {
    const { corpus = null, tokenizer = null } = each;
    seen.set(canonicalJson({ corpus, tokenizer: before ? null : tokenizer }), each);
  }
  return [...seen.values()];
}

function unitOf([first]: StudyRecord["folds"]): FoldRecord["unit"] {
  return first?.unit;
}

async function describe(
  specification: Specification,
  unit: FoldRecord["unit"],
  otherwise: (reason: string) => string,
): Promise<StudyRecord["corpus"]> {
  const { name, sha256, licence } = specification.corpus;
  const sourceOf = (inWords: () => string) => {
    try {
      return inWords();
    } catch {
      return otherwise(`no catalogue here names ${JSON.stringify(name)}`);
    }
  };
  if (isPairSpecification(specification)) {
    const { corpus, tokenizer } = specification;
    const { pairs, size } = await loadLaidPairs(corpus, tokenizer, unit);
    const source = sourceOf(() => pairSource(corpus));
    return { name, sha256, licence, source, ...size, pairs: pairs.length };
  }
  const { corpus, tokenizer } = specification;
  const source = sourceOf(() => corpusSource(corpus));
  const size = unit === "bytes"
    ? { bytes: (await openText(corpus)).bytes }
    : { tokens: await countTokens(corpus, tokenizer) };
  return { name, sha256, licence, source, ...size };
}
