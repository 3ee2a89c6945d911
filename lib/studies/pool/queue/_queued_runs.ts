import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { keyPrefix } from "./connection.ts";

/** Where runs are on a queue. */
export interface QueuedRuns {
  /** As BullMQ's getState, but without a search through the list of all that wait. */
  stateOf(jobId: string): Promise<"unknown" | "failed" | "underway">;
  /** Those that the server has but no worker will ever get, because it dropped a list that they were in. */
  lost(jobIds: readonly string[]): Promise<string[]>;
  /** Whether a worker has it in training. */
  isTrained(jobId: string): Promise<boolean>;
  /** Takes a run off the queue, whatever is there under its name. */
  remove(jobId: string): Promise<void>;
}

/** Lists and sorted sets that a run can be in. */
const lists = ["wait", "active", "paused"] as const;
const sets = ["delayed", "prioritized", "failed", "completed"] as const;

/** Asks a server for runs on a queue. */
export function queuedRuns(client: Redis, queue: Queue): QueuedRuns {
  const key = (name: string) => `${keyPrefix}:${queue.name}:${name}`;
  const isTrained = async (jobId: string) => await client.exists(key(`${jobId}:lock`)) === 1;
  return {
    async stateOf(jobId) {
      if (await client.exists(key(jobId)) === 0) return "unknown";
      return await client.zscore(key("failed"), jobId) === null ? "underway" : "failed";
    },
    async lost(jobIds) {
      if (jobIds.length === 0) return [];
      // In one go: a run may be on its way from one list to another.
      let all = client.multi();
      for (const name of lists) all = all.lrange(key(name), 0, -1);
      for (const name of sets) all = all.zrange(key(name), 0, -1);
      const answers = await all.exec() ?? [];
      const known = new Set<unknown>();
      for (const [error, ids] of answers) {
        if (error !== null) throw error;
        for (const id of ids as string[]) known.add(id);
      }
      const missing: string[] = [];
      for (const jobId of jobIds.filter((id) => !known.has(id))) {
        // A worker that holds its lock has it, wherever it is not.
        if (await client.exists(key(jobId)) === 1 && !await isTrained(jobId)) missing.push(jobId);
      }
      return missing;
    },
    isTrained,
    async remove(jobId) {
      try {
        await queue.remove(jobId);
      } catch {
        await client.del(key(jobId));
      }
    },
  };
}
