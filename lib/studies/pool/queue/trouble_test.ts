import assert from "node:assert/strict";
import { OutsideTrouble } from "../../../core/outside_trouble.ts";
import { textFile } from "../../../data/corpora.ts";
import { withProject } from "../../_testing/parts.ts";
import {
  linesOf,
  run,
  startRealWorker,
  startWorker,
  tellingReporter,
  total,
} from "../../_testing/queue.ts";
import {
  drop,
  droppableKeys,
  evict,
  fill,
  type RedisTrouble,
  toldTroubles,
  withVictim,
} from "../../_testing/redis_trouble.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { until } from "../../_testing/processes.ts";
import { smallStudy, text } from "../../_testing/small_study.ts";
import type { StudyOptions } from "../../options.ts";
import { runStudy } from "../../run_study.ts";

/** What a study says, once, of each trouble that it says something of. */
const told: Readonly<Record<string, RegExp>> = {
  "full (noeviction)": /^The queue on .* is full: make room.*trying again/,
  "read-only": /^The queue on .* takes no writes: it is the copy/,
  "with another password": /^The queue on .* refuses user, password/,
  "with a key of another type in place of the results": /^The queue on .*: .*results-.* remove it/,
  "with a key of another type in place of the queue": /^The queue on .*: .*:wait must.* remove it/,
  "with garbage in its results": /^What lay on .* as a run's result was none/,
};

/** What happens to the server in mid-study. */
const troubles: readonly (readonly [string, RedisTrouble, RegExp | null])[] = [
  ...Object.entries(toldTroubles).map(([what, make]) => [`is ${what}`, make, told[what]] as const),
  ["drops what fits least", evict, null],
  ...droppableKeys.map((what) => [`has dropped its ${what}`, drop(what), null] as const),
];

const slow = { millisecondsPerStep: 40 };
let undisturbed: string | undefined;
const digestOf = async (project: string) =>
  undisturbed ??= (await run(project, { name: "local" }, slow)).digest();

for (const [what, make, said] of troubles) {
  withRedis(
    `F2: runStudy with a queue ends with the same digest when the server ${what} meanwhile`,
    ({ url }) =>
      withProject(async (project) => {
        const digest = await digestOf(project);
        const { warnings, reporter } = tellingReporter();
        const worker = startWorker(url, project, { lockSeconds: 1 });
        const queued = run(project, { queue: url, reporter }, slow);
        queued.catch(() => {});
        try {
          await until("some runs are done", () => linesOf(project) >= 2);
          await withVictim({ url, engine: "cpu", study: "double" }, async (victim) => {
            const undo = await make(victim);
            if (said !== null) {
              await until("it is said", () => warnings.some((line) => said.test(line)));
            }
            await new Promise((resolve) => setTimeout(resolve, 300));
            await undo();
          });
          const study = await queued;
          assert.equal(study.digest(), digest);
          assert.ok(study.records.every(({ status }) => status === "completed"));
          if (said !== null) assert.equal(warnings.filter((line) => said.test(line)).length, 1);
          assert.ok(warnings.every((line) => !line.includes("\u202e")));
        } finally {
          await worker.stop();
        }
      }),
  );
}

withRedis(
  "F2: a study whose queue stays full for longer than its patience ends with what is wrong, and the same call goes on",
  ({ url }) =>
    withProject(async (project) => {
      const digest = await digestOf(project);
      const worker = startWorker(url, project, { lockSeconds: 1 });
      const queued = run(project, { queue: url, patienceSeconds: 1.5 }, slow);
      queued.catch(() => {});
      await until("some runs are done", () => linesOf(project) >= 2);
      await withVictim({ url, engine: "cpu", study: "double" }, async (victim) => {
        const undo = await fill(victim);
        await assert.rejects(queued, (error: Error) => {
          assert.ok(error instanceof OutsideTrouble);
          assert.match(
            error.message,
            /^Study double cannot go on: The queue on redis:.* is full: make room.* finished and kept/,
          );
          return true;
        });
        await undo();
      });
      assert.ok(linesOf(project) < total);
      const study = await run(project, { queue: url }, slow);
      assert.equal(study.digest(), digest);
      await worker.stop();
    }),
);

withRedis(
  "F2: a server of few bytes gets fewer runs of a study at once, and the study ends as any other",
  ({ url }) =>
    withProject(async (project) => {
      const long = { millisecondsPerStep: 10, filling: "long ".repeat(20_000) };
      const local = await run(project, { name: "local" }, long);
      const { warnings, reporter } = tellingReporter();
      await withVictim({ url, engine: "cpu", study: "double" }, async ({ client }) => {
        const used = Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))![1]);
        // The 24 runs of the cross-validation are 2.4 MB and more.
        await client.config("SET", "maxmemory", `${used + 2_000_000}`);
        const queued = run(project, { queue: url, reporter }, long);
        queued.catch(() => {});
        await until("it is full", () => warnings.some((line) => /is full/.test(line)));
        const worker = startWorker(url, project, { lockSeconds: 1 });
        assert.equal((await queued).digest(), local.digest());
        await worker.stop();
      });
    }),
);

withRedis(
  "F3: a worker whose project does not list a study's text gives its runs back, another one does them, and the study says which cannot",
  ({ url }) =>
    withProject((project) =>
      withProject(async (elsewhere) => {
        const file = (folder: string) => Deno.writeTextFile(`${folder}/mine.txt`, text);
        await Promise.all([project, elsewhere].map(file));
        const study = (changes: Partial<StudyOptions>): StudyOptions => {
          const { specify, ...small } = smallStudy(project, changes);
          const ofFile = (point: unknown) => ({ ...specify(point), corpus: textFile("mine.txt") });
          return { ...small, specify: ofFile as StudyOptions["specify"] };
        };
        const inProject = async <T>(action: () => Promise<T>) => {
          const before = Deno.cwd();
          Deno.chdir(project);
          try {
            return await action();
          } finally {
            Deno.chdir(before);
          }
        };
        await inProject(async () => {
          const local = await runStudy(study({ name: "local" }));
          const cannot = startRealWorker(url, elsewhere);
          const { warnings, reporter } = tellingReporter();
          await assert.rejects(
            runStudy(study({ name: "alone", queue: url, patienceSeconds: 1 })),
            /cannot go on: A worker gave a run back.*"mine\.txt", which this project does not list/,
          );
          const queued = runStudy(study({ queue: url, reporter }));
          queued.catch(() => {});
          await until("it is said", () => warnings.length > 0);
          const can = startRealWorker(url, project, { corpora: ["mine.txt"] });
          assert.equal((await queued).digest(), local.digest());
          await Promise.all([cannot.stop(), can.stop()]);
          const said = warnings.filter((line) => /Refused by .* \(process \d+\)/.test(line));
          assert.equal(said.length, 1);
          assert.match(said[0], /--corpus/);
        });
      })
    ),
);
