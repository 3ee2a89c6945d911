import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { projectFolder } from "../../core/project.ts";
import { carriedTextName } from "../_carried_text.ts";
import { withFiles } from "../testing/project_files.ts";
import { checkListedCorpus } from "../listed_corpora.ts";
import { sourceFiles } from "../source_files.ts";
import { wholeText } from "../whole_text.ts";
import { csvFile } from "./csv_file.ts";
import { documentCorpus } from "./document_corpus.ts";
import { documentFolder } from "./document_folder.ts";
import { inlineDocuments } from "./inline_documents.ts";
import { jsonLinesFile } from "./json_lines_file.ts";
import { openDocuments } from "./open_documents.ts";

const files = {
  "a.jsonl": '{"text":"Call me","by":"Ann"}\n{"text":"Ishmael","by":"Eve"}\n',
  "a.csv": "text\nCall me\n",
  "s/1.txt": "Call me\n",
  "s/2.txt": '"Ishmael"\n',
};

Deno.test("documents that come along with a study are opened where their own files are not", () =>
  withFiles(files, async (folder, full) => {
    const all = [
      jsonLinesFile(`${folder}/a.jsonl`, { group: "by" }),
      csvFile(`${folder}/a.csv`),
      documentFolder(`${folder}/s/*.txt`, { pathExpression: "(?<time>\\d)\\.txt$" }),
    ];
    for (const specification of all) {
      const before = await openDocuments(specification);
      const whole = await wholeText(specification);
      assert.equal(sha256(whole), specification.sha256);
      const study = join(projectFolder(), "results", `.test-carried-${specification.kind}`);
      Deno.mkdirSync(join(study, "text"), { recursive: true });
      try {
        const path = join(study, carriedTextName(specification.sha256));
        if (typeof whole === "string") Deno.writeTextFileSync(path, whole);
        else Deno.writeFileSync(path, whole);
        Deno.writeTextFileSync(join(study, "study.json"), "{}");
        for (const name of Object.keys(files)) {
          Deno.renameSync(join(full, name), join(full, `${name}.away`));
        }
        try {
          const carried = await openDocuments(specification);
          assert.equal(carried.read(0, carried.bytes), before.read(0, before.bytes));
          assert.deepEqual(carried.documentEnds, before.documentEnds);
          assert.deepEqual([carried.groups, carried.times], [before.groups, before.times]);
        } finally {
          for (const name of Object.keys(files)) {
            Deno.renameSync(join(full, `${name}.away`), join(full, name));
          }
        }
      } finally {
        Deno.removeSync(study, { recursive: true });
      }
    }
  }));

Deno.test("sourceFiles gives the files that documents are read from, and refuses others", () =>
  withFiles(files, (folder, full) => {
    const project = projectFolder();
    const of = (
      ...parameters: Parameters<typeof sourceFiles>
    ) => [...sourceFiles(...parameters).keys()];
    const lines = jsonLinesFile(`${folder}/a.jsonl`);
    const all = documentFolder(`${folder}/s/*`);
    assert.deepEqual(of(lines, project), [`${folder}/a.jsonl`]);
    assert.deepEqual(of(all, project), [`${folder}/s/1.txt`, `${folder}/s/2.txt`]);
    assert.deepEqual(of(documentCorpus("kjv-books"), project), []);
    assert.deepEqual(of(inlineDocuments([{ text: "a" }]), project), []);
    Deno.writeTextFileSync(join(full, "s/2.txt"), "changed");
    assert.throws(() => sourceFiles(all, project), /its SHA-256 must be/);
    assert.throws(
      () => sourceFiles({ ...lines, sha256: all.sha256 }, project),
      /its SHA-256 must be/,
    );
  }));

Deno.test("documents of others are read only where the project lists their file or folder", () =>
  withFiles(files, (folder, full) => {
    const lines = jsonLinesFile(`${folder}/a.jsonl`);
    const all = documentFolder(`${folder}/s/*.txt`);
    const listed = (path: string) => ({ listed: [path] });
    checkListedCorpus(inlineDocuments([{ text: "a" }]));
    checkListedCorpus(documentCorpus("state-of-the-union"));
    checkListedCorpus(lines, listed(`${folder}/a.jsonl`));
    checkListedCorpus(all, listed(`${folder}/s`));
    checkListedCorpus(all, listed(folder));
    assert.throws(() => checkListedCorpus(lines), /a\.jsonl", which this project does not list/);
    assert.throws(() => checkListedCorpus(all, listed(`${folder}/s/1.txt`)), /does not list/);
    assert.throws(
      () => checkListedCorpus({ ...all, glob: "*.json" }, listed(folder)),
      /does not list/,
    );
    assert.throws(
      () => checkListedCorpus({ ...documentCorpus("kjv-books"), sha256: lines.sha256 }),
      /is not the text here that has the SHA-256/,
    );
    const other = { ...lines, sha256: all.sha256 };
    assert.throws(
      () => checkListedCorpus(other, listed(folder)),
      /with other documents than those with/,
    );
    Deno.symlinkSync("/etc/hostname", join(full, "link.jsonl"));
    const linked = { ...lines, path: `${folder}/link.jsonl` };
    assert.throws(
      () => checkListedCorpus(linked, listed(folder)),
      /by a link that leads out of it/,
    );
  }));
