import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { textFile } from "../data/corpora.ts";
import { readRuns } from "../records/read_runs.ts";
import { StudyInterrupted } from "./interrupt.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter, type StudyProgress } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { ownStudy, ridgePenalty, withOwnProject } from "./_testing/own_parts.ts";
import { withProject } from "./_testing/parts.ts";
import { trainingProcesses } from "./_testing/processes.ts";
import { smallStudy, text } from "./_testing/small_study.ts";

/** A study whose corpus is a file of the project that this process is in. */
function fileStudy(changes: Partial<StudyOptions> = {}, steps = 6): StudyOptions {
  const { specify, ...rest } = smallStudy(Deno.cwd(), changes, { steps, evaluateEvery: steps / 2 });
  return {
    ...rest,
    specify: (point) =>
      ({ ...specify(point), corpus: textFile("corpus.txt") }) as ReturnType<typeof specify>,
  };
}

const inProject = (use: () => Promise<void>) =>
  inTemporaryProject(async () => {
    await Deno.writeTextFile("corpus.txt", text);
    await use();
  });

let digest: string | null = null;

/** Digest of the study, undisturbed. */
async function undisturbedDigest(): Promise<string> {
  return digest ??= (await runStudy(fileStudy({ name: "undisturbed" }))).digest();
}

/** What happens to a study from outside, and what ends it. */
interface Disturbance {
  act(): void;
  back?(): void;
}

/** A reporter that keeps what it is told; disturbs a study once it is so far, until that was told. */
function disturbing(
  { act, back }: Disturbance,
  when: (progress: StudyProgress) => boolean = () => true,
) {
  const told: string[] = [];
  let acted = false;
  return {
    told,
    reporter: {
      ...silentReporter,
      warn(message: string) {
        // Late enough that a first new attempt is in vain.
        if (told.push(message) === 1 && back !== undefined) setTimeout(back, 700);
      },
      progress(progress: StudyProgress) {
        if (acted || !when(progress)) return;
        acted = true;
        act();
      },
    },
  };
}

/** A file that is away, or has another content. */
const away = (path: string, instead?: string): Required<Disturbance> => ({
  act() {
    Deno.renameSync(path, `${path}.away`);
    if (instead !== undefined) Deno.writeTextFileSync(path, instead);
  },
  back: () => Deno.renameSync(`${path}.away`, path),
});

const corpus = away("corpus.txt");

const cases: Record<string, { disturbance: Disturbance; missing: RegExp }> = {
  "the corpus is away": {
    disturbance: corpus,
    missing: /^Corpus "corpus\.txt": there is no file "corpus\.txt" in the project/,
  },
  "the corpus is another one": {
    disturbance: away("corpus.txt", `${text} and more`),
    missing: /^Corpus "corpus\.txt" cannot be used: its SHA-256 must be [0-9a-f]{64}, found/,
  },
  "the project's file is away": {
    disturbance: away("deno.json"),
    missing: /^Cannot start training processes: there is no deno\.json in .* any more\./,
  },
  "the project's file is half written": {
    disturbance: away("deno.json", '{ "imports": {'),
    missing: /^Cannot start training processes: the process ended with exit code 1: /,
  },
  "the folder of weights cannot be written": {
    disturbance: {
      // A file in its place, as root may write everywhere.
      act: () => Deno.writeTextFileSync("results/small/weights", ""),
      back: () => Deno.removeSync("results/small/weights"),
    },
    missing: /^Cannot write .*\/results\/small\/weights\/[0-9a-f]{64}\.safetensors \(/,
  },
};

for (const [what, { disturbance, missing }] of Object.entries(cases)) {
  Deno.test(`runStudy waits while ${what}, fails no run, and ends as undisturbed`, () =>
    inProject(async () => {
      const undisturbed = await undisturbedDigest();
      const { told, reporter } = disturbing(disturbance);
      const study = await runStudy(fileStudy({ keepWeights: "all", reporter }));
      assert.equal(study.digest(), undisturbed);
      assert.ok(study.records.every(({ attempts }) => attempts === 1));
      assert.equal(told.length, 2, told.join("\n"));
      const [first, last] = told;
      assert.match(first, missing);
      assert.match(first, /what needs it is tried again, with a patience of 1 min 00 s\.$/);
      assert.match(last, /^What was missing is back after \d+ s, and its runs go on: /);
      assert.ok(last.endsWith(first.slice(0, first.indexOf(" This is no failure"))));
    }));
}

const modules: readonly (readonly [path: string, instead?: string])[] = [
  ["parts/ridge.ts"],
  ["parts/half.ts", "export const half = 0.25;\n"],
];

for (const [module, instead] of modules) {
  const what = instead === undefined ? "away" : "changed";
  Deno.test(`runStudy waits while ${module} is ${what}, fails no run, and ends as undisturbed`, () =>
    withOwnProject({}, async (project) => {
      const options = ownStudy(project, ridgePenalty, { name: "small" });
      const undisturbed = await runStudy({ ...options, name: "undisturbed" });
      const { told, reporter } = disturbing(away(`${project}/${module}`, instead));
      const study = await runStudy({ ...options, reporter });
      assert.equal(study.digest(), undisturbed.digest());
      assert.equal(told.length, 2, told.join("\n"));
      assert.match(told[0], /^Cannot use parts\/ridge\.ts: its code must be that with SHA-256/);
      assert.ok(told[0].includes(`${module} ${instead === undefined ? "is missing" : "has"}`));
    }));
}

Deno.test("runStudy ends when its patience is over, names what is missing, and the same call goes on", () =>
  inProject(async () => {
    const undisturbed = await undisturbedDigest();
    const options = fileStudy({ patienceSeconds: 1 });
    const { told, reporter } = disturbing({ act: corpus.act });
    await assert.rejects(runStudy({ ...options, reporter }), (error) => {
      assert.ok(error instanceof OutsideTrouble);
      assert.match(
        error.message,
        /^Study small cannot go on: Corpus "corpus\.txt": there is no file "corpus\.txt" .* It stayed so for 1 s\. 0 of at least 8 runs are finished and kept in .*results\/small.* run the same call or command again/,
      );
      return true;
    });
    assert.equal(told.length, 1);
    assert.deepEqual(readRuns("results/small/runs.jsonl"), []);
    assert.deepEqual(await trainingProcesses(Deno.pid), []);
    corpus.back();
    assert.equal((await runStudy(options)).digest(), undisturbed);
  }));

Deno.test("runStudy does all runs that need nothing that is missing before its patience is over", () =>
  withOwnProject({}, async (project) => {
    const module = away(`${project}/parts/ridge.ts`);
    // The points without the penalty need no module.
    const some = (lambda: number) => lambda === 0 ? { penalties: [] } : ridgePenalty(lambda);
    const options = ownStudy(project, some, { name: "small", patienceSeconds: 1 });
    const { reporter } = disturbing({ act: module.act });
    await assert.rejects(
      runStudy({ ...options, reporter }),
      /ridge\.ts is missing.* 2 of at least 4 runs are finished/,
    );
    const kept = readRuns(`${project}/results/small/runs.jsonl`);
    assert.deepEqual(kept.map(({ status }) => status), ["completed", "completed"]);
    module.back();
    const { records } = await runStudy(options);
    for (const run of kept) assert.deepEqual(records.find(({ id }) => id === run.id), run);
    assert.ok(records.every(({ status }) => status === "completed"));
  }));

Deno.test("runStudy waits for weights that cannot be written at a run's end, without counting its retraining as going on", () =>
  inProject(async () => {
    const options = fileStudy({ keepWeights: "all", workers: 1, patienceSeconds: 2 }, 600);
    const undisturbed = await runStudy({ ...options, name: "undisturbed" });
    const inTraining = ({ done, fractional }: StudyProgress) => fractional > done;
    const { reporter } = disturbing({
      act() {
        Deno.removeSync("results/small/weights", { recursive: true });
        Deno.writeTextFileSync("results/small/weights", "");
      },
    }, inTraining);
    await assert.rejects(
      runStudy({ ...options, reporter }),
      /Cannot write .*safetensors \(.*\)\. It stayed so for 2 s\./,
    );
    Deno.removeSync("results/small/weights");
    assert.equal((await runStudy(options)).digest(), undisturbed.digest());
  }));

Deno.test({
  name: "runStudy waits while the process has no file handle left, and ends as undisturbed",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withProject(async (project) => {
      const undisturbed = await runStudy(smallStudy(project, { name: "undisturbed" }));
      const script = fileURLToPath(new URL("./_testing/without_handles.ts", import.meta.url));
      const { success, stdout, stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          `ulimit -n 200 && exec "$0" run -A --quiet --no-check --config deno.json "$1"`,
          Deno.execPath(),
          script,
        ],
        cwd: project,
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const [missing, back, digest] = new TextDecoder().decode(stdout).trim().split("\n");
      assert.match(missing, /^Cannot start training processes: .*Too many open files/);
      assert.match(back, /^What was missing is back after \d+ s/);
      assert.equal(digest, undisturbed.digest());
    }),
});

Deno.test("runStudy is interrupted at once while it waits, and the same call goes on", () =>
  inProject(async () => {
    const undisturbed = await undisturbedDigest();
    const options = fileStudy();
    const controller = new AbortController();
    let aborted = 0;
    const interrupting = {
      ...disturbing({ act: corpus.act }).reporter,
      warn() {
        aborted = performance.now();
        controller.abort();
      },
    };
    await assert.rejects(
      runStudy({ ...options, reporter: interrupting, signal: controller.signal }),
      StudyInterrupted,
    );
    assert.ok(aborted > 0 && performance.now() - aborted < 3000);
    corpus.back();
    assert.equal((await runStudy(options)).digest(), undisturbed);
  }));

Deno.test("runStudy records a run as failed whose own penalty throws, also by a file that it misses", () =>
  withOwnProject({
    "parts/ridge.ts": `import { definePenalty, tf } from "parsimony";
let calls = 0;
export default definePenalty({
  name: "reads",
  formula: "loss + λ Σ w²",
  term(weights) {
    if (++calls > 12) Deno.readTextFileSync("is/missing");
    return tf.sum(tf.square(weights));
  },
});
`,
  }, async (project) => {
    const { told, reporter } = disturbing({ act() {} });
    const study = await runStudy(ownStudy(project, ridgePenalty, { reporter }));
    const failed = study.records.filter(({ status }) => status === "failed");
    assert.ok(failed.length > 0);
    for (const { point, attempts, error } of failed) {
      assert.deepEqual([point, attempts], [{ lambda: 0.01 }, 2]);
      assert.match(error!, /parts\/ridge\.ts failed in its term .*NotFound/);
    }
    assert.deepEqual(told, []);
  }));

Deno.test("runStudy refuses a patience that is no number of seconds from 0", async () => {
  for (const patienceSeconds of [-1, NaN, Infinity, "60"]) {
    await assert.rejects(
      runStudy(smallStudy("/nothing/here", { patienceSeconds: patienceSeconds as number })),
      /runStudy: patienceSeconds must be a finite number from 0, found/,
    );
  }
});
