import { show } from "../core/check.ts";
import { needed } from "../core/outside_trouble.ts";
import type { Batch } from "../data/batches.ts";
import { createModel, createSequenceToSequence } from "../models/create.ts";
import type { LanguageModel, SequenceToSequenceModel } from "../models/model.ts";
import { readWeights } from "../models/sparse_safetensors.ts";
import { type KeptRun, readKeptWeights } from "./kept_weights.ts";
import { anyWeights, jsonIn, setWeights } from "./model_weights.ts";
import {
  isCompletionSpecification,
  isPairSpecification,
  type Specification,
  validateSpecification,
} from "./specification.ts";
import type { Task, TaskBatches, TeacherShape, Vocabularies } from "./task.ts";
import type { TeacherSpecification } from "./teacher_options.ts";

/** A model that scores what may follow each token of a batch, in evaluation mode. */
type ScoringModel = Pick<LanguageModel, "vocabularySize" | "logits" | "parameters" | "dispose">;

/**
 * A task whose training batches hold what a teacher says of their targets; as it is where there is none.
 *
 * @param task Data and model of the run that learns. Its `dispose` frees the teacher too.
 * @param specification What its training says of a teacher; null for none.
 * @param runs The teacher's runs with their kept weights, in the order in which they are averaged.
 * @throws {OutsideTrouble} If a file of weights is not there, was changed, or is of another run.
 * @throws {RangeError} If a teacher has other tokens than the model, or no runs are given.
 */
export async function withTeacher(
  task: Task,
  specification: TeacherSpecification | null,
  runs: readonly KeptRun[] = [],
): Promise<Task> {
  if (specification === null) return task;
  const { model, vocabularies } = task;
  const models: ScoringModel[] = [];
  const teachers: TeacherShape[] = [];
  const dispose = () => [...models, model].forEach((each) => each.dispose());
  try {
    if (runs.length === 0) {
      throw new RangeError(
        "training.teacher names runs of a study, and none was given: train it with runStudy.",
      );
    }
    for (const run of runs) {
      const { model, specification } = await readTeacher(run, vocabularies);
      models.push(model);
      const parameters = model.parameters.map(({ description }) => description);
      teachers.push({ model: specification.model, parameters });
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    ...task,
    model: { ...model, dispose },
    teachers,
    batches: (stream, from) => taught(task.batches(stream, from), models, specification),
  };
}

function taught(
  batches: TaskBatches,
  models: readonly ScoringModel[],
  specification: TeacherSpecification,
): TaskBatches {
  const { share, temperature } = specification;
  return {
    ...batches,
    next() {
      const batch = batches.next();
      const probabilities = teacherProbabilities(models, batch, specification);
      return { ...batch, softTargets: { probabilities, share, temperature } };
    },
  };
}

async function readTeacher(
  run: KeptRun,
  student: Vocabularies,
): Promise<{ model: ScoringModel; specification: Specification }> {
  const bytes = await needed(() => readBytes(run));
  const { tensors, metadata } = readWeights(bytes);
  const specification = validateSpecification(jsonIn(metadata, "specification"));
  const named = (name: "vocabulary" | "sourceVocabulary") => {
    const tokens = Object.hasOwn(metadata, name) ? jsonIn(metadata, name) as string[] : undefined;
    refuseOtherTokens(run, name, tokens, student[name]);
    return tokens!;
  };
  const vocabularySize = named("vocabulary").length;
  const context = { vocabularySize, ...anyWeights };
  let model: LanguageModel | SequenceToSequenceModel;
  if (isPairSpecification(specification) && !isCompletionSpecification(specification)) {
    const sourceVocabularySize = named("sourceVocabulary").length;
    model = createSequenceToSequence(specification.model, { ...context, sourceVocabularySize });
  } else {
    model = createModel(specification.model, context);
  }
  setWeights(model, tensors);
  return { model: model as ScoringModel, specification };
}

async function readBytes(run: KeptRun): Promise<Uint8Array> {
  try {
    return await readKeptWeights(run.path, run);
  } catch (error) {
    throw new Error(
      `Cannot learn from run ${run.id} by its weights in ${run.path}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function refuseOtherTokens(
  { id }: KeptRun,
  name: string,
  teacher: readonly string[] | undefined,
  student: readonly string[] | undefined,
): void {
  const different = teacher?.length === student?.length
    ? (teacher ?? []).findIndex((token, index) => token !== student![index])
    : Math.min(teacher?.length ?? 0, student?.length ?? 0);
  if (different === -1) return;
  const shown = (tokens: readonly string[] | undefined) => show(tokens?.[different] ?? "no token");
  throw new RangeError(
    `training.teacher: run ${id} must have the model's ${name}, found ${
      teacher?.length ?? 0
    } tokens ` +
      `for ${student?.length ?? 0}; they first differ at ${different}, ${shown(teacher)} for ` +
      `${shown(student)}.`,
  );
}

/**
 * What teachers say of each target of a batch: mean over models of softmax(logits/T), or softmax of the
 * mean of logits/T; each row relative to its largest logit, in double precision.
 *
 * @param models Models, at least one; they are read in evaluation mode, one after the other.
 * @param batch A training batch. The state that a student carries is not theirs.
 * @param options Temperature and what is averaged.
 * @returns Probabilities, `[time × batch × vocabulary]`, rows as those of the targets.
 */
export function teacherProbabilities(
  models: readonly Pick<ScoringModel, "vocabularySize" | "logits">[],
  batch: Batch,
  { temperature, mean }: Pick<TeacherSpecification, "temperature" | "mean">,
): Float32Array {
  const { carried: _, ...own } = batch;
  const [{ vocabularySize: size }] = models;
  const logits = models.map((model) => {
    const scores = model.logits(own);
    // What an engine gives may be its own memory, which is used again.
    const copy = Float32Array.from(scores.dataSync());
    scores.dispose();
    return copy;
  });
  const distributions = mean === "probabilities" ? logits : [meanOf(logits)];
  const probabilities = new Float32Array(logits[0].length);
  const colder = 1 / temperature;
  const sums = new Float64Array(size);
  const powers = new Float64Array(size);
  for (let start = 0; start < probabilities.length; start += size) {
    sums.fill(0);
    for (const scores of distributions) {
      let largest = -Infinity;
      for (let at = start; at < start + size; at++) {
        if (scores[at] > largest) largest = scores[at];
      }
      let sum = 0;
      for (let v = 0; v < size; v++) {
        sum += powers[v] = Math.exp((scores[start + v] - largest) * colder);
      }
      const scale = 1 / (sum * distributions.length);
      for (let v = 0; v < size; v++) sums[v] += powers[v] * scale;
    }
    probabilities.set(sums, start);
  }
  return probabilities;
}

/** The mean of numbers at the same places. */
function meanOf(lists: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(lists[0].length);
  for (const list of lists) list.forEach((value, at) => mean[at] += value / lists.length);
  return mean;
}
