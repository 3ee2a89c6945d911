import assert from "node:assert/strict";
import { writeFileAtomically } from "../../../core/files.ts";
import { withProject } from "../../_testing/parts.ts";
import { startWorker } from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { removeLeftovers } from "./leftovers.ts";

const id = "0123456789abcdef".repeat(4);
const [checkpoint, weights] = [`${id}.checkpoint`, `${id}.${crypto.randomUUID()}.safetensors`];
const hour = 3600 * 1000, day = 24 * hour;

/** Makes files of an age, and gives those that are still there after something. */
async function left(
  folder: string,
  names: readonly string[],
  age: number,
  after: () => Promise<void>,
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of names) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
    await Deno.utime(`${folder}/${name}`, new Date(), new Date(Date.now() - age));
  }
  await after();
  const there = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  for (const name of there) await Deno.remove(`${folder}/${name}`);
  return there.sort();
}

const own = [checkpoint, `${checkpoint}.1a2b3c4d.tmp`, weights, `${weights}.1a2b3c4d.tmp`];

Deno.test("removeLeftovers removes weights and parts of files after a day, checkpoints after 30, nothing else", () =>
  withProject(async (project) => {
    const others = ["notes.txt", "other.tmp", "other.safetensors", "other.checkpoint"];
    const folder = `${project}/work`;
    const leftAfter = (age: number) =>
      left(folder, [...own, ...others], age, () => removeLeftovers(folder));
    assert.deepEqual(await leftAfter(23 * hour), [...own, ...others].sort());
    assert.deepEqual(await leftAfter(25 * hour), [checkpoint, ...others].sort());
    assert.deepEqual(await leftAfter(29 * day), [checkpoint, ...others].sort());
    assert.deepEqual(await leftAfter(31 * day), others.sort());
  }));

Deno.test("removeLeftovers knows the names of parts that writeFileAtomically makes", () =>
  withProject(async (project) => {
    const folder = `${project}/work`;
    const { renameSync } = Deno;
    const parts: string[] = [];
    Deno.renameSync = (from, to) => {
      parts.push(String(from).slice(folder.length + 1));
      renameSync(from, to);
    };
    try {
      for (const name of [checkpoint, weights]) await writeFileAtomically(`${folder}/${name}`, "");
    } finally {
      Deno.renameSync = renameSync;
    }
    assert.equal(parts.length, 2);
    assert.deepEqual(
      await left(folder, parts, 2 * day, async () => {
        for (const name of [checkpoint, weights]) await Deno.remove(`${folder}/${name}`);
        await removeLeftovers(folder);
      }),
      [],
    );
  }));

withRedis(
  "a worker removes what killed ones left in its folder when it starts",
  ({ url }) =>
    withProject(async (project) => {
      const removed = await left(
        `${project}/work`,
        own,
        31 * day,
        () => startWorker(url, project).stop(),
      );
      assert.deepEqual(removed, []);
    }),
);
