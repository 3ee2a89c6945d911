import assert from "node:assert/strict";
import { phases } from "./_testing/fault_points.ts";
import { describe, digestOf, doKill, planKills, startCoordinator } from "./_testing/kills.ts";
import { withProject } from "./_testing/parts.ts";
import { withRedis } from "./_testing/redis_server.ts";

// The whole suite is `deno task faults`; here each phase once, in each place.
const chosen = {
  local: [["coordinator", "mid-append"], ["coordinator", "after sync"], ["child", "report"]],
  redis: [["coordinator", "before append"], ["child", "checkpoint rename"], ["worker", "report"]],
} as const;

for (const place of ["local", "redis"] as const) {
  const title = `a study killed at chosen points ends with the undisturbed digest (${place})`;
  const test = (redis: string | null) =>
    withProject(async (project) => {
      const digest = await digestOf(startCoordinator(project, { name: "undisturbed" }));
      const kills = planKills(1, 20).filter((kill) =>
        chosen[place].some(([victim, phase]) =>
          kill.place === place && kill.victim === victim && kill.phase === phase
        )
      );
      assert.equal(kills.length, 3);
      for (const [index, kill] of kills.entries()) {
        await doKill(kill, `kill-${index}`, { project, digest, redis });
      }
    });
  if (place === "redis") withRedis(title, ({ url }) => test(url));
  else Deno.test(title, () => test(null));
}

Deno.test("planKills has every phase for every process that can be killed, at other moments for other seeds", () => {
  const kills = planKills(2, 1);
  assert.ok(kills.length >= 40);
  for (const phase of phases) {
    for (const victim of ["coordinator", "child", "worker"]) {
      const own = kills.filter((kill) => kill.phase === phase && kill.victim === victim);
      assert.equal(own.length, victim === "worker" ? 2 : 4, describe(own[0]));
    }
  }
  assert.deepEqual(planKills(2, 1), kills);
  assert.notDeepEqual(planKills(2, 2), kills);
});
