import { gruLanguageModel } from "../../models/gru_language_model.ts";
import type { TeacherOptions } from "../../training/teacher_options.ts";
import type { StudyOptions } from "../options.ts";
import { points } from "../search/space.ts";
import { smallStudy } from "./small_study.ts";

const teacher = { taught: "no", size: 8 };
const again = { taught: "once", size: 8 };

/** Who teaches each point: nobody, an ensemble of both seeds, the own seed, and who learned from that. */
const teachers: { readonly [point: string]: TeacherOptions | null } = {
  "no 8": null,
  "once 4": { point: teacher, seeds: [2, 1], share: 0.5, temperature: 2 },
  "once 8": { point: teacher, share: 0.9 },
  "twice 8": { point: again, share: 0.9 },
};

/** Options of a study of real, small trainings that learn from each other. */
export function distilledStudy(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
  training: Parameters<typeof smallStudy>[2] = {},
): StudyOptions {
  const study = smallStudy(project, {}, training);
  return {
    ...study,
    // Students first: the order of points is not that of trainings.
    space: points([
      { taught: "twice", size: 8 },
      { taught: "once", size: 4 },
      again,
      teacher,
    ]),
    specify({ taught, size }) {
      const specification = study.specify({ lambda: 0, alpha: 0 });
      return {
        ...specification,
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: Number(size) }),
        training: { ...specification.training, teacher: teachers[`${taught} ${size}`] },
      } as typeof specification;
    },
    seeds: [1, 2],
    ...changes,
  };
}
