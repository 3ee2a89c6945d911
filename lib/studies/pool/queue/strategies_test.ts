import assert from "node:assert/strict";
import { linesOf, run, startWorker } from "../../_testing/queue.ts";
import { withProject } from "../../_testing/parts.ts";
import { until } from "../../_testing/processes.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { linearRange } from "../../search/dimensions.ts";
import { StudyInterrupted } from "../../interrupt.ts";
import { grid } from "../../search/space.ts";
import { bayesianSearch } from "../../search/bayesian_search.ts";
import { successiveHalving } from "../../search/successive_halving.ts";
import { warmStartPath } from "../../search/warm_start_path.ts";

const halving = {
  space: grid({ lambda: [0, 0.01, 0.02, 0.03], alpha: [0, 1] }),
  strategy: successiveHalving({ rungs: [1, 2], reductionFactor: 2 }),
  seeds: [1],
};
const bayesian = {
  space: undefined,
  strategy: bayesianSearch({
    dimensions: { lambda: linearRange(0, 1), alpha: linearRange(0, 1) },
    count: 6,
    seed: 1,
    startup: 4,
  }),
  seeds: [1],
};

withRedis(
  "runStudy with a queue searches as one without: halving, also interrupted, and Bayesian search",
  ({ url }) =>
    withProject(async (project) => {
      const worker = startWorker(url, project);
      for (const [name, options] of Object.entries({ halving, bayesian })) {
        const local = await run(project, { ...options, name: `${name} here` });
        const queued = await run(project, { ...options, name: `${name} there`, queue: url });
        assert.equal(queued.digest(), local.digest());
      }
      const slow = { millisecondsPerStep: 20 };
      const controller = new AbortController();
      const { signal } = controller;
      const running = run(project, { ...halving, queue: url, signal }, slow);
      await until("some runs are done", () => linesOf(project) >= 3);
      controller.abort();
      await assert.rejects(running, StudyInterrupted);
      const resumed = await run(project, { ...halving, queue: url }, slow);
      const local = await run(project, { ...halving, name: "slow" }, slow);
      assert.equal(resumed.digest(), local.digest());
      await worker.stop();
      await assert.rejects(
        run(project, { strategy: warmStartPath({ axis: "lambda" }), queue: url }),
        /warmStartPath hands weights from run to run, which a queue does not/,
      );
    }),
);
