import type { StudyRecord } from "../records/study_record.ts";
import { formatAxisMeaning } from "../statistics/axis_meaning.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { baselineWords } from "../statistics/baseline_words.ts";
import { counted, listInWords } from "../statistics/format.ts";

/** What a study asks and by how many trainings, in sentences that follow from its definition. */
export function questionInWords(study: StudyRecord): string[] {
  const { space, folds, seeds, corpus } = study;
  const trained = `${counted(folds.length, "fold")} and ${counted(seeds.length, "seed")}`;
  if (space.arms !== undefined) {
    const judged = space.arms.filter(({ parent }) => parent !== null)
      .map(({ name, parent }) => `${name} against ${parent}`);
    return [
      `This study asks which of ${
        counted(space.arms.length, "way")
      } of training on ${corpus.name} ` +
      `has the lowest loss on held-out text once each is tuned: ${
        listInWords(space.arms.map(({ name }) => name))
      }.`,
      ...(judged.length === 0 ? [] : [
        `Declared before the runs were the comparisons of ${listInWords(judged)}.`,
      ]),
      `Each way of training is tried at ${
        listInWords([...new Set(space.arms.map(({ count }) => counted(count, "setting")))])
      }, each setting on ${trained}.`,
    ];
  }
  const axes = axesOfStudy(study).map(({ name }) => formatAxisMeaning(study, name));
  return [
    axes.length === 0
      ? `This study measures one setting on ${corpus.name}: its loss on held-out text, and the gap ` +
        `between that and its training loss.`
      : `This study asks what ${listInWords(axes)} ${
        axes.length === 1 ? "does" : "do"
      } on ${corpus.name} to the loss on held-out text, and to the gap between it and the training loss.`,
    `${counted(space.points.length, "setting")} ${
      space.points.length === 1 ? "is" : "are"
    } trained on ${trained} each${
      study.baseline === null
        ? ""
        : `; the others are compared with ${
          baselineWords(study).name
        }, which was declared beforehand`
    }.`,
  ];
}
