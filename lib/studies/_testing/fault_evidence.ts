/** What shows that a process really stands at the point where it was to stop. */
import assert from "node:assert/strict";
import { redisAddress, redisClient } from "../pool/queue/connection.ts";
import { queueNames } from "../pool/queue/job.ts";
import { type Kill, momentOfReport, type Stop } from "./fault_points.ts";
import { exists } from "./processes.ts";

/** What was in report.html before, for kills with that many passes. */
export const reportBefore: readonly (string | null)[] = [null, "an old report"];

/** Where a study is that is disturbed. */
export interface Scene {
  /** Folder of the study. */
  readonly study: string;
  readonly name: string;
  /** Address of the Redis server of a kill with a queue. */
  readonly queue: string | undefined;
  readonly stop: Stop;
}

/** Lines of a journal. */
export interface Journal {
  readonly lines: string[];
  /** What stands behind the last line feed. */
  readonly torn: string;
}

/** Reads the lines of a study's journal. */
export function journalLines(study: string): Journal {
  const path = `${study}/runs.jsonl`;
  const lines = (exists(path) ? Deno.readTextFileSync(path) : "").split("\n");
  const torn = lines.pop()!;
  return { lines, torn };
}

/** Ids of the runs in a journal. */
export const idsOf = ({ lines }: Journal): string[] => lines.map((line) => JSON.parse(line).id);

/**
 * Checks, while a process stands there, that the point was really hit.
 *
 * @returns What must hold when the study has ended.
 */
export async function checkEvidence(kill: Kill, scene: Scene): Promise<() => void> {
  const { phase, passes, share } = kill;
  const { study, stop: { about } } = scene;
  const journal = journalLines(study);
  const nothing = () => {};
  switch (phase) {
    case "before append":
      assert.deepEqual([journal.lines.length, journal.torn], [passes, ""]);
      return nothing;
    case "mid-append":
      assert.equal(journal.lines.length, passes);
      assert.ok(journal.torn.length > 0, `${study}: the last line is torn`);
      assert.throws(() => JSON.parse(journal.torn));
      return nothing;
    case "after sync":
      assert.deepEqual([journal.lines.length, journal.torn], [passes + 1, ""]);
      return nothing;
    case "checkpoint rename": {
      const [from, to] = about;
      assert.match(to, /\.checkpoint$/);
      assert.equal(exists(from), share < 0.5, from);
      assert.ok(share < 0.5 || exists(to), to);
      const present = Deno.statSync(share < 0.5 ? from : to);
      assert.ok(present.size > 0);
      return nothing;
    }
    case "hand-over": {
      const [id] = about;
      assert.match(id, /^[0-9a-f]{64}$/);
      const given = kill.victim === "worker" && share >= 0.5;
      const there = idsOf(journal).includes(id) || await isResult(scene, id);
      // The coordinator may have fetched it from the server already.
      assert.equal(there || idsOf(journalLines(study)).includes(id), given, `result of ${id}`);
      return () => assert.ok(idsOf(journalLines(study)).includes(id));
    }
    case "report":
      return checkReport(kill, about);
  }
}

async function isResult({ queue, name }: Scene, id: string): Promise<boolean> {
  if (queue === undefined) return false;
  const client = await redisClient(redisAddress(queue), () => {});
  const count = await client.hexists(queueNames("wasm", name).results, id);
  client.disconnect();
  return count === 1;
}

/** The report is absent, old or new, never a part; what is half written is another file. */
function checkReport({ passes, share }: Kill, [from, to]: readonly string[]): () => void {
  const moment = momentOfReport(share);
  assert.match(to, /\/report\.html$/);
  assert.equal(exists(from), moment !== "renamed");
  if (moment !== "renamed") {
    assert.equal(exists(to) ? Deno.readTextFileSync(to) : null, reportBefore[passes]);
  }
  const found = Deno.readFileSync(moment === "renamed" ? to : from);
  assert.ok(found.length > 1000);
  return () => {
    const whole = Deno.readFileSync(to);
    assert.equal(found.length < whole.length, moment === "half written");
    assert.deepEqual(found, whole.subarray(0, found.length));
  };
}
