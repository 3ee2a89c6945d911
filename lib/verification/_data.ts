import { show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { type LaidDocuments, layDocumentFoldsAgain } from "../data/documents/document_folds.ts";
import { isDocuments } from "../data/documents/kinds.ts";
import { openDocuments } from "../data/documents/open_documents.ts";
import { openText, type TextSource } from "../data/text_source.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import type { FoldDocuments } from "../records/documents_record.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import { repeatedInFolds } from "../studies/repeated_in_folds.ts";
import type { PlannedRun } from "../studies/search/planned_run.ts";
import { tokensOfSteps } from "../training/cost.ts";
import { prepareFold } from "../training/prepare_fold.ts";
import {
  isPairSpecification,
  type TextSpecification,
  validateSpecification,
} from "../training/specification.ts";
import { purposeOf } from "../training/task.ts";
import { evaluationOf, targetsOfBatches, toldOfText } from "../training/text_data.ts";
import type { Remarks } from "./_documents.ts";

/** What is wrong with what `study.json` says of its text and its folds besides their spans. */
export async function foldsRemarks(study: StudyRecord): Promise<Remarks> {
  const problems: string[] = [];
  const notes: string[] = [];
  const specification = validateSpecification(study.specifications[0]);
  const due = await repeatedInFolds(specification, study);
  if (study.repeated === undefined && due !== undefined) {
    notes.push("it does not say what of its folds is repeated");
  } else if (canonicalJson(study.repeated ?? null) !== canonicalJson(due ?? null)) {
    problems.push(`repeated is ${show(study.repeated)}, its folds have ${show(due)}`);
  }
  if (study.documents !== undefined) {
    const { corpus } = specification as TextSpecification;
    if (!isDocuments(corpus)) problems.push("it tells of documents, and its corpus has none");
    else {
      const { folds, finalFold, documents } = study;
      const source = await openDocuments(corpus);
      const again = layDocumentFoldsAgain({ folds, finalFold, documents }, source);
      const compared = documents.by === "time" ? withoutDropped(documents, again, notes) : again;
      problems.push(...differences({ folds, finalFold, documents }, compared));
    }
  }
  return { problems, notes };
}

/** By time what would train is not laid again: what was left out is known by study.json alone. */
function withoutDropped(
  said: LaidDocuments["documents"],
  again: LaidDocuments,
  notes: string[],
): LaidDocuments {
  const every = [...said.folds, ...said.final === null ? [] : [said.final]];
  if (every.every(({ dropped }) => dropped === undefined)) return again;
  notes.push("how many documents were left out of folds by time is the word of study.json");
  const { folds, final } = again.documents;
  return {
    ...again,
    documents: {
      ...again.documents,
      folds: folds.map((found, fold) => asSaid(found, said.folds[fold])),
      final: final && asSaid(final, said.final ?? undefined),
      examples: said.examples,
    },
  };
}

/** What is found in a fold, with what is said of documents that were to be left out, of which none may be there. */
function asSaid(found: FoldDocuments, said: FoldDocuments | undefined): FoldDocuments {
  const { nearDuplicates, choosing, ...rest } = found;
  const counted = (here: number, before = 0) => here > 0 ? here : before;
  return {
    ...rest,
    nearDuplicates: counted(nearDuplicates, said?.nearDuplicates),
    ...(choosing && {
      choosing: {
        ...choosing,
        nearDuplicates: counted(choosing.nearDuplicates, said?.choosing?.nearDuplicates),
      },
    }),
    ...(said?.dropped !== undefined && { dropped: said.dropped }),
  };
}

function differences(said: LaidDocuments, due: LaidDocuments): string[] {
  const parts = (laid: LaidDocuments): [string, unknown][] => [
    ...laid.folds.map((fold): [string, unknown] => [`fold ${fold.index}`, fold]),
    ["the final fold", laid.finalFold],
    ...Object.entries(laid.documents).map(([key, value]): [string, unknown] => [
      `documents.${key}`,
      value,
    ]),
  ];
  const found = new Map(parts(said));
  const wanted = new Map(parts(due));
  return [...new Set([...found.keys(), ...wanted.keys()])]
    .filter((key) => canonicalOf(found.get(key)) !== canonicalOf(wanted.get(key)))
    .map((key) => `${key} is ${show(found.get(key))}, the documents give ${show(wanted.get(key))}`);
}

const canonicalOf = (value: unknown) => canonicalJson((value ?? null) as JsonObject);

/** What older records do not say. */
const cameLater: ReadonlySet<string> = new Set(["trainingUnknownShare", "textLost"]);

/** Runs that read the same text in the same way. */
interface Reading {
  readonly specification: TextSpecification;
  readonly fold: FoldRecord;
  readonly runs: { readonly run: RunRecord; readonly seed: number }[];
}

/**
 * What is wrong with what runs say of their text: tokens, entropy and sizes, and of trainings whose targets
 * depend on it the cost, counted again by the tokenizer. Nothing is trained.
 */
export async function textProblems(
  planned: ReadonlyMap<string, PlannedRun>,
  runs: readonly RunRecord[],
): Promise<{ readonly problems: string[]; readonly compared: number }> {
  const problems: string[] = [];
  const texts = new Map<string, TextSource>();
  let compared = 0;
  for (const { specification, fold, runs: group } of readingsOf(planned, runs)) {
    const { corpus, tokenizer } = specification;
    await readyTokenizer(tokenizer);
    const key = canonicalJson(corpus as unknown as JsonObject);
    const text = fold.unit === undefined ? undefined : texts.get(key) ?? await openText(corpus);
    if (text !== undefined) texts.set(key, text);
    const data = await prepareFold(specification, fold, { text });
    const told = toldOfText(data, evaluationOf(specification, data));
    for (const { run, seed } of group) {
      compared++;
      const keys = Object.keys({ ...told, ...run.tokens }) as (keyof typeof told)[];
      const wrong = keys.filter((name) =>
        !(cameLater.has(name) && run.tokens[name] === undefined) &&
        canonicalOf(run.tokens[name]) !== canonicalOf(told[name])
      );
      const name = `run ${run.id.slice(0, 12)}`;
      for (const each of wrong) {
        problems.push(
          `${name}: tokens.${each} is ${show(run.tokens[each])}, its text gives ${
            show(told[each])
          }`,
        );
      }
      const steps = run.final?.step ?? 0;
      if (run.cost === undefined || tokensOfSteps(specification, fold, steps) !== null) continue;
      const purpose = purposeOf(fold);
      const targets = targetsOfBatches(specification, data, { seed, purpose }, steps);
      if (run.cost.tokens === targets) continue;
      problems.push(`${name}: cost.tokens is ${run.cost.tokens}, its batches count ${targets}`);
    }
  }
  return { problems, compared };
}

/** Runs on texts that finished, by what they read. */
function readingsOf(
  planned: ReadonlyMap<string, PlannedRun>,
  runs: readonly RunRecord[],
): Iterable<Reading> {
  const readings = new Map<string, Reading>();
  for (const run of runs) {
    const plan = planned.get(run.id);
    if (plan === undefined || run.status === "failed") continue;
    const specification = validateSpecification(plan.specification);
    if (isPairSpecification(specification)) continue;
    const { fold, seed } = plan;
    const { corpus, tokenizer, training } = specification;
    const key = canonicalJson(
      { corpus, tokenizer, training, fold } as unknown as JsonObject,
    );
    const reading = readings.get(key) ?? { specification, fold, runs: [] };
    readings.set(key, reading);
    reading.runs.push({ run, seed });
  }
  return readings.values();
}
