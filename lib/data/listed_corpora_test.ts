import assert from "node:assert/strict";
import { sha256 } from "../core/hash.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { type CorpusSpecification, inlineText, loadCorpus, textFile } from "./corpora.ts";
import { checkListedCorpus } from "./listed_corpora.ts";
import { inlinePairs, type PairCorpusSpecification } from "./pairs.ts";

const text = "call me ishmael, some years ago. ";

/** A file as a job may name it: no other process has looked at it. */
const file = (path: string, hash = sha256(text)): CorpusSpecification => ({
  ...{ kind: "file", name: "x", licence: "none", excerpt: null, path },
  sha256: hash,
});

Deno.test("checkListedCorpus takes listed files, and those in listed folders only", () =>
  inTemporaryProject(async () => {
    await Deno.mkdir("data/deep", { recursive: true });
    for (const path of ["data/a.txt", "data/deep/b.txt", "database.txt", "c.txt"]) {
      await Deno.writeTextFile(path, text);
    }
    const listed = ["data", "c.txt"];
    for (const path of ["data/a.txt", "data/deep/b.txt", "data/../c.txt", "./c.txt"]) {
      checkListedCorpus(file(path), { listed });
    }
    const others = [
      "database.txt",
      "data/../database.txt",
      "c.txt/../database.txt",
      "none",
      "../c",
    ];
    for (const path of [...others, "/etc/passwd"]) {
      assert.throws(() => checkListedCorpus(file(path), { listed }), /does not list/, path);
      assert.throws(() => checkListedCorpus(file(path)), /does not list\. Start .* --corpus/, path);
    }
  }));

Deno.test("checkListedCorpus takes the corpora and the files of the project's catalogue", () =>
  inTemporaryProject(async () => {
    await Deno.mkdir("datasets");
    await Deno.writeTextFile("datasets/mine.txt", text);
    const entry = {
      ...{ name: "mine", description: "Mine.", kind: "text", licence: "none", split: null },
      source: { path: "datasets/mine.txt" },
      sha256: sha256(text),
      size: { bytes: text.length, codePoints: text.length },
    };
    const catalogue = JSON.stringify({ schemaVersion: 1, datasets: [entry] });
    await Deno.writeTextFile("datasets/catalogue.json", catalogue);
    checkListedCorpus(file("datasets/mine.txt"));
    const mine: CorpusSpecification = {
      ...{ kind: "catalogue", name: "mine", licence: "none", excerpt: null },
      sha256: sha256(text),
    };
    checkListedCorpus(mine);
    assert.throws(() => checkListedCorpus({ ...mine, name: "other" }), /is not in this project's/);
    assert.throws(
      () => checkListedCorpus({ ...mine, sha256: "0".repeat(64) }),
      /not the text here/,
    );
    await Deno.writeTextFile("datasets/mine.txt", "another text");
    assert.throws(() => checkListedCorpus(mine), (error: Error) => {
      assert.match(error.message, /another text than the one with the SHA-256/);
      return !error.message.includes(sha256("another text"));
    });
    await Deno.remove("datasets/mine.txt");
    assert.throws(() => checkListedCorpus(mine), /does not have, cannot read/);
  }));

Deno.test("checkListedCorpus follows no link out of the project, which a user's own study may", () =>
  inTemporaryProject(async () => {
    const outside = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${outside}/text.txt`, text);
      await Deno.mkdir("data");
      await Deno.symlink(`${outside}/text.txt`, "data/link.txt");
      await Deno.symlink(outside, "data/folder");
      await Deno.writeTextFile("inside.txt", text);
      await Deno.symlink("../inside.txt", "data/inside.txt");
      for (const path of ["data/link.txt", "data/folder/text.txt"]) {
        assert.equal(await loadCorpus(textFile(path)), text);
        for (const hash of [sha256(text), "0".repeat(64)]) {
          assert.throws(
            () => checkListedCorpus(file(path, hash), { listed: ["data"] }),
            /by a link that leads out of it/,
          );
        }
      }
      checkListedCorpus(file("data/inside.txt"), { listed: ["data"] });
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  }));

Deno.test("checkListedCorpus takes texts of the specification whose checksum is theirs", () => {
  const corpora: (CorpusSpecification | PairCorpusSpecification)[] = [
    inlineText(text),
    inlinePairs([["a", "b"]]),
  ];
  for (const corpus of corpora) {
    checkListedCorpus(corpus);
    assert.throws(
      () => checkListedCorpus({ ...corpus, sha256: "0".repeat(64) }),
      /is not the text here that has the SHA-256 0{64}/,
    );
  }
});
