import { checkInteger } from "../lib/core/check.ts";
import { readRuns } from "../lib/records/read_runs.ts";
import { readStudyRecord } from "../lib/records/read_study.ts";
import { curvesOfPoints } from "../lib/statistics/rungs.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { studyFolder } from "../lib/studies/storage/folder.ts";
import { describeMachine } from "./machine.ts";
import { benchFile, fairCommand, type Participant, startParticipant } from "./participants.ts";
import { findPeer } from "./peer_environment.ts";
import { searchReport } from "./reports.ts";
import { type SearchResult, type SearchRow, writeJson } from "./results.ts";
import { discardRows, halving, halvingRegret, stepBudget } from "./search/halving.ts";
import {
  lambdaByAlpha,
  type Objective,
  objectives,
  surfaceCurve,
  surfaceCurves,
  surfaceSteps,
} from "./search/objectives.ts";
import { ourSearches, teller } from "./search/searches.ts";
import { spread } from "./statistics.ts";

/** Words for `deno task bench search --help`. */
export const searchUsage = `deno task bench search [options]

Compares search strategies on test functions and on a stored λ × α surface, with Optuna's.

  --seeds 20     searches of each
  --json FILE    write the result, in this project's folder
  --python PATH  a Python with optuna; by default one made in the cache folder`;

interface PeerVersions {
  readonly optuna: string;
  readonly python: string;
}

const peerSearches = ["TPE", "TPE, each axis"];

/** `bench search`: regret at equal budget, and what rungs discard. */
export async function benchSearch({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      seeds: { type: "string", default: "20" },
      json: { type: "string" },
      python: { type: "string" },
    },
    positionals: [0, 0],
  });
  const count = checkInteger("--seeds", Number(values.seeds), { from: 1 });
  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  const machine = describeMachine();
  const python = await findPeer(values.python, print, optunaEnvironment);
  const peer = await startParticipant<PeerVersions>(
    "Optuna's process",
    fairCommand(python, [benchFile("peer_search.py")]),
  );
  try {
    const rows: SearchRow[] = [];
    for (const objective of objectives) {
      print(`${objective.name} …`);
      rows.push(...await rowsOf(objective, seeds, peer));
    }
    const result: SearchResult = {
      machine,
      peer: peer.first,
      seeds: count,
      rows,
      halving: { ...halving, steps: stepBudget, rows: await halvingRows(seeds, peer) },
      discards: [...discardRows("λ × α surface", surfaceCurves), ...firstLookRows()],
    };
    print(`\n${searchReport(result)}`);
    if (values.json !== undefined) await writeJson(values.json, result);
    return 0;
  } finally {
    await peer.stop();
  }
}

/** What a Python for this bench must have. */
const optunaEnvironment = { folder: "optuna", module: "optuna", packages: ["optuna"], size: "" };

async function rowsOf(
  objective: Objective,
  seeds: readonly number[],
  peer: Participant<PeerVersions>,
): Promise<SearchRow[]> {
  const rows: SearchRow[] = [];
  const row = (search: string, tellers: ReturnType<typeof teller>[]) =>
    rows.push({
      objective: objective.name,
      search,
      evaluations: Math.max(...tellers.map((told) => told.evaluations())),
      regret: spread(tellers.map((told) => told.regret())),
    });
  for (const [name, search] of Object.entries(ourSearches)) {
    const tellers = seeds.map((seed) => teller(objective, seed));
    for (const [index, told] of tellers.entries()) {
      await search(objective, seeds[index], (at) => told.tell(at));
    }
    row(name, tellers);
  }
  for (const search of peerSearches) {
    const tellers = seeds.map((seed) => teller(objective, seed));
    for (const [index, told] of tellers.entries()) {
      const { dimensions, budget } = objective;
      let answer = await peer.ask<PeerAnswer>({ search, dimensions, budget, seed: seeds[index] });
      while (answer.at !== undefined) answer = await peer.ask({ value: told.tell(answer.at) });
    }
    row(`Optuna, ${search}`, tellers);
  }
  return rows;
}

interface PeerAnswer {
  /** The next point; none after the last one. */
  readonly at?: readonly number[];
  /** Whether the point before was trained to its end. */
  readonly completed?: boolean;
}

/** Halving with the steps of the others, ours and Optuna's. */
async function halvingRows(seeds: readonly number[], peer: Participant<PeerVersions>) {
  const ours = seeds.map(halvingRegret);
  const peers: { regret: number; points: number }[] = [];
  for (const seed of seeds) {
    const order = { search: "random, halving", dimensions: 2, budget: stepBudget, seed };
    let answer = await peer.ask<PeerAnswer>({ ...order, minimumSteps: halving.rungs[0] });
    let [best, points] = [Infinity, 0];
    while (answer.at !== undefined) {
      const losses = surfaceCurve(answer.at);
      const curve = losses.map((loss, index) => [surfaceSteps[index], loss]);
      answer = await peer.ask({ curve });
      if (answer.completed) best = Math.min(best, losses.at(-1)!);
      points++;
    }
    peers.push({ regret: best - lambdaByAlpha.minimum, points });
  }
  return [{ search: "successive halving", found: ours }, {
    search: "Optuna, random with its SuccessiveHalvingPruner",
    found: peers,
  }].map(({ search, found }) => ({
    search,
    points: spread(found.map(({ points }) => points)),
    regret: spread(found.map(({ regret }) => regret)),
  }));
}

/** Of the first notebook's own study, 16 points of which one has no penalty. */
function firstLookRows() {
  const folder = studyFolder("first-look");
  const study = readStudyRecord(folder.definition);
  if (study === null) return [];
  return discardRows(
    "first-look",
    curvesOfPoints({ record: study, records: readRuns(folder.journal) }),
  );
}
