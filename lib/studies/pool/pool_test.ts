import assert from "node:assert/strict";
import type { RunRequest } from "../../training/run_request.ts";
import { childPermissions } from "./_child_process.ts";
import { type Pool, PoolCancelled, type PoolOptions, startPool } from "./pool.ts";
import { doubleParts, withProject } from "../_testing/parts.ts";
import type { DoubleSpecification } from "../_testing/executor.ts";
import { signal, trainingProcesses, until } from "../_testing/processes.ts";

async function withPool(
  changes: Partial<PoolOptions>,
  use: (pool: Pool, project: string) => Promise<void>,
): Promise<void> {
  await withProject(async (project) => {
    const pool = startPool({
      project,
      writable: project,
      engine: "cpu",
      executor: doubleParts.executor,
      workers: 2,
      graceSeconds: 2,
      ...changes,
    });
    try {
      await use(pool, project);
    } finally {
      await pool.close();
    }
  });
}

function request(seed: number, specification: Partial<DoubleSpecification> = {}): RunRequest {
  return {
    id: seed.toString(16).padStart(64, "0"),
    specification: {
      lambda: 0,
      alpha: 0,
      steps: 3,
      millisecondsPerStep: 0,
      mischief: null,
      mischiefFold: "all",
      once: null,
      ...specification,
    },
    point: { lambda: 0 },
    fold: { index: 0, training: [{ start: 5, end: 9 }], heldOut: [{ start: 0, end: 4 }] },
    seed,
    engine: "cpu",
    weightsPath: null,
  };
}

Deno.test("startPool does more runs than it has processes, and tells their progress", () =>
  withPool({}, async (pool) => {
    const steps: number[] = [];
    const runs = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((seed) =>
        pool.submit(request(seed), (step, total, latest) => {
          assert.equal(total, 3);
          assert.ok(latest === null || latest.heldOutLoss > 0);
          steps.push(step);
        })
      ),
    );
    assert.deepEqual(runs.map(({ seed, status, attempts }) => [seed, status, attempts]), [
      [1, "completed", 1],
      [2, "completed", 1],
      [3, "completed", 1],
      [4, "completed", 1],
      [5, "completed", 1],
      [6, "completed", 1],
    ]);
    assert.ok(steps.length >= 6);
  }));

for (const mischief of ["talk", "write"]) {
  Deno.test(`startPool is not misled by what a user's code prints (${mischief})`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = await Promise.all(
        [1, 2].map((seed) => pool.submit(request(seed, { mischief }))),
      );
      assert.deepEqual(runs.map(({ status, attempts }) => [status, attempts]), [
        ["completed", 1],
        ["completed", 1],
      ]);
    }));
}

const losses: { readonly [mischief: string]: RegExp } = {
  throw: /failed with RangeError: this fold cannot be used/,
  loop: /made no progress for 1\.5 seconds/,
  wait: /made no progress for 1\.5 seconds/,
  heap: /ran out of memory for JavaScript/,
  unhandled: /nobody catches this/,
  timer: /thrown by a timer/,
};

for (const [mischief, reason] of Object.entries(losses)) {
  const options = { heapMegabytes: 64, noProgressSeconds: mischief === "heap" ? 60 : 1.5 };

  Deno.test(`startPool records a run as failed after two tries (${mischief}), and does the others`, () =>
    withPool(options, async (pool) => {
      const bad = pool.submit(request(1, { mischief }));
      const good = [2, 3, 4].map((seed) => pool.submit(request(seed)));
      for (const run of await Promise.all(good)) assert.equal(run.status, "completed");
      const run = await bad;
      assert.equal(run.status, "failed");
      assert.equal(run.attempts, 2);
      assert.equal(run.id, request(1).id);
      assert.match(run.error!, reason);
      assert.equal(run.final, null);
    }));

  Deno.test(`startPool does a run again in a fresh process (${mischief} once)`, () =>
    withPool(options, async (pool, project) => {
      const run = await pool.submit(request(1, { mischief, once: `${project}/once` }));
      assert.equal(run.status, "completed");
      assert.equal(run.attempts, 2);
    }));
}

Deno.test("startPool replaces a process that was killed from outside, at no cost to idle ones", () =>
  withPool({ workers: 1 }, async (pool) => {
    const first = pool.submit(request(1, { steps: 100, millisecondsPerStep: 20 }));
    await signal(await onlyChild(), "KILL");
    const run = await first;
    assert.equal(run.status, "completed");
    assert.equal(run.attempts, 2);
    // Now one that has nothing to do.
    await signal(await onlyChild(), "KILL");
    const second = await pool.submit(request(2));
    assert.equal(second.status, "completed");
  }));

/** The only training process of a pool with one, when it has had time to begin a run. */
async function onlyChild(): Promise<number> {
  await until("a process has started", async () => (await trainingProcesses(Deno.pid)).length > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return (await trainingProcesses(Deno.pid))[0];
}

Deno.test("startPool's cancel ends polite runs by their flag and hung ones by force", () =>
  withPool({ graceSeconds: 0.5 }, async (pool) => {
    const runs = [
      pool.submit(request(1, { steps: 1000, millisecondsPerStep: 20 })),
      pool.submit(request(2, { mischief: "loop" })),
      pool.submit(request(3)),
    ];
    const settled = Promise.allSettled(runs);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await pool.cancel();
    for (const result of await settled) {
      assert.equal(result.status, "rejected");
      assert.ok(result.reason instanceof PoolCancelled);
    }
    await assert.rejects(pool.submit(request(4)), PoolCancelled);
  }));

Deno.test("startPool gives runs back, with the cause, while its module cannot be loaded", () =>
  withProject(async (folder) => {
    const executor = `${folder}/executor.ts`;
    await withPool({ executor: `file://${executor}`, project: folder }, async (pool) => {
      for (const seed of [1, 2]) {
        await assert.rejects(
          pool.submit(request(seed)),
          /OutsideTrouble: Cannot start training processes: .*could not load.*executor\.ts/,
        );
      }
      await Deno.writeTextFile(executor, `export * from "${doubleParts.executor}";`);
      assert.equal((await pool.submit(request(1))).status, "completed");
    });
  }));

Deno.test("startPool gives runs back while the project has no deno.json, and does those that run", () =>
  withPool({ workers: 2 }, async (pool, project) => {
    const { promise: training, resolve: trains } = Promise.withResolvers<void>();
    const slow = request(1, { steps: 40, millisecondsPerStep: 20 });
    const running = pool.submit(slow, () => trains());
    await training;
    await Deno.rename(`${project}/deno.json`, `${project}/away.json`);
    await assert.rejects(
      pool.submit(request(2)),
      /OutsideTrouble: Cannot start training processes: there is no deno\.json in /,
    );
    assert.equal((await running).status, "completed");
    await Deno.rename(`${project}/away.json`, `${project}/deno.json`);
    assert.equal((await pool.submit(request(3))).status, "completed");
  }));

for (const mischief of ["missing", "full"]) {
  Deno.test(`startPool gives a run back whose training meets trouble outside of it (${mischief})`, () =>
    withPool({}, async (pool, project) => {
      const run = request(1, { mischief, once: `${project}/once` });
      await assert.rejects(pool.submit(run), /OutsideTrouble: (No such file|No space left)/);
      const { status, attempts } = await pool.submit(run);
      assert.deepEqual([status, attempts], ["completed", 1]);
    }));
}

Deno.test("startPool gives up when processes compute with another engine than the study's", () =>
  withPool({ engine: "native/openblas-0.3.21/Haswell" }, async (pool) => {
    await assert.rejects(
      pool.submit(request(1)),
      /computed with engine cpu .* but the study's runs are of native\/openblas/,
    );
  }));

Deno.test("startPool refuses unknown options and values out of range", () => {
  const options = { project: "/p", writable: "/p", engine: "cpu" };
  const refused: [object, RegExp][] = [
    [{ cores: 2 }, /unknown option "cores"/],
    [{ workers: 0 }, /workers must be/],
    [{ workers: 1.5 }, /workers must be a whole number/],
    [{ noProgressSeconds: 0 }, /noProgressSeconds must be/],
    [{ graceSeconds: -1 }, /graceSeconds must be/],
    [{ heapMegabytes: 1 }, /heapMegabytes must be/],
  ];
  for (const [change, expected] of refused) {
    assert.throws(() => startPool({ ...options, ...change }), expected);
  }
});

Deno.test("childPermissions gives no network, no programs, and native libraries only when needed", () => {
  const options = { project: "/p", writable: "/p/results/a", executor: null, heapMegabytes: null };
  const flags = childPermissions({ ...options, native: false });
  assert.ok(flags.includes("--no-prompt"));
  assert.ok(
    flags.includes("--allow-write=/p/results/a,/p/.temporary/tokens,/p/.temporary/documents"),
  );
  for (const flag of flags) {
    assert.ok(!/^(-A|--allow-(all|net|run|ffi|import))/.test(flag), flag);
  }
  assert.ok(childPermissions({ ...options, native: true }).includes("--allow-ffi"));
});
