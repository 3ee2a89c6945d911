import assert from "node:assert/strict";
import { findingAddition } from "../experiments/findings/paper.ts";
import { readStudy } from "../reports/report.ts";
import { generateStudy, shapes } from "../studies/testing/generated_studies.ts";
import { of, usual } from "../studies/testing/shapes/parts.ts";
import { paperFiles } from "./paper_files.ts";
import { setAndCheck, withTex } from "./_testing/tex.ts";

const kept = (name: string) =>
  readStudy(new URL(`../../results/${name}`, import.meta.url).pathname);

withTex("the paper of a study of arms is set without a warning, in vectors", async (folder) => {
  const study = await generateStudy("first-look", shapes.arms);
  const { text } = await setAndCheck(folder, await paperFiles({ studies: [study] }));
  for (const part of ["Question", "Methods", "Data statement", "References", "Checklist"]) {
    assert.ok(text.includes(part), part);
  }
});

withTex("the paper of a comparison is set without a warning, in vectors", async (folder) => {
  const studies = await Promise.all(
    ["first", "second"].map((name) =>
      generateStudy(name, { options: of({ lambda: [0, 1e-4], alpha: [0, 0.3] }) })
    ),
  );
  const { text } = await setAndCheck(folder, await paperFiles({ studies }));
  assert.ok(text.includes("Methods of second"));
});

withTex(
  "the paper of three studies and their arms is set without a warning, in vectors",
  async (folder) => {
    const studies = await Promise.all(
      ["first", "second", "third"].map((name) => generateStudy(name, shapes.arms)),
    );
    const { text } = await setAndCheck(folder, await paperFiles({ studies }));
    assert.ok(text.includes("Methods of third"));
  },
);

withTex("the paper of a finding is set without a warning, in vectors", async (folder) => {
  const study = kept("findings/l1-zeros");
  const addition = findingAddition(study);
  const { text } = await setAndCheck(folder, await paperFiles({ studies: [study], addition }));
  assert.ok(text.includes("Declared comparisons"));
});

withTex("the paper of the remedies is set without a warning, in vectors", async (folder) => {
  const study = kept("remedies/remedies-comparison");
  await setAndCheck(folder, await paperFiles({ studies: [study] }));
});

withTex(
  "hostile names of studies, texts and points come out of a paper as text",
  async (folder) => {
    const name = "\\input{/etc/passwd}";
    const axis = "a_b%c$d#e~f^g&{h}";
    const made = await generateStudy("hostile", {
      options: of({ [axis]: [0, 0.3], kind: ["红楼梦", "שלום"] }, {
        specify: (point) => usual({ alpha: point[axis], dropout: point.kind === "שלום" ? 0.1 : 0 }),
        seeds: [1],
      }),
    });
    const record = {
      ...made.record,
      name,
      corpus: { ...made.record.corpus, name: "a%b_c$#~ Москва" },
    };
    const { text } = await setAndCheck(
      folder,
      await paperFiles({ studies: [{ ...made, record }] }),
    );
    const found = text.replace(/\s/g, "");
    for (const each of [name, axis, "红楼梦", "םולש", "a%b_c$#~Москва"]) {
      assert.ok(found.includes(each), each);
    }
    assert.doesNotMatch(found, /root:x/);
  },
);
