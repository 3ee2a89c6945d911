import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { sha256 } from "../core/hash.ts";
import { moduleCode } from "../core/own_module.ts";
import { numericsVersion } from "../core/version.ts";
import { adam } from "../optimizers/adam.ts";
import { ownOptimizer } from "../optimizers/own_optimizer.ts";
import type { OwnPenaltySpecification } from "../penalties/own_penalty.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { keyPrefix, redisAddress } from "./pool/queue/connection.ts";
import { queueNames } from "./pool/queue/job.ts";
import { runId } from "./plan/run_id.ts";
import type { StudyOptions } from "./options.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { until } from "./_testing/processes.ts";
import { withRedis } from "./_testing/redis_server.ts";
import { work } from "./work.ts";
import { ownStudy, ridgePenalty, withOwnProject, writeFiles } from "./_testing/own_parts.ts";

const gift = "results/gift/evil.ts";
const giftCode = 'export default Deno.writeTextFileSync("done.txt", "evil");\n';
const silent =
  /^Refused by .*: the study's own modules are not here, or others; the worker's output/;

/** Puts jobs with bad own parts on the queue, and waits until the worker has refused each. */
async function refusesBadJobs(url: string, study: StudyRecord): Promise<void> {
  const { Queue } = await import("bullmq");
  const { connection } = redisAddress(url);
  const queue = new Queue(queueNames("wasm", "bad").queue, { connection, prefix: keyPrefix });
  const [specification] = study.specifications;
  const [good] = specification.penalties as unknown as OwnPenaltySpecification[];
  const files = good.code!.files;
  const bad: [Partial<OwnPenaltySpecification>, RegExp][] = [
    [{ module: "../ridge.ts" }, /from the project's folder/],
    [{ module: "/etc/ridge.ts" }, /from the project's folder/],
    [{ module: "https://example.com/ridge.ts" }, /from the project's folder/],
    [{ code: moduleCode({ ...files, "../../x.ts": "0" }, {}) }, /must stay inside/],
    [{ code: { ...good.code!, sha256: "0".repeat(64) } }, /must be the hash of its files/],
    // Code of a received folder, though its hash is right.
    [{ module: gift, code: moduleCode({ [gift]: sha256(giftCode) }, {}) }, silent],
    // Of what is in the worker's project nothing is told, not even its hash.
    [{ code: moduleCode({ ...files, "parts/half.ts": "0" }, {}) }, silent],
    [{ code: moduleCode({ "parts/ridge.ts": files["parts/ridge.ts"] }, {}) }, silent],
    [{ code: undefined }, silent],
    [{ module: "parts/gone.ts", code: moduleCode({ "parts/gone.ts": "0" }, {}) }, silent],
  ];
  for (const [changes, reason] of bad) {
    const json: JsonObject = JSON.parse(
      JSON.stringify({ ...specification, penalties: [{ ...good, ...changes }] }),
    );
    const run = { specification: json, fold: study.folds[0], seed: 1, engine: "wasm" };
    const job = await queue.add("run", {
      schemaVersion: 1,
      study: "bad",
      numericsVersion,
      id: runId(run),
      point: {},
      keepWeights: false,
      checkpointEvery: null,
      ...run,
    });
    await until("it is refused", async () => await job.isFailed());
    const { failedReason } = (await queue.getJob(job.id!))!;
    assert.match(failedReason, reason);
    for (const hash of Object.values(files)) assert.ok(!failedReason.includes(hash), failedReason);
  }
  await queue.close();
}

withRedis(
  "a worker trains own parts that it has too, and refuses those whose code is another one there",
  ({ url }) =>
    withOwnProject({}, (project) =>
      withOwnProject({}, async (elsewhere) => {
        const one = { space: points([{ lambda: 0.01 }]), workers: 1 };
        const local = await runStudy(ownStudy(project, ridgePenalty, { ...one, name: "local" }));
        const controller = new AbortController();
        const lines: string[] = [];
        const worker = work({
          redis: url,
          project: elsewhere,
          workers: 1,
          restSeconds: 0.1,
          signal: controller.signal,
          print: (line) => lines.push(line),
        });
        await until("the worker listens", () => lines.length > 0);
        const queued = await runStudy(ownStudy(project, ridgePenalty, { ...one, queue: url }));
        assert.equal(queued.digest(), local.digest());
        await writeFiles(elsewhere, { [gift]: giftCode });
        await refusesBadJobs(url, queued.record);
        await assert.rejects(Deno.stat(`${elsewhere}/done.txt`), Deno.errors.NotFound);
        assert.ok(
          lines.some((line) => line.includes(gift) && /not code of this project's own/.test(line)),
        );
        const half = "export const half = 0.5; // the same number by other code\n";
        await writeFiles(elsewhere, { "parts/half.ts": half });
        await assert.rejects(
          runStudy(
            ownStudy(project, ridgePenalty, {
              ...{ ...one, name: "refused", queue: url, seeds: [2], patienceSeconds: 1 },
            }),
          ),
          /cannot go on: A worker gave a run back.* the study's own modules are not here, or others/,
        );
        const differs = /Cannot use parts\/ridge\.ts: .*parts\/half\.ts is [0-9a-f]+ here/;
        assert.ok(lines.some((line) => differs.test(line)));
        // The other way round: a process that has loaded the old code takes no run of the new.
        await writeFiles(project, { "parts/half.ts": half });
        const third = await runStudy(
          ownStudy(project, ridgePenalty, { ...one, name: "third", queue: url }),
        );
        assert.ok(third.records.every(({ status }) => status === "completed"));
        const [before, after] = [queued, third].map(({ records }) =>
          records.map(({ final }) => final)
        );
        assert.deepEqual(after, before);
        controller.abort();
        await worker;
      })),
);

withRedis(
  "an optimizer of one's own that is adam has adam's bits through the queue too, and a worker without it refuses it",
  ({ url }) =>
    withOwnProject(
      {},
      (project) =>
        withOwnProject({ "parts/adam.ts": "export default {};\n" }, async (elsewhere) => {
          const optimizer = ownOptimizer({ module: "parts/adam.ts", learningRate: 0.01 });
          const one = { space: points([{ lambda: 0 }]), workers: 1, queue: url };
          const study = (name: string, changes: Partial<StudyOptions> = {}) =>
            runStudy(ownStudy(project, () => ({ optimizer }), { ...one, name, ...changes }));
          const local = await study("local", { queue: undefined });
          const built = await runStudy(
            ownStudy(project, () => ({ optimizer: adam({ learningRate: 0.01 }) }), {
              ...{ ...one, name: "adam", queue: undefined },
            }),
          );
          const controller = new AbortController();
          const lines: string[] = [];
          const worker = work({
            redis: url,
            project: elsewhere,
            workers: 1,
            restSeconds: 0.1,
            signal: controller.signal,
            print: (line) => lines.push(line),
          });
          await until("the worker listens", () => lines.length > 0);
          await assert.rejects(
            study("refused", { patienceSeconds: 1 }),
            /the study's own modules are not here, or others/,
          );
          const code = await Deno.readTextFile(`${project}/parts/adam.ts`);
          await writeFiles(elsewhere, { "parts/adam.ts": code });
          const queued = await study("queued");
          assert.equal(queued.digest(), local.digest());
          assert.deepEqual(
            queued.records.map(({ curve }) => curve),
            built.records.map(({ curve }) => curve),
          );
          controller.abort();
          await worker;
        }),
    ),
);
