import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { sha256 } from "../core/hash.ts";
import { cliIn, outcomeOf } from "./_testing/cli.ts";

const text = "It was the best of times,\nit was the worst of times.\n".repeat(40);
const bytes = new TextEncoder().encode(text);

/** A project whose catalogue has a corpus at an address. */
async function writeCatalogue(
  project: string,
  url: string,
  licence = "CC0-1.0, name the author",
): Promise<void> {
  const entry = {
    name: "times",
    description: "a test",
    kind: "text",
    source: { url, path: "datasets/fetched/times.txt" },
    sha256: sha256(bytes),
    licence,
    size: { bytes: bytes.length, codePoints: bytes.length },
    split: null,
  };
  await Deno.mkdir(join(project, "datasets"));
  await Deno.writeTextFile(
    join(project, "datasets", "catalogue.json"),
    JSON.stringify({ schemaVersion: 1, datasets: [entry] }),
  );
}

/** Everything below datasets/, so that no part of a file can hide. */
function filesIn(project: string, folder = "datasets"): string[] {
  return [...Deno.readDirSync(join(project, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(project, `${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}

Deno.test("datasets fetch that is interrupted or killed in mid-download leaves no file, and the same command tries again", () =>
  withTemporaryProject(async (project) => {
    const halves: PromiseWithResolvers<void>[] = [];
    let stalls = true;
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      if (!stalls) return new Response(bytes);
      const half = Promise.withResolvers<void>();
      halves.push(half);
      let sent = false;
      return new Response(
        new ReadableStream({
          // The second part is never sent.
          pull(controller) {
            if (sent) {
              half.resolve();
              return new Promise(() => {});
            }
            sent = true;
            controller.enqueue(bytes.subarray(0, 1000));
          },
        }),
        { headers: { "content-length": String(bytes.length) } },
      );
    });
    await writeCatalogue(project, `http://127.0.0.1:${server.addr.port}/times.txt`);
    const fetchTimes = () => cliIn(project, "datasets", "fetch", "times");
    try {
      for (const signal of ["SIGINT", "SIGKILL"] as const) {
        const child = (await fetchTimes()).spawn();
        while (halves.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await halves.pop()!.promise;
        child.kill(signal);
        const { code } = await child.output();
        assert.notEqual(code, 0);
        if (signal === "SIGINT") assert.equal(code, 130);
        assert.deepEqual(filesIn(project), ["datasets/catalogue.json"]);
      }
      stalls = false;
      const { code, output, errors } = await outcomeOf(await fetchTimes());
      assert.equal(code, 0, errors);
      assert.match(output, /times\.txt: from http[^]*verified\nLicence: CC0-1\.0, name the author/);
      assert.deepEqual(filesIn(project), ["datasets/catalogue.json", "datasets/fetched/times.txt"]);
      assert.equal(await Deno.readTextFile(join(project, "datasets/fetched/times.txt")), text);
    } finally {
      await server.shutdown();
    }
  }));

Deno.test("datasets adds, lists, verifies and fetches a corpus of the user's, and exits with 1 when it is another text", () =>
  withTemporaryProject(async (project) => {
    const run = async (...args: string[]) => outcomeOf(await cliIn(project, "datasets", ...args));
    await writeCatalogue(project, "http://127.0.0.1:9/times.txt");
    const mine = join(project, "mine.txt");
    await Deno.writeTextFile(mine, text);
    assert.match((await run("add", "mine", "mine.txt")).errors, /Give --licence TEXT/);
    const added = await run("add", "mine", "mine.txt", "--licence", "of my own");
    assert.equal(added.code, 0, added.errors);
    assert.match(
      added.output,
      new RegExp(`mine: ${bytes.length} characters, SHA-256 ${sha256(bytes)}`),
    );
    const { output: list } = await run("list");
    assert.match(list, /^mine +text +2120 characters +here +of my own$/m);
    assert.match(list, /^times +text +2120 characters +to be fetched +CC0-1\.0/m);
    assert.match((await run("verify", "mine")).output, /✓ mine: verified/);

    const folder = join(project, "folder");
    await Deno.mkdir(folder);
    await Deno.writeTextFile(join(folder, "times.txt"), text.replace("worst", "w0rst"));
    const wrong = await run("fetch", "times", "--from", folder);
    assert.equal(wrong.code, 1);
    assert.match(wrong.errors, /its SHA-256 must be [0-9a-f]{64}, found .*Nothing was written/);
    await Deno.writeTextFile(join(folder, "times.txt"), text);
    const outside = await run("fetch", "times", "--from", "/nowhere");
    assert.equal(outside.code, 1);
    assert.match(outside.errors, /Requires read access to "\/nowhere[^]*inside of the project/);
    assert.equal((await run("fetch", "times", "--from", folder)).code, 0);

    await Deno.writeTextFile(mine, text.replace("worst", "w0rst"));
    const changed = await run("verify");
    assert.equal(changed.code, 1);
    assert.match(changed.output, /✗ mine: different\n.*its SHA-256 must be/);
    assert.match(changed.output, /✓ times: verified/);
  }));

Deno.test("datasets list shows by their codes what a licence would do to the terminal", () =>
  withTemporaryProject(async (project) => {
    await writeCatalogue(project, "https://example.org/times.txt", "\u001b[31mfree\u202e");
    const { code, output } = await outcomeOf(await cliIn(project, "datasets", "list"));
    assert.equal(code, 0, output);
    assert.match(output, /times .*‹U\+001B›\[31mfree‹U\+202E›/);
    // deno-lint-ignore no-control-regex -- what must not be there
    assert.ok(!/[\u001b\u202e]/.test(output));
  }));
