import assert from "node:assert/strict";
import type { StudyRecord } from "../records/study_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { modelAndTraining } from "./specification_words.ts";
import { tuningParagraphs } from "./tuning_words.ts";

function studyOf(...trainings: readonly object[]): StudyRecord {
  const { study } = syntheticStudy();
  const [specification] = study.specifications;
  return {
    ...study,
    specifications: trainings.map((training) => ({
      ...specification,
      training: { ...specification.training as object, ...training },
    })) as unknown as StudyRecord["specifications"],
  };
}

const textOf = (study: StudyRecord) =>
  tuningParagraphs(study).map(({ html }) => html).join("").replaceAll(/\s+/g, " ");

Deno.test("methods say what is frozen, which adapters there are with their formula, and rates by layer", () => {
  const adapters = {
    rank: 4,
    alpha: 8,
    kinds: ["kernel", "recurrentKernel"],
    layers: ["block*"],
    initializer: { kind: "normal", standardDeviation: 0.02 },
    others: "trained",
  };
  const study = studyOf({
    frozen: [{ kinds: ["bias"], layers: ["gru0", "output"] }, { names: ["embedding/table"] }],
    adapters,
    learningRateFactors: { perBlock: 0.5, layers: { embedding: 0.1 } },
  });
  const text = textOf(study);
  assert.match(
    text,
    /Frozen, without gradient, .*: bias parameters of gru0, output; all parameters named embedding\/table\./,
  );
  assert.match(
    text,
    /of kernel, recurrentKernel parameters of block\*, rank r = 4, α = 8, A at the beginning normal 0\.02, all else trained as well\./,
  );
  assert.match(
    text,
    /that of block l is multiplied by f = 0\.5 once for each block after it, embedding times 0\.1\./,
  );
  assert.equal([...text.matchAll(/<math/g)].length, 2);
  // Said once.
  assert.doesNotMatch(modelAndTraining(study).html, /frozen|adapters|learningRateFactors/);
});

Deno.test("points without fine-tuning have no such sentence, and points that differ say so", () => {
  assert.equal(textOf(studyOf({}, {})), "");
  const text = textOf(studyOf({}, { frozen: [{ layers: ["embedding"] }] }, {
    frozen: [{ layers: ["gru0"] }],
  }));
  assert.match(
    text,
    /Frozen in some points, .*: all parameters of embedding, or: all parameters of gru0\./,
  );
});
