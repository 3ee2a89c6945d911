/** Documentation says each default as `@default`, code in the description of the option. */
import assert from "node:assert/strict";
import { averageKinds } from "./averages/kinds.ts";
import { articleOneOptions } from "./articles/article_one.ts";
import { regressionOptions, sequenceOptions } from "./articles/article_two.ts";
import { canonicalJson } from "./core/json.ts";
import { defaultsOf, type Options } from "./core/options.ts";
import { projectFolder } from "./core/project.ts";
import { scheduleKinds } from "./core/schedule.ts";
import { documentOptions } from "./data/documents/document.ts";
import { folderOptions } from "./data/documents/document_folder.ts";
import { documentFoldsOptions } from "./data/documents/document_folds.ts";
import { fieldOptions } from "./data/documents/fields.ts";
import { nearDuplicateOptions } from "./data/documents/near_duplicates.ts";
import { splitOptions } from "./data/documents/split_file.ts";
import { fixedSplitOptions } from "./data/fixed_split.ts";
import { blockedFoldsOptions } from "./data/folds.ts";
import { pairFoldsOptions } from "./data/pair_folds.ts";
import { pairOptions } from "./data/pairs.ts";
import * as library from "./mod.ts";
import { optimizerKinds } from "./optimizers/kinds.ts";
import { allPenalties } from "./penalties/kinds.ts";
import { weightDropoutOptions } from "./training/dropout_options.ts";
import { fillInTheMiddleOptions } from "./training/infilling_options.ts";
import { pairSamples, textSamples } from "./training/sample_options.ts";
import { pairSpecification, textSpecification } from "./training/specification.ts";
import { teacherOptions } from "./training/teacher_options.ts";
import { adapterOptions } from "./training/tuning_options.ts";
import { pairTraining, textTraining } from "./training/training_options.ts";

const capital = (kind: string) => kind[0].toUpperCase() + kind.slice(1);
const ofKinds = (kinds: { readonly [kind: string]: { readonly options: Options } }, what: string) =>
  Object.entries(kinds).map(([kind, { options }]) => [`${capital(kind)}${what}`, options] as const);

/** Types whose fields document the options described. */
const described: readonly (readonly [type: string, options: Options])[] = [
  ...ofKinds(scheduleKinds, "Schedule"),
  ...ofKinds(optimizerKinds, "Specification"),
  ...ofKinds(allPenalties, "Specification"),
  ...ofKinds(averageKinds, "Specification"),
  ["TextSpecification", textSpecification],
  ["PairSpecification", pairSpecification],
  ["TrainingSpecification", textTraining],
  ["PairTrainingSpecification", pairTraining],
  ["SampleSpecification", textSamples],
  ["TeacherSpecification", teacherOptions],
  ["PairSampleSpecification", pairSamples],
  ["WeightDropoutSpecification", weightDropoutOptions],
  ["FillInTheMiddleSpecification", fillInTheMiddleOptions],
  ["AdapterSpecification", adapterOptions],
  ["FoldsSpecification", blockedFoldsOptions],
  ["PairFoldsSpecification", pairFoldsOptions],
  ["FixedSplitSpecification", fixedSplitOptions],
  ["PairOptions", pairOptions],
  ["DocumentOptions", documentOptions],
  ["FieldOptions", fieldOptions],
  ["DocumentFolderOptions", { ...documentOptions, ...folderOptions }],
  ["SplitFileOptions", { ...documentOptions, ...splitOptions }],
  ["NearDuplicateOptions", nearDuplicateOptions],
  ["DocumentFoldsSpecification", documentFoldsOptions],
  ["ArticleOneOptions", articleOneOptions],
  ["ArticleTwoRegressionOptions", regressionOptions],
  ["ArticleTwoSequenceOptions", sequenceOptions],
];

/** A type as `deno doc --json` has it, as far as it is read here. */
interface Type {
  readonly properties?: readonly {
    readonly name: string;
    readonly jsDoc?: {
      readonly tags?: readonly { readonly kind: string; readonly value?: string }[];
    };
  }[];
  readonly extends?: readonly Type[];
  readonly tsType?: Type;
  readonly value?: Type | readonly Type[] | string;
  readonly typeParams?: readonly Type[];
  readonly typeName?: string;
}

/** The text of `@default` of each field of a type and of those that it extends. */
function documentedDefaults(types: ReadonlyMap<string, Type>, type: Type): Map<string, string> {
  const { properties = [], extends: parents = [], tsType, value, typeParams = [], typeName } = type;
  const inner = [value, tsType].flat().filter((each): each is Type => typeof each === "object");
  const named = typeName === undefined ? undefined : types.get(typeName);
  return new Map([
    ...[...parents, ...inner, ...typeParams, ...named === undefined ? [] : [named]]
      .flatMap((each) => [...documentedDefaults(types, each)]),
    ...properties.flatMap(({ name, jsDoc }) =>
      (jsDoc?.tags ?? []).filter(({ kind }) => kind === "default")
        .map((tag) => [name, tag.value!] as const)
    ),
  ]);
}

Deno.test("every @default of an option is its default, and every default is documented", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "lib/mod.ts"],
    cwd: projectFolder(),
    stderr: "null",
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const symbols = Object.values<any>(nodes).flatMap((module) => module.symbols);
  const types = new Map<string, Type>(
    symbols.map(({ name, declarations }) => [name, declarations[0].def]),
  );
  for (const [name, options] of described) {
    assert.ok(types.has(name), `lib/mod.ts exports ${name}`);
    const defaults = defaultsOf(options);
    const documented = documentedDefaults(types, types.get(name)!);
    for (const [option, text] of documented) {
      const value = new Function(...Object.keys(library), `return ${text};`)(
        ...Object.values(library),
      );
      assert.equal(
        canonicalJson(value),
        canonicalJson(defaults[option] ?? null),
        `${name}.${option}`,
      );
    }
    // The tag cannot hold braces, so the defaults that are objects may be said in words.
    const plain = Object.keys(defaults).filter((option) =>
      !canonicalJson(defaults[option]).includes("{")
    );
    assert.deepEqual(plain.filter((option) => !documented.has(option)), [], name);
  }
});
