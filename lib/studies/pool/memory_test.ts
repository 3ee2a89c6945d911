import assert from "node:assert/strict";
import { fifo } from "./_fifo.ts";
import { memoryGuard, systemMemory } from "./memory.ts";
import { startPool } from "./pool.ts";
import { doubleOptions, doubleParts, withProject } from "../_testing/parts.ts";
import { trainingProcesses, until } from "../_testing/processes.ts";

const mebi = 2 ** 20;

Deno.test("memoryGuard lets the first process start, and others while each may grow to the largest", () => {
  let available: number | null = 0;
  const warnings: string[] = [];
  const guard = memoryGuard({
    availableMemory: () => available,
    workers: 8,
    onWarn: (message) => warnings.push(message),
  });
  assert.ok(guard.fits([]));
  available = null;
  assert.ok(guard.fits([{ resident: 0 }]));
  // 256 MiB are expected of each and 256 MiB stay free.
  available = 768 * mebi;
  assert.ok(guard.fits([{ resident: 0 }]));
  available = 767 * mebi;
  assert.ok(!guard.fits([{ resident: 0 }]));
  assert.ok(!guard.fits([{ resident: 0 }]));
  assert.deepEqual(warnings, [
    "The memory does not suffice for 8 training processes at once: 767 MiB are free, and one takes " +
    "up to 256 MiB. 1 goes on; more start when there is room.",
  ]);
  // One that has grown already takes no more.
  assert.ok(guard.fits([{ resident: 256 * mebi }]));
  guard.saw(600 * mebi);
  assert.ok(!guard.fits([{ resident: 256 * mebi }]));
  available = (256 + 600 + 344) * mebi;
  assert.ok(guard.fits([{ resident: 256 * mebi }]));
});

Deno.test("systemMemory says what the system has", () => {
  const available = systemMemory();
  assert.ok(available !== null && available > 16 * mebi && available < 2 ** 50);
});

Deno.test("startPool starts no more processes than the memory holds, and more when there is room", () =>
  withProject(async (project) => {
    let available = 0;
    const warnings: string[] = [];
    const pool = startPool({
      project,
      writable: project,
      engine: "cpu",
      executor: doubleParts.executor,
      workers: 3,
      graceSeconds: 1,
      availableMemory: () => available,
      onWarn: (message) => warnings.push(message),
    });
    const waiting = doubleOptions(project, {}, { mischief: "wait" });
    const runs = [1, 2, 3].map((seed) =>
      pool.submit({
        id: seed.toString(16).padStart(64, "0"),
        specification: waiting.specify({ lambda: 0, alpha: 0 }) as never,
        point: {},
        fold: { index: 0, training: [{ start: 5, end: 9 }], heldOut: [{ start: 0, end: 4 }] },
        seed,
        engine: "cpu",
        weightsPath: null,
      })
    );
    for (const run of runs) run.catch(() => {});
    const count = async () => (await trainingProcesses(Deno.pid)).length;
    try {
      await until("one is there", async () => await count() === 1);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.equal(await count(), 1);
      assert.equal(warnings.length, 1);
      available = 2 ** 36;
      await until("all are there", async () => await count() === 3);
    } finally {
      await pool.cancel();
    }
  }));

Deno.test("fifo gives items in their order, however they come and go", () => {
  const queue = fifo<number>();
  for (let item = 0; item < 5; item++) queue.push(item);
  assert.deepEqual([queue.take(), queue.take(), queue.length()], [0, 1, 3]);
  queue.push(5);
  assert.deepEqual(queue.takeAll(), [2, 3, 4, 5]);
  assert.deepEqual([queue.take(), queue.length()], [undefined, 0]);
});
