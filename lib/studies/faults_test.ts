import assert from "node:assert/strict";
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
