import assert from "node:assert/strict";
import { join } from "node:path";
import { listStudies, studyFolder } from "./folder.ts";
import { withProject } from "../_testing/parts.ts";

Deno.test("studyFolder refuses every name that leaves results/ or that no file system takes", () => {
  const refused = [
    "",
    ".",
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "/etc",
    "C:/x",
    "a\\..\\..\\x",
    "a//b",
    "a/",
    ".hidden",
    "a\0b",
    "a\nb",
    "nul",
    "CON.txt",
    "ends.",
    "ends ",
    "x".repeat(101),
    "~",
    "a:b",
    "a*",
  ];
  for (const name of [...refused, null, 3, undefined]) {
    assert.throws(() => studyFolder(name as string, "/project"), /stays inside results/, `${name}`);
  }
});

Deno.test("studyFolder takes names with subfolders, spaces and letters of any script", () => {
  const root = join("/project", "results");
  assert.equal(studyFolder("lambda-by-alpha", "/project").path, join(root, "lambda-by-alpha"));
  assert.equal(
    studyFolder("published/ptb small", "/project").path,
    join(root, "published/ptb small"),
  );
  assert.equal(studyFolder("λ×α".replace("×", "-"), "/project").path, join(root, "λ-α"));
});

Deno.test("studyFolder refuses a study inside another, and listStudies finds all that are there", () =>
  withProject(async (project) => {
    assert.deepEqual(listStudies(project), []);
    for (const name of ["b", "published/a"]) {
      const { path, definition } = studyFolder(name, project);
      await Deno.mkdir(path, { recursive: true });
      await Deno.writeTextFile(definition, "{}");
    }
    assert.throws(() => studyFolder("b/weights", project), /would lie inside another study/);
    assert.deepEqual(listStudies(project), ["b", "published/a"]);
  }));
