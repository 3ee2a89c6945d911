import assert from "node:assert/strict";
import type { Disturbance } from "./_testing/disturbance.ts";
import { disturbances } from "./_testing/disturbances.ts";
import { phases } from "./_testing/fault_points.ts";
import {
  describe,
  digestOf,
  doKill,
  isDirect,
  kinds,
  planKills,
  startCoordinator,
  wholeSuite,
} from "./_testing/kills.ts";
import { withProject } from "./_testing/parts.ts";
import { withRedis } from "./_testing/redis_server.ts";

// The whole suite is `deno task faults`; here each phase once, in each place, in the process that
// stands in it. On a queue it is the worker that hands over.
for (const place of ["local", "redis"] as const) {
  const title = `a study killed at chosen points ends with the undisturbed digest (${place})`;
  const test = (redis: string | null) =>
    withProject(async (project) => {
      const digest = await digestOf(startCoordinator(project, { name: "undisturbed" }));
      const handsOver = place === "local" ? "child" : "worker";
      const kills = planKills({ rounds: 1, indirectRounds: 0 }, 20).filter((kill) =>
        kill.place === place && (kill.phase !== "hand-over" || kill.victim === handsOver)
      );
      assert.deepEqual(kills.map(({ phase }) => phase).sort(), [...phases].sort());
      for (const [index, kill] of kills.entries()) {
        await doKill(kill, `kill-${index}`, { project, digest, redis });
      }
    });
  if (place === "redis") withRedis(title, ({ url }) => test(url));
  else Deno.test(title, () => test(null));
}

Deno.test("a study of teachers and students, with EMA and Muon, killed at chosen points ends with the undisturbed digest", () =>
  withProject(async (project) => {
    const needs = "teachers";
    const options = { name: "undisturbed", needs };
    const bench = { project, digest: await digestOf(startCoordinator(project, options)), needs };
    const kills = planKills({ rounds: 1, indirectRounds: 0 }, 31).filter(({ place, phase }) =>
      place === "local" && ["checkpoint rename", "mid-append"].includes(phase)
    );
    assert.equal(kills.length, 2);
    for (const [index, kill] of kills.entries()) {
      await doKill(kill, `kill-${index}`, { ...bench, needs, redis: null });
    }
  }));

// One of each kind of those that the whole suite does.
const quick = [
  "project file away (local)",
  "corpus changed and back (redis)",
  "own module away, longer than the patience (local)",
  "journal replaced by a shorter one while its study runs",
  "Redis full (noeviction)",
  "Redis with garbage in its results",
  "Redis evicting (allkeys-lru)",
];

withRedis(
  "a study with trouble outside of its runs ends with the undisturbed digest",
  (server) =>
    withProject(async (project) => {
      const digest = await digestOf(startCoordinator(project, { name: "undisturbed" }));
      const all = Object.assign({}, ...Object.values(disturbances)) as Record<string, Disturbance>;
      for (const what of quick) {
        assert.ok(Object.hasOwn(all, what), what);
        await all[what]({ project, digest, redis: server.url }, server);
      }
    }),
);

Deno.test("the whole suite is of at least 90 kills and other disturbances", () => {
  const others = Object.values(disturbances).flatMap((kind) => Object.keys(kind));
  assert.ok(planKills(wholeSuite, 1).length + others.length >= 90);
});

Deno.test("the whole suite kills at least 40 times the process that stands in the phase, in every phase and place", () => {
  const kills = planKills(wholeSuite, 1);
  assert.ok(kills.filter(isDirect).length >= 40);
  for (const place of ["local", "redis"]) {
    for (const phase of phases) {
      const own = kills.filter((kill) => kill.phase === phase && kill.place === place);
      assert.ok(own.filter(isDirect).length >= wholeSuite.rounds, `${place}, ${phase}`);
    }
  }
  for (const kind of kinds) {
    const own = kills.filter(({ place, victim, phase }) =>
      place === kind.place && victim === kind.victim && phase === kind.phase
    );
    const expected = isDirect(kind) ? wholeSuite.rounds : wholeSuite.indirectRounds;
    assert.equal(own.length, expected, describe(own[0]));
  }
});

Deno.test("planKills has other moments for other seeds", () => {
  const rounds = { rounds: 2, indirectRounds: 2 };
  assert.deepEqual(planKills(rounds, 1), planKills(rounds, 1));
  assert.notDeepEqual(planKills(rounds, 1), planKills(rounds, 2));
});
