import type { StudyNeeds } from "../reports/needs.ts";

/** Says of the texts and modules that a study needs whether they come along with it. */
export function needsInWords(
  { texts, modules }: StudyNeeds,
  { withText = false, withModules = false }: {
    readonly withText?: boolean;
    readonly withModules?: boolean;
  },
): string[] {
  return [
    ...texts.filter(({ found }) => found === "elsewhere").map(({ name, licence }) =>
      withText
        ? `Its text ${name} is in it. Licence: ${licence}. Give it away only where that allows it.`
        : `Its text ${name} is not in it (--with-text takes it along). Licence: ${licence}.`
    ),
    ...modules.map(({ module }) =>
      `Its module ${module} is ${
        withModules ? "in it, to be read" : "not in it (--with-modules takes it along)"
      }.`
    ),
  ];
}
