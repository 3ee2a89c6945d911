// `deno task faults`: kills and other disturbances of a study; each must end with the undisturbed
// study's digest. `--rounds N` (default 2) kills 25 times each, `--seed N` (default 1) chooses the
// moments. The last line is `N passed, N failed`.

import { parseArgs } from "node:util";
import { checkInteger } from "../lib/core/check.ts";
import { disturbances } from "../lib/studies/_testing/disturbances.ts";
import { phases } from "../lib/studies/_testing/fault_points.ts";
import {
  describe,
  digestOf,
  doKill,
  type Kill,
  planKills,
  startCoordinator,
} from "../lib/studies/_testing/kills.ts";
import { withProject } from "../lib/studies/_testing/parts.ts";
import { redisInstalled, startRedisServer } from "../lib/studies/_testing/redis_server.ts";
import { check, finish, type Outcome, outcomesOf, print, type Step } from "./_steps.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "2" }, seed: { type: "string", default: "1" } },
});
const rounds = checkInteger("--rounds", Number(values.rounds), { from: 1 });
const seed = checkInteger("--seed", Number(values.seed));

if (!redisInstalled) throw new Error("The fault suite needs redis-server, which is not installed.");

/** A table of how many kills there were: a line a phase, a column for each place and victim. */
function countsOf(kills: readonly Kill[]): string {
  const columns = [...new Set(kills.map(({ place, victim }) => `${place} ${victim}`))];
  const rows = phases.map((phase) => {
    const own = kills.filter((kill) => kill.phase === phase);
    const counts = columns.map((column) =>
      own.filter(({ place, victim }) => `${place} ${victim}` === column).length
    );
    return [phase, ...counts, own.length];
  });
  const total = [
    "all",
    ...columns.map((_, index) => sum(rows.map((row) => Number(row[index + 1])))),
    kills.length,
  ];
  return [["kill -9", ...columns, "all"], ...rows, total]
    .map((cells) =>
      cells.map((cell, index) => index === 0 ? String(cell).padEnd(16) : String(cell).padStart(18))
        .join("")
    )
    .join("\n");
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const outcomes: Outcome[] = [];
await withProject(async (project) => {
  await using server = await startRedisServer();
  const digest = await digestOf(startCoordinator(project, { name: "undisturbed" }));
  print(`digest of the undisturbed study: ${digest}`);
  const bench = { project, digest, redis: server.url };

  async function attempt(what: string, run: () => Promise<string | void>): Promise<boolean> {
    try {
      const seen = await run();
      print(`✓ ${what}${seen ? `: ${seen}` : ""}`);
      return true;
    } catch (error) {
      print(`✗ ${what}: ${(error as Error).message}`);
      return false;
    }
  }

  const kills: Step = ["kill -9", async (): Promise<Outcome> => {
    const planned = planKills(rounds, seed);
    const done: Kill[] = [];
    for (const [index, kill] of planned.entries()) {
      if (await attempt(describe(kill), () => doKill(kill, `kill-${index + 1}`, bench))) {
        done.push(kill);
      }
    }
    const table = countsOf(done);
    print(`\n${table}`);
    const missing = phases.filter((phase) => !done.some((kill) => kill.phase === phase));
    const failed = planned.length - done.length + missing.length;
    return {
      passed: done.length,
      failed,
      words: `${done.length} kills, ${phases.length - missing.length} of ${phases.length} phases`,
    };
  }];
  const others = Object.entries(disturbances).map(([what, disturb]): Step => [
    what,
    async () => {
      const well = await attempt(what, () => disturb(bench, server));
      return check(well, well ? "same digest" : "failed");
    },
  ]);
  outcomes.push(...await outcomesOf([kills, ...others]));
});
finish(outcomes);
