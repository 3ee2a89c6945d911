import type { JsonObject } from "../core/json.ts";
import type { ModuleCode } from "../core/own_module.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { initialWeightsOf } from "../statistics/describe_initial_weights.ts";
import { fragment, type Markup } from "./html.ts";

/** A text that has to be there before a run is trained again. */
export interface NeededText {
  readonly name: string;
  readonly sha256: string;
  readonly licence: string;
  /** Where it came from, in words. */
  readonly source: string;
  /** `study`: it is in study.json. `library`: it comes in a package of the library. */
  readonly found: "study" | "library" | "elsewhere";
  /** The corpus as the specifications have it. */
  readonly corpus: JsonObject;
}

/** A module of the project that made the study. */
export interface NeededModule {
  readonly module: string;
  readonly code: ModuleCode;
}

/** What training a study again needs besidess the library. */
export interface StudyNeeds {
  readonly texts: readonly NeededText[];
  readonly modules: readonly NeededModule[];
}

/** What training a study again needs besidess the library, from its record alone. */
export function needsOf({ specifications, corpus: described }: StudyRecord): StudyNeeds {
  const texts = new Map<string, NeededText>();
  const modules = new Map<string, NeededModule>();
  for (const specification of specifications) {
    const corpus = (specification.corpus ?? {}) as JsonObject;
    const { name, sha256, licence } = { ...described, ...corpus } as typeof described;
    const source = sha256 === described.sha256 ? described.source : name;
    const found = /^inline/.test(String(corpus.kind))
      ? "study"
      : source.startsWith("npm:")
      ? "library"
      : "elsewhere";
    texts.set(sha256, { name, sha256, licence, source, found, corpus });
    for (const part of ownPartsIn(specification)) modules.set(part.code.sha256, part);
  }
  return { texts: [...texts.values()], modules: [...modules.values()] };
}

/** The user's own parts of a specification: all that names a module and its code. */
function ownPartsIn(value: unknown): NeededModule[] {
  if (value === null || typeof value !== "object") return [];
  const { module, code } = value as { module?: unknown; code?: Partial<ModuleCode> | null };
  const own = typeof module === "string" && typeof code?.sha256 === "string" &&
      areTexts(code.files) && areTexts(code.packages)
    ? [{ module, code: code as ModuleCode }]
    : [];
  return [...own, ...Object.values(value).flatMap(ownPartsIn)];
}

function areTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((text) => typeof text === "string");
}

/** What a reader elsewhere needs before the runs of a study can be trained again. */
export function needsSection(study: StudyRecord): Markup {
  const { texts, modules } = needsOf(study);
  const weights = initialWeightsOf(study);
  const { parsimony, numericsVersion, deno } = study.provenance;
  const items = [
    fragment`Parsimony ${parsimony}, numerics version ${numericsVersion}; it was run by Deno ${deno}.`,
    ...texts.map(({ name, sha256, licence, source, found }) => {
      if (found === "study") return fragment`The text: it is in <code>study.json</code>.`;
      if (found === "library") return fragment`The text ${name}: it comes with the library.`;
      return fragment`The text ${name}, from ${source}, SHA-256 <code>${sha256}</code>, licence: ${licence}. It is
found at its place in the project, or by its SHA-256 as <code>text/${sha256}.txt</code> in this folder.`;
    }),
    ...weights.map(({ name, sha256 }) =>
      sha256 === null
        ? fragment`The weights with which training begins: of ${name}.`
        : fragment`The weights with which training begins: ${name} of the project, SHA-256 <code>${sha256}</code>${
          name.startsWith("the folder")
            ? fragment` (of what <code>sha256sum</code> prints of its configuration and weights)`
            : ""
        }. They do not come along.`
    ),
    ...modules.map(({ module, code: { files, packages, sha256 } }) =>
      fragment`The module <code>${module}</code> at the same path in the project: ${
        Object.entries(files).map(([path, hash], index) =>
          fragment`${index === 0 ? "" : ", "}<code>${path}</code> with SHA-256 <code>${hash}</code>`
        )
      }${
        Object.keys(packages).length === 0
          ? ""
          : `; it imports ${Object.values(packages).join(", ")}`
      }. It is code: read it; <code>--trust ${sha256}</code> after <code>--sample</code> then has it run.`
    ),
  ];
  return fragment`<h3>To train it elsewhere</h3>
<p>Put this folder into <code>results/</code> of a project that links the library, as its README shows, under
the study's name. Runs can be trained again there where these are:</p>
<ul>${
    items.map((item) =>
      fragment`<li>${item}</li>
`
    )
  }</ul>
`;
}
