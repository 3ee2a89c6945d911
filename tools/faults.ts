import { checkInteger } from "../lib/core/check.ts";
import { disturbances } from "../lib/studies/_testing/disturbances.ts";
import { type Kill, phases } from "../lib/studies/_testing/fault_points.ts";
import {
  describe,
  digestOf,
  doKill,
  isDirect,
  kinds,
  planKills,
  startCoordinator,
  wholeSuite,
} from "../lib/studies/_testing/kills.ts";
import { withProject } from "../lib/studies/_testing/parts.ts";
import { redisInstalled, startRedisServer } from "../lib/studies/_testing/redis_server.ts";
import { check, finish, type Outcome, outcomesOf, print, type Step } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `faults [--rounds N] [--indirect N] [--seed N]
  Kills and other disturbances of a study; each must end with the undisturbed study's digest.
  --rounds    times that every process is killed in each phase in which it can stand (${wholeSuite.rounds})
  --indirect  times that it is killed while another process stands there (${wholeSuite.indirectRounds})
  --seed      chooses the moments (1)
  --only      what has these words in its name, such as Redis or kill; everything by default
  Needs redis-server. The last line is: N passed, N failed.`;

const values = toolOptions(usage, {
  rounds: { type: "string", default: `${wholeSuite.rounds}` },
  indirect: { type: "string", default: `${wholeSuite.indirectRounds}` },
  seed: { type: "string", default: "1" },
  only: { type: "string", default: "" },
});
const rounds = checkInteger("--rounds", Number(values.rounds), { from: 1 });
const indirectRounds = checkInteger("--indirect", Number(values.indirect), { from: 0 });
const seed = checkInteger("--seed", Number(values.seed));

if (!redisInstalled) throw new Error("The fault suite needs redis-server, which is not installed.");

/** Direct kills that the whole suite has at least. */
const least = 40;

/** A table of how many kills there were: a line a phase, a column for each place and victim. */
function countsOf(title: string, kills: readonly Kill[]): string {
  const columns = [...new Set(kinds.map(({ place, victim }) => `${place} ${victim}`))];
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
  return [[title, ...columns, "all"], ...rows, total]
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

  const needs = "teachers";
  const ofTeachers: Step = ["kill -9 of teachers and students", async (): Promise<Outcome> => {
    const options = { name: "undisturbed-teachers", needs };
    const undisturbed = await digestOf(startCoordinator(project, options));
    const planned = planKills({ rounds, indirectRounds: 0 }, seed + 1)
      .filter(({ place }) => place === "local");
    let done = 0;
    for (const [index, kill] of planned.entries()) {
      const name = `teachers-${index + 1}`;
      const dies = () => doKill(kill, name, { ...bench, digest: undisturbed, needs });
      if (await attempt(`teachers and students: ${describe(kill)}`, dies)) done++;
    }
    return { passed: done, failed: planned.length - done, words: `${done} of ${planned.length}` };
  }];
  const kills: Step = ["kill -9", async (): Promise<Outcome> => {
    const planned = planKills({ rounds, indirectRounds }, seed);
    const done: Kill[] = [];
    for (const [index, kill] of planned.entries()) {
      if (await attempt(describe(kill), () => doKill(kill, `kill-${index + 1}`, bench))) {
        done.push(kill);
      }
    }
    const [direct, indirect] = [true, false].map((which) =>
      done.filter((kill) => isDirect(kill) === which)
    );
    print("\nDirect: the process that is killed stands in the phase itself.");
    print(countsOf("kill -9", direct));
    print("\nIndirect: it is killed while another process stands there.");
    print(countsOf("kill -9", indirect));
    const possible = kinds.filter(isDirect);
    const missing = possible.filter(({ place, victim, phase }) =>
      !direct.some((kill) => kill.place === place && kill.victim === victim && kill.phase === phase)
    );
    const few = direct.length < least ? 1 : 0;
    return {
      passed: done.length,
      failed: planned.length - done.length + missing.length + few,
      words: `${direct.length} direct kills (at least ${least}) in ` +
        `${possible.length - missing.length} of ${possible.length} phases × processes, ` +
        `${indirect.length} indirect`,
    };
  }];
  const passed = new Map<string, number>();
  const others = Object.entries(disturbances).flatMap(([kind, all]) =>
    Object.entries(all).map(([what, disturb]): Step => [what, async () => {
      const well = await attempt(what, () => disturb(bench, server));
      passed.set(kind, (passed.get(kind) ?? 0) + (well ? 1 : 0));
      return check(well, well ? "same digest" : "failed");
    }])
  );
  const chosen = [kills, ofTeachers, ...others].filter(([what]) => what.includes(values.only));
  outcomes.push(...await outcomesOf(chosen));
  print("\nDisturbances that ended with the same digest, by kind:");
  for (const [kind, count] of passed) {
    print(`${kind.padEnd(30)}${count} of ${Object.keys(disturbances[kind]).length}`);
  }
});
finish(outcomes);
