/** Trouble outside of runs in mid-study: files that are away or changed, and what a Redis server does. */
import assert from "node:assert/strict";
import {
  afterSomeRuns,
  checkMidStudy,
  type Disturbance,
  inTime,
  linesOf,
  nameOf,
  TooLate,
  wait,
} from "./disturbance.ts";
import { corpusFile, moduleFile, type Needs, writeNeeds } from "./fault_study.ts";
import {
  digestOf,
  type KillBench,
  saidBy,
  startCoordinator,
  startFaultWorker,
  workFolder,
} from "./kills.ts";
import { end, outcomeOf, until } from "./processes.ts";
import {
  drop,
  droppableKeys,
  evict,
  fill,
  type RedisTrouble,
  toldTroubles,
  withVictim,
} from "./redis_trouble.ts";

const undisturbed = new Map<string, Promise<string>>();

/** Digest of the study whose runs need something of the project, undisturbed. */
async function digestFor(bench: KillBench, needs: Needs): Promise<string> {
  const { project } = bench;
  if (needs === "nothing") return bench.digest;
  const key = `${project} ${needs}`;
  if (!undisturbed.has(key)) {
    await writeNeeds(project);
    undisturbed.set(key, digestOf(startCoordinator(project, { name: `needs-${needs}`, needs })));
  }
  const digest = await undisturbed.get(key)!;
  assert.match(digest, /^[0-9a-f]{64}$/);
  return digest;
}

/** What is taken from a project, and given back. */
interface Taken {
  readonly needs: Needs;
  readonly path: string;
  /** Content meanwhile, or null for none. */
  readonly meanwhile: string | null;
}

const takings: Readonly<Record<string, Taken>> = {
  "project file away": { needs: "file", path: "deno.json", meanwhile: null },
  "corpus away": { needs: "file", path: corpusFile, meanwhile: null },
  "corpus changed and back": {
    needs: "file",
    path: corpusFile,
    meanwhile: "another text. ".repeat(99),
  },
  "own module away": { needs: "module", path: moduleFile, meanwhile: null },
  "own module changed and back": {
    needs: "module",
    path: moduleFile,
    meanwhile: "export default 1;",
  },
};

/** Takes a file of the project and does something meanwhile. */
async function without<T>(bench: KillBench, { path, meanwhile }: Taken, use: () => Promise<T>) {
  const file = `${bench.project}/${path}`;
  await Deno.rename(file, `${file}.kept`);
  try {
    if (meanwhile !== null) await Deno.writeTextFile(file, meanwhile);
    return await use();
  } finally {
    await Deno.rename(`${file}.kept`, file);
  }
}

/** A file is away until the study says so; the study goes on by itself. */
const fileIsAway =
  (place: "local" | "redis", what: string, taken: Taken): Disturbance => async (bench) => {
    const name = nameOf(place, what);
    const digest = await digestFor(bench, taken.needs);
    const queue = place === "redis" ? bench.redis! : undefined;
    const worker = queue && startFaultWorker(bench.project, queue, workFolder(bench, name));
    try {
      const coordinator = startCoordinator(bench.project, { name, queue, needs: taken.needs });
      const recorded = await afterSomeRuns(bench, name, () =>
        without(bench, taken, async () => {
          await until("the study says so", () => saidBy(bench, name) !== "");
          await wait(1000);
          return linesOf(bench, name);
        }));
      assert.equal(await digestOf(coordinator), digest);
      const said = saidBy(bench, name).split("\n")[0];
      assert.match(said, /\bno failures?\b/);
      return `${checkMidStudy(bench, name, recorded)}; said: ${said.slice(0, 100)} …`;
    } finally {
      if (worker) await end(worker);
    }
  };

/** A file is away for longer than the patience; the study ends, and the same command goes on. */
const fileStaysAway = (what: string, taken: Taken): Disturbance => async (bench) => {
  const name = nameOf("ended", what);
  const digest = await digestFor(bench, taken.needs);
  const options = { name, needs: taken.needs, patienceSeconds: 0.5 };
  const coordinator = startCoordinator(bench.project, options);
  const recorded = await afterSomeRuns(bench, name, () =>
    without(bench, taken, async () => {
      const { success, errors } = await outcomeOf(coordinator);
      assert.ok(!success);
      assert.match(errors, /Study .* cannot go on: .*run the same call or command again/s);
      return linesOf(bench, name);
    }));
  assert.equal(await digestOf(startCoordinator(bench.project, options)), digest);
  return `ended with ${checkMidStudy(bench, name, recorded)}; the same command went on`;
};

/** Something happens to the server until the study says so (or for a while, where it need not). */
const serverTrouble = (what: string, make: RedisTrouble, isSaid: boolean): Disturbance => (bench) =>
  inTime(
    ["", " again", " once more"].map((time) => nameOf("server", what + time)),
    async (name) => {
      const url = bench.redis!;
      const worker = startFaultWorker(bench.project, url, workFolder(bench, name));
      try {
        const coordinator = startCoordinator(bench.project, { name, queue: url });
        let ended = false;
        coordinator.status.then(() => ended = true);
        const met = () => ended || saidBy(bench, name) !== "";
        const recorded = await afterSomeRuns(
          bench,
          name,
          () =>
            withVictim({ url, engine: "wasm", study: name }, async (victim) => {
              const undo = await make(victim);
              const recorded = linesOf(bench, name);
              try {
                if (isSaid) await until("the study says so, or ends", met);
                await wait(500);
              } finally {
                await undo();
              }
              return recorded;
            }),
        );
        assert.equal(await digestOf(coordinator), bench.digest);
        const said = saidBy(bench, name).split("\n")[0];
        if (isSaid && said === "") {
          throw new TooLate("It ended before it met the server's trouble.");
        }
        return `${checkMidStudy(bench, name, recorded)}${
          said && `; said: ${said.slice(0, 100)} …`
        }`;
      } finally {
        await end(worker);
      }
    },
  );

/** The server stays full for longer than the patience; the study ends, and the same command goes on. */
const serverStaysFull: Disturbance = async (bench) => {
  const [name, url] = ["server-stays-full", bench.redis!];
  const worker = startFaultWorker(bench.project, url, workFolder(bench, name));
  const options = { name, queue: url, patienceSeconds: 0.5 };
  try {
    const coordinator = startCoordinator(bench.project, options);
    const recorded = await afterSomeRuns(
      bench,
      name,
      () =>
        withVictim({ url, engine: "wasm", study: name }, async (victim) => {
          const undo = await fill(victim);
          try {
            const { success, errors } = await outcomeOf(coordinator);
            assert.ok(!success);
            assert.match(errors, /cannot go on: The queue on .* is full/);
            return linesOf(bench, name);
          } finally {
            await undo();
          }
        }),
    );
    const again = startCoordinator(bench.project, { ...options, patienceSeconds: 60 });
    assert.equal(await digestOf(again), bench.digest);
    return `ended with ${checkMidStudy(bench, name, recorded)}; the same command went on`;
  } finally {
    await end(worker);
  }
};

/** Files of the project, by what happens to them. */
export const fileDisturbances: Readonly<Record<string, Disturbance>> = Object.fromEntries(
  Object.entries(takings).flatMap(([what, taken]) => [
    [`${what} (local)`, fileIsAway("local", what, taken)],
    [`${what} (redis)`, fileIsAway("redis", what, taken)],
    [`${what}, longer than the patience (local)`, fileStaysAway(what, taken)],
  ]),
);

/** What a server does, by what that is. */
export const serverDisturbances: Readonly<Record<string, Disturbance>> = Object.fromEntries([
  ...Object.entries(toldTroubles).map(([what, make]) =>
    [`Redis ${what}`, serverTrouble(what, make, true)] as const
  ),
  ["Redis full, longer than the patience", serverStaysFull],
  ["Redis evicting (allkeys-lru)", serverTrouble("evicting", evict, false)],
  ...droppableKeys.map((what) =>
    [`Redis without its ${what}`, serverTrouble(`without ${what}`, drop(what), false)] as const
  ),
]);
