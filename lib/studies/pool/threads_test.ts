import assert from "node:assert/strict";
import type { RunRequest } from "../../training/run_request.ts";
import type { DoubleSpecification } from "../_testing/executor.ts";
import { doubleParts, withProject } from "../_testing/parts.ts";
import { type PoolOptions, startPool } from "./pool.ts";

function request(seed: number, steps: number): RunRequest {
  const specification: DoubleSpecification = {
    ...{ lambda: 0, alpha: 0, steps, millisecondsPerStep: 25 },
    ...{ mischief: "tell", mischiefFold: "all", once: null },
  };
  return {
    id: seed.toString(16).padStart(64, "0"),
    specification,
    point: { lambda: 0 },
    fold: { index: 0, training: [{ start: 5, end: 9 }], heldOut: [{ start: 0, end: 4 }] },
    seed,
    engine: "cpu",
    weightsPath: null,
  };
}

/** Runs of so many steps, submitted at once; the threads that each was told, in order, without repeats. */
async function threadsTold(
  changes: Pick<PoolOptions, "workers" | "threads" | "availableMemory">,
  steps: readonly number[],
): Promise<{ told: Map<number, number[]>; most: number; atOnce: number }> {
  const told = new Map<number, number[]>();
  const now = new Map<number, number>();
  let most = 0, atOnce = 0;
  await withProject(async (project) => {
    const pool = startPool({
      ...{ project, writable: project, engine: "cpu", executor: doubleParts.executor },
      ...changes,
      onLog(line) {
        const [seed, threads] = line.split(": ").map(Number);
        if (Number.isNaN(threads)) return;
        const before = told.get(seed) ?? [];
        if (before.at(-1) !== threads) told.set(seed, [...before, threads]);
        now.set(seed, threads);
        most = Math.max(most, now.values().reduce((sum, each) => sum + each, 0));
      },
    });
    try {
      await Promise.all(steps.map(async (count, index) => {
        await pool.submit(request(index + 1, count));
        now.delete(index + 1);
      }));
      atOnce = pool.workers;
    } finally {
      await pool.close();
    }
  });
  return { told, most, atOnce };
}

Deno.test("startPool gives a run that is alone all threads, and no more than there are otherwise", async () => {
  assert.deepEqual(
    (await threadsTold({ workers: 4, threads: "auto" }, [4])).told,
    new Map([[1, [4]]]),
  );
  const { told } = await threadsTold({ workers: 3, threads: "auto" }, [4, 4, 4, 4, 4, 4]);
  for (const first of told.values()) assert.equal(first[0], 1);
});

Deno.test("startPool gives the threads of runs that end to those that go on", async () => {
  const { told } = await threadsTold({ workers: 2, threads: "auto" }, [60, 180]);
  assert.deepEqual(told.get(1), [1]);
  assert.deepEqual(told.get(2), [1, 2]);
});

Deno.test("startPool gives a run the threads of processes that the memory has no room for", async () => {
  const { told } = await threadsTold(
    { workers: 4, threads: "auto", availableMemory: () => 0 },
    [4, 4, 4],
  );
  assert.deepEqual([...told.values()], [[4], [4], [4]]);
});

Deno.test("startPool counts the threads of runs that have several each", async () => {
  const { told, most, atOnce } = await threadsTold({ workers: 5, threads: 2 }, [9, 9, 9, 9]);
  assert.equal(atOnce, 2);
  assert.deepEqual([...told.values()], [[2], [2], [2], [2]]);
  assert.ok(most <= 4, `${most} threads at once`);
});

Deno.test("startPool has runs of one thread unless it is told otherwise", async () => {
  const { told } = await threadsTold({ workers: 2 }, [4]);
  assert.deepEqual(told, new Map([[1, [1]]]));
});

Deno.test("startPool refuses threads that are no number of them, or more than may train", () => {
  const options = { project: "/p", writable: "/p", engine: "cpu", workers: 2 };
  for (const threads of [0, 1.5, 5000] as number[]) {
    assert.throws(() => startPool({ ...options, threads }), /startPool: threads must be/);
  }
  assert.throws(
    () => startPool({ ...options, threads: 3 }),
    /startPool: threads must be at most workers, 2, .* found 3/,
  );
});
