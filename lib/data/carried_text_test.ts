import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { carriedText, carriedTextName } from "./_carried_text.ts";
import { loadCorpus, textFile } from "./corpora.ts";

const text = "Call me Ishmael.\r\nSome years ago";
const hash = sha256(text);

Deno.test("a text that is gone, or another, is taken from the study with which it came along", () =>
  inTemporaryProject(async (project) => {
    await Deno.writeTextFile(join(project, "mine.txt"), text);
    const corpus = textFile("mine.txt");
    const folder = join(project, "results", "of others", "study");
    await Deno.mkdir(join(folder, "text"), { recursive: true });
    await Deno.writeTextFile(join(folder, "study.json"), "{}");
    await Deno.writeTextFile(join(folder, carriedTextName(hash)), text);
    await Deno.remove(join(project, "mine.txt"));
    assert.equal(await loadCorpus(corpus), text);
    await Deno.writeTextFile(join(project, "mine.txt"), "another text");
    assert.equal(await loadCorpus(corpus), text);

    await Deno.writeTextFile(join(folder, carriedTextName(hash)), `${text}!`);
    await assert.rejects(loadCorpus(corpus), /its SHA-256 must be/);
    assert.equal(carriedText(hash, project), null);
  }));

Deno.test("carriedText follows no link, and looks only where a study is", () =>
  inTemporaryProject(async (project) => {
    const folder = join(project, "results", "study");
    await Deno.mkdir(join(folder, "text"), { recursive: true });
    await Deno.writeTextFile(join(project, "elsewhere.txt"), text);
    await Deno.writeTextFile(join(folder, carriedTextName(hash)), text);
    assert.equal(carriedText(hash, project), null);
    await Deno.writeTextFile(join(folder, "study.json"), "{}");
    assert.ok(carriedText(hash, project));
    await Deno.remove(join(folder, carriedTextName(hash)));
    await Deno.symlink(join(project, "elsewhere.txt"), join(folder, carriedTextName(hash)));
    assert.equal(carriedText(hash, project), null);
    assert.equal(carriedText(hash, join(project, "nowhere")), null);
  }));
