import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { addDataset } from "./add_dataset.ts";
import { type DatasetEntry, readCatalogue } from "./catalogue.ts";
import { fetchDataset } from "./fetch_dataset.ts";
import { verifyDataset } from "./verify_dataset.ts";

const text = "It was the best of times,\nit was the worst of times.\n".repeat(40);
const bytes = new TextEncoder().encode(text);

type Answer = (request: Request) => Response | Promise<Response>;

/** A project with one corpus "letters" at an address of a server that answers as given. */
async function withServer(
  answer: Answer,
  use: (project: string, url: string) => Promise<void>,
  changes: Partial<DatasetEntry> = {},
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const url = `http://127.0.0.1:${server.addr.port}/letters.txt`;
  try {
    await withProject(url, use, changes);
  } finally {
    await server.shutdown();
  }
}

async function withProject(
  url: string,
  use: (project: string, url: string) => Promise<void>,
  changes: Partial<DatasetEntry> = {},
): Promise<void> {
  const project = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(project, "deno.json"), "{}");
    const entry: DatasetEntry = {
      name: "letters",
      description: "a test",
      kind: "text",
      source: { url, path: "datasets/fetched/letters.txt" },
      sha256: sha256(bytes),
      licence: "CC0-1.0",
      size: { bytes: bytes.length, codePoints: bytes.length },
      split: null,
      ...changes,
    };
    await Deno.mkdir(join(project, "datasets"));
    const catalogue = JSON.stringify({ schemaVersion: 1, datasets: [entry] });
    await Deno.writeTextFile(join(project, "datasets", "catalogue.json"), catalogue);
    await use(project, url);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

/** Names of all files below datasets/, so that no part of one can hide. */
async function filesIn(project: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) await visit(join(folder, name));
      else found.push(name);
    }
  };
  await visit(join(project, "datasets"));
  return found.sort();
}

const entryOf = (project: string) =>
  readCatalogue(project).datasets.find(({ name }) => name === "letters")!;

Deno.test("fetchDataset follows a redirection, verifies the bytes, and asks no server again", () => {
  let asked = 0;
  const answer: Answer = (request) => {
    asked++;
    const { pathname, origin } = new URL(request.url);
    return pathname === "/letters.txt"
      ? Response.redirect(`${origin}/elsewhere`, 302)
      : new Response(bytes);
  };
  return withServer(answer, async (project, url) => {
    assert.equal((await verifyDataset(entryOf(project), project)).state, "absent");
    const path = "datasets/fetched/letters.txt";
    assert.deepEqual(await fetchDataset("letters", { project }), [{ path, from: url }]);
    assert.equal(await Deno.readTextFile(join(project, path)), text);
    assert.deepEqual(await verifyDataset(entryOf(project), project), {
      state: "verified",
      problems: [],
    });
    assert.deepEqual(await fetchDataset("letters", { project }), [{ path, from: null }]);
    assert.equal(asked, 2);
  });
});

Deno.test("fetchDataset writes nothing when the bytes are wrong, too many, or not there", async () => {
  const wrong = Uint8Array.from(bytes);
  wrong[7] ^= 1;
  const cases: [Answer, RegExp][] = [
    [() => new Response(wrong), /its SHA-256 must be .*Nothing was written/],
    [() => new Response(bytes.subarray(1)), /number of bytes must be 2120, found 2119/],
    [() => new Response(text + "more"), /longer than the 2120 bytes/],
    [() => new Response("gone", { status: 404 }), /the server answered 404/],
    [() => new Response(""), /its SHA-256 must be/],
  ];
  for (const [answer, message] of cases) {
    await withServer(answer, async (project) => {
      await assert.rejects(fetchDataset("letters", { project }), message);
      assert.deepEqual(await filesIn(project), ["catalogue.json"]);
    });
  }
});

/** A server that promises all bytes and sends some. */
async function withBrokenServer(
  after: (connection: Deno.TcpConn) => void,
  use: (project: string, url: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.TcpConn[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await connection.read(new Uint8Array(4096));
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      await connection.write(new TextEncoder().encode(head));
      await connection.write(bytes.subarray(0, 1000));
      after(connection);
    }
  })();
  try {
    await withProject(`http://127.0.0.1:${listener.addr.port}/letters.txt`, use);
  } finally {
    listener.close();
    await serving;
    for (const connection of open) {
      try {
        connection.close();
      } catch { /* closed already */ }
    }
  }
}

Deno.test("fetchDataset writes nothing when the connection is cut, and keeps what was there", () =>
  withBrokenServer((connection) => connection.close(), async (project) => {
    await assert.rejects(fetchDataset("letters", { project }), /after \d+ bytes of 2120/);
    assert.deepEqual(await filesIn(project), ["catalogue.json"]);
    const path = join(project, "datasets", "fetched", "letters.txt");
    await Deno.mkdir(join(project, "datasets", "fetched"));
    await Deno.writeTextFile(path, "an older text");
    assert.equal((await verifyDataset(entryOf(project), project)).state, "different");
    await assert.rejects(fetchDataset("letters", { project }), /tries again/);
    assert.equal(await Deno.readTextFile(path), "an older text");
  }));

Deno.test("fetchDataset gives up a server that falls silent, and ends when it is aborted", () =>
  withBrokenServer(() => {}, async (project) => {
    await assert.rejects(
      fetchDataset("letters", { project, idleSeconds: 0.2 }),
      /sent nothing for 0.2 seconds/,
    );
    const signal = AbortSignal.abort(new Error("stopped by hand"));
    await assert.rejects(fetchDataset("letters", { project, signal }), /stopped by hand/);
    assert.deepEqual(await filesIn(project), ["catalogue.json"]);
  }));

Deno.test("fetchDataset takes files from a folder under any of their names, if they are the right ones", () =>
  withProject("http://127.0.0.1:9/letters.txt", async (project) => {
    const from = join(project, "mine");
    await Deno.mkdir(from);
    await assert.rejects(
      fetchDataset("letters", { project, from }),
      /mine has no file named letters.txt or input.txt/,
    );
    await Deno.writeTextFile(join(from, "input.txt"), text.toUpperCase());
    await assert.rejects(fetchDataset("letters", { project, from }), /its SHA-256 must be/);
    await Deno.writeTextFile(join(from, "input.txt"), text);
    const [file] = await fetchDataset("letters", { project, from });
    assert.equal(file.from, join(from, "input.txt"));
    await assert.rejects(fetchDataset("numbers", { project }), /one of "moby-dick".*"numbers"/);
  }, {
    source: {
      url: "http://127.0.0.1:9/letters.txt",
      path: "datasets/fetched/letters.txt",
      names: ["input.txt"],
    },
  }));

const parts = ["a b <unk>\n c\n", "d e\n"];

Deno.test("a corpus in parts is taken by its published counts and MD5, and refused without them", () => {
  const [training, validation] = parts.map((part, index) => ({
    path: `datasets/fetched/p${index}.txt`,
    tokens: [6, 3][index],
    md5: createHash("md5").update(part).digest("hex"),
  }));
  return withProject("", async (project) => {
    const from = join(project, "mine");
    await Deno.mkdir(from);
    await assert.rejects(
      fetchDataset("letters", { project }),
      /no address for it. Give the folder/,
    );
    await Deno.writeTextFile(join(from, "p0.txt"), parts[0]);
    await Deno.writeTextFile(join(from, "p1.txt"), "d e f\n");
    await assert.rejects(
      fetchDataset("letters", { project, from }),
      /p1.txt of "letters": its number of tokens must be 3, found 4; its MD5 must be/,
    );
    await Deno.writeTextFile(join(from, "p1.txt"), parts[1]);
    assert.deepEqual(
      (await fetchDataset("letters", { project, from })).map((file) => file.from === null),
      [true, false],
    );
    assert.equal((await verifyDataset(entryOf(project), project)).state, "verified");
    await Deno.writeTextFile(join(project, validation.path), "d  f\n");
    const { state, problems } = await verifyDataset(entryOf(project), project);
    assert.equal(state, "different");
    assert.match(problems.join(), /p1.txt: its MD5 must be/);
  }, { source: { parts: { training, validation } }, sha256: null, size: null });
});

Deno.test("addDataset records a file's or an address's checksum, and refuses names that are taken", () =>
  withServer(() => new Response(bytes), async (project, url) => {
    await Deno.writeTextFile(join(project, "mine.tsv"), "go\tva\nrun\tcours\n");
    const options = { project, licence: "mine" } as const;
    const added = await addDataset("mine", "mine.tsv", { ...options, kind: "pairs" });
    assert.equal(added.pairs, 2);
    const remote = await addDataset("times", url, { ...options, kind: "text" });
    assert.equal(remote.sha256, sha256(bytes));
    const known = readCatalogue(project).datasets.slice(-2);
    assert.deepEqual(known, [added, remote]);
    for (const entry of known) {
      assert.equal((await verifyDataset(entry, project)).state, "verified");
    }
    const again = addDataset("times", url, { ...options, kind: "text" });
    await assert.rejects(again, /"times" is in the catalogue already/);
    const outside = addDataset("x", "../x", { ...options, kind: "text" });
    await assert.rejects(outside, /must stay inside/);
  }));

Deno.test("addDataset adds documents, and refuses lines that are none", () =>
  withServer(() => new Response(bytes), async (project) => {
    const options = { project, licence: "mine", kind: "documents" } as const;
    const good = '{"text":"Call me","group":"Ann"}\n';
    await Deno.writeTextFile(
      join(project, "good.jsonl"),
      `${good}{"text":"Ishmael","group":"Eve"}\n`,
    );
    const added = await addDataset("notes", "good.jsonl", options);
    assert.equal(added.kind, "documents");
    assert.equal((await verifyDataset(added, project)).state, "verified");
    for (
      const [line, message] of [
        ['{"text":"Ishmael"}', /"bad\.jsonl", line 2 must have the field "group"/],
        ['{"text":" ","group":"Eve"}', /"bad\.jsonl", the document of line 2 must hold a text/],
        ["Ishmael", /"bad\.jsonl", line 2 must be JSON, found "Ishmael" at column 1/],
      ] as const
    ) {
      await Deno.writeTextFile(join(project, "bad.jsonl"), good + line);
      await assert.rejects(addDataset("others", "bad.jsonl", options), message);
    }
    assert.equal(readCatalogue(project).datasets.at(-1)!.name, "notes");
  }));

Deno.test("every corpus in a package is the one that the catalogue describes", async () => {
  for (const entry of readCatalogue(null).datasets) {
    if (!("npm" in entry.source)) continue;
    assert.deepEqual(await verifyDataset(entry), { state: "verified", problems: [] });
  }
});
