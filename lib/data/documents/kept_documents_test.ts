import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../core/hash.ts";
import { randomStream } from "../../core/random.ts";
import { wait } from "../../core/wait.ts";
import { withFiles } from "../testing/project_files.ts";
import type { DocumentOrder } from "./document.ts";
import { jsonLinesFile } from "./json_lines_file.ts";
import type { DocumentsSpecification } from "./kinds.ts";
import { openDocuments } from "./open_documents.ts";

const words = ["whale", "鯨", "🐋", "café", "sea\r\n", "Ahab\n"];

/** JSON lines of random documents, and their texts. */
function randomLines(count: number, longest: number) {
  const stream = randomStream(1, "kept documents");
  const documents = Array.from({ length: count }, () => ({
    text: Array.from(
      { length: 1 + stream.integer(longest) },
      () => words[stream.integer(words.length)],
    )
      .join(" "),
    by: `author ${stream.integer(7)}`,
    at: stream.integer(50),
  }));
  return { documents, lines: documents.map((each) => `${JSON.stringify(each)}\n`).join("") };
}

/** A specification whose project is the folder in which its file is. */
function own(folder: string, order: DocumentOrder = "given"): DocumentsSpecification {
  const specification = jsonLinesFile(`${folder}/a.jsonl`, { group: "by", time: "at", order });
  return { ...specification, path: "a.jsonl" };
}

function namesIn(full: string): string[] {
  return [...Deno.readDirSync(join(full, ".temporary/documents"))].map(({ name }) =>
    name.replace(/^[0-9a-f]{64}/, "KEY")
  ).sort();
}

Deno.test("documents that are kept on the disk are those in memory, in every order, read anywhere", () => {
  const { documents, lines } = randomLines(900, 600);
  return withFiles({ "a.jsonl": lines }, async (folder, project) => {
    for (const order of ["given", "shuffled", "grouped", "time"] as const) {
      const specification = own(folder, order);
      const memory = await openDocuments(specification, { project });
      const written = await openDocuments(specification, { project, mostInMemory: 0 });
      const again = await openDocuments(specification, { project });
      assert.ok(memory.bytes > 4 << 18, "several blocks");
      for (const source of [written, again]) {
        assert.equal(source.read(0, source.bytes), memory.read(0, memory.bytes));
        assert.deepEqual(source.documentEnds, memory.documentEnds);
        const { groups, groupNames, times, timeKind } = memory;
        assert.deepEqual([source.groups, source.groupNames], [groups, groupNames]);
        assert.deepEqual([source.times, source.timeKind], [times, timeKind]);
        assert.equal(source.origin(17), memory.origin(17));
        const stream = randomStream(2, "places");
        for (let at = 0; at < 40; at++) {
          const [start, end] = [stream.integer(memory.bytes), stream.integer(memory.bytes)]
            .map((place) => memory.boundary(place, "forward")).sort((a, b) => a - b);
          assert.equal(source.read(start, end), memory.read(start, end));
          assert.equal(source.boundary(start, "backward"), memory.boundary(start, "backward"));
        }
      }
      if (order !== "given") continue;
      assert.equal(memory.read(0, memory.bytes), documents.map(({ text }) => text).join(""));
    }
  });
});

Deno.test("what is kept is not read from the file again, and what was damaged is refused", () =>
  withFiles({ "a.jsonl": randomLines(300, 200).lines }, async (folder, project) => {
    const specification = own(folder);
    const whole = await openDocuments(specification, { project, mostInMemory: 0 });
    const text = whole.read(0, whole.bytes);
    await Deno.remove(join(project, "a.jsonl"));
    const kept = await openDocuments(specification, { project });
    assert.equal(kept.read(0, kept.bytes), text);
    const [key] = [...Deno.readDirSync(join(project, ".temporary/documents"))]
      .filter(({ isDirectory }) => isDirectory);
    const flip = async (name: string) => {
      const path = join(project, ".temporary/documents", key.name, name);
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.with(20, bytes[20] ^ 1));
      return () => Deno.writeFile(path, bytes);
    };
    const open = async (mostInMemory?: number) => {
      const source = await openDocuments(specification, { project, mostInMemory });
      return source.read(0, source.bytes);
    };
    const restoreText = await flip("text");
    await assert.rejects(open(), {
      name: "OutsideTrouble",
      message: /is not as it was written, from byte 0 on\. Remove its folder/,
    });
    await restoreText();
    for (const name of ["columns", "index.json"]) {
      const restore = await flip(name);
      // The file is not there any more, of which it would be written again.
      await assert.rejects(open(0), /there is no file "a\.jsonl"/);
      await restore();
      assert.equal(await open(), text);
    }
  }));

/** Starts a process that opens the documents. */
function opening(project: string, specification: DocumentsSpecification, write = true) {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      `--allow-read=${project}`,
      ...(write ? [`--allow-write=${project}`] : []),
      fileURLToPath(new URL("./_testing/open_process.ts", import.meta.url)),
      project,
      JSON.stringify(specification),
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const outputOf = async (process: Deno.ChildProcess) => {
  const { stdout, stderr } = await process.output();
  return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
};

Deno.test("a process that is killed while it keeps documents leaves none, and another one begins again", () => {
  const { documents, lines } = randomLines(2000, 100);
  // Long enough that the process is killed before it has written all.
  const text = lines.repeat(20);
  return withFiles({ "a.jsonl": text }, async (folder, project) => {
    const specification = own(folder, "shuffled");
    const process = opening(project, specification);
    const started = () => {
      try {
        return namesIn(project).includes("KEY.unfinished");
      } catch {
        return false;
      }
    };
    while (!started()) await wait(2);
    process.kill("SIGKILL");
    await process.output();
    assert.deepEqual(namesIn(project), ["KEY.lock", "KEY.unfinished"]);
    const source = await openDocuments(specification, { project, mostInMemory: 0 });
    assert.deepEqual(namesIn(project), ["KEY", "KEY.lock"]);
    const total = new TextEncoder().encode(documents.map((each) => each.text).join("")).length;
    assert.equal(source.bytes, 20 * total);
  });
});

Deno.test("a file that changes while another process keeps it is refused, and not kept", () => {
  const { lines } = randomLines(30, 20);
  return withFiles({ "a.jsonl": lines }, async (folder, project) => {
    const specification = own(folder);
    const first = await openDocuments(specification, { project, mostInMemory: 0 });
    const text = first.read(0, first.bytes);
    Deno.removeSync(first.folder!, { recursive: true });
    const path = join(project, "a.jsonl");
    using lock = Deno.openSync(`${first.folder}.lock`, { write: true });
    lock.lockSync(true);
    const opened = assert.rejects(openDocuments(specification, { project, mostInMemory: 0 }), {
      name: "OutsideTrouble",
      message: /its SHA-256 must be/,
    });
    await wait(300);
    Deno.writeTextFileSync(path, lines.replaceAll("whale", "shark"));
    lock.unlockSync();
    await opened;
    assert.deepEqual(namesIn(project), ["KEY.lock"]);
    Deno.writeTextFileSync(path, lines);
    const again = await openDocuments(specification, { project, mostInMemory: 0 });
    assert.equal(again.read(0, again.bytes), text);
  });
});

Deno.test("processes that open the same documents at once get the same, and keep them once", () =>
  withFiles({ "a.jsonl": randomLines(3000, 100).lines }, async (folder, project) => {
    const specification = own(folder, "grouped");
    const memory = await openDocuments(specification, { project });
    const expected = sha256(memory.read(0, memory.bytes));
    const found = await Promise.all([1, 2, 3].map(() => outputOf(opening(project, specification))));
    assert.deepEqual(found, [expected, expected, expected]);
    assert.deepEqual(namesIn(project), ["KEY", "KEY.lock"]);
  }));

Deno.test("a process that may not write reads documents into memory", () =>
  withFiles({ "a.jsonl": randomLines(30, 10).lines }, async (folder, project) => {
    const specification = own(folder);
    const memory = await openDocuments(specification, { project });
    assert.equal(
      await outputOf(opening(project, specification, false)),
      sha256(memory.read(0, memory.bytes)),
    );
    assert.throws(() => namesIn(project), Deno.errors.NotFound);
  }));
