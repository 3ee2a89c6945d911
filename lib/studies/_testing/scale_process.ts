/**
 * A process that runs a study whose trainings train nothing, through the real pool, journal and
 * queue, and measures what the study itself costs. Prints one line of JSON.
 *
 * Argument: JSON of {@link ScaleRequest}; the project is the working directory.
 */
import process from "node:process";
import { runStudyWith } from "../_study_course.ts";
import { silentReporter } from "../reporter.ts";
import { grid } from "../search/space.ts";
import { loadStudy } from "../study.ts";
import { doubleOptions, doubleParts } from "./parts.ts";

/** What is to be run. */
export interface ScaleRequest {
  readonly name: string;
  /** Runs of cross-validation: a multiple of 10, since each point has 5 folds and 2 seeds. */
  readonly runs: number;
  /** Training processes of this machine; of the workers, if there is a queue. */
  readonly workers: number;
  readonly queue: string | null;
}

/** What it cost. */
export interface ScaleMeasurement {
  readonly runs: number;
  readonly records: number;
  /** From the call to the study, all runs done. */
  readonly runSeconds: number;
  /** Mean time from the call to the study for one record, in ms of wall time. */
  readonly overheadMilliseconds: number;
  /** CPU time of this process for one record, ms, user and system. */
  readonly coordinatorMilliseconds: number;
  /** The same call again, when there is nothing to do. */
  readonly completeSeconds: number;
  /** The same call again when the last run is missing. */
  readonly resumeSeconds: number;
  /** `loadStudy` and its table. */
  readonly openSeconds: number;
  /** Resident memory of this process after the runs, MiB. */
  readonly residentMebibytes: number;
  readonly journalMebibytes: number;
  readonly definitionMebibytes: number;
}

const mebi = 2 ** 20;

async function timed<T>(what: () => T | Promise<T>): Promise<[value: Awaited<T>, seconds: number]> {
  const began = performance.now();
  const value = await what();
  return [value, (performance.now() - began) / 1000];
}

async function measure(request: ScaleRequest): Promise<ScaleMeasurement> {
  const { name, runs, workers, queue } = request;
  const alphas = Array.from({ length: runs / 10 }, (_, index) => index / runs);
  const options = doubleOptions(Deno.cwd(), {
    name,
    workers,
    space: grid({ lambda: [0], alpha: alphas }),
    folds: { count: 5, final: true } as never,
    seeds: [1, 2],
    keepWeights: "none",
    checkpointEvery: null,
    reporter: silentReporter,
    ...(queue === null ? {} : { queue }),
  });
  const cpu = process.cpuUsage();
  const [study, runSeconds] = await timed(() => runStudyWith(doubleParts, options));
  const { user, system } = process.cpuUsage(cpu);
  const residentMebibytes = Deno.memoryUsage().rss / mebi;
  const records = study.records.length;
  const digest = study.digest();
  const [, completeSeconds] = await timed(() => runStudyWith(doubleParts, options));
  const journal = `${study.folder}/runs.jsonl`;
  const bytes = await Deno.readFile(journal);
  // The second call does the last run again.
  await Deno.writeFile(journal, bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1));
  const [resumed, resumeSeconds] = await timed(() => runStudyWith(doubleParts, options));
  if (resumed.digest() !== digest) throw new Error("The resumed study has another digest.");
  const [, openSeconds] = await timed(() => String(loadStudy(name, { project: Deno.cwd() })));
  return {
    runs,
    records,
    runSeconds,
    overheadMilliseconds: 1000 * runSeconds / records,
    coordinatorMilliseconds: (user + system) / 1000 / records,
    completeSeconds,
    resumeSeconds,
    openSeconds,
    residentMebibytes,
    journalMebibytes: bytes.length / mebi,
    definitionMebibytes: (await Deno.stat(`${study.folder}/study.json`)).size / mebi,
  };
}

if (import.meta.main) {
  const measured = await measure(JSON.parse(Deno.args[0]));
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(measured)}\n`));
  Deno.exit(0);
}
