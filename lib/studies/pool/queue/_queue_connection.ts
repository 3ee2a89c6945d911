import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { wait } from "../../../core/wait.ts";
import { checkReachable, keyPrefix, redisAddress } from "./connection.ts";
import type { queueNames, RunJob } from "./job.ts";
import { type QueuedRuns, queuedRuns } from "./_queued_runs.ts";
import type { ServerWatch } from "./_server_trouble.ts";
import { wantedKey } from "./_wanted.ts";
import { watchedClient } from "./_watched_client.ts";

/** A study's connection to its queue. */
export interface QueueConnection {
  /** Address of the server without user and password, for messages. */
  readonly shown: string;
  readonly names: ReturnType<typeof queueNames>;
  readonly client: Redis;
  readonly server: ServerWatch;
  readonly queue: Queue<RunJob>;
  readonly events: QueueEvents;
  /** What the server says of runs on the queue. */
  readonly runs: QueuedRuns;
  /** Ends it; a server that is away is not waited for. */
  close(): Promise<void>;
}

/**
 * Connects a study to its queue.
 *
 * @throws {Error} If the server cannot be reached.
 */
export async function connectQueue(
  redis: string,
  names: QueueConnection["names"],
  warn: (message: string) => void,
): Promise<QueueConnection> {
  const address = redisAddress(redis);
  await checkReachable(address);
  const { Queue, QueueEvents } = await import("bullmq");
  const hashes = new Set([wantedKey, names.results]);
  const { client, server } = await watchedClient(address, { queue: names.queue, hashes }, warn);
  // The version is of no matter, and what it says of eviction is said already.
  const settings = { connection: address.connection, prefix: keyPrefix, skipVersionCheck: true };
  const queue = new Queue<RunJob>(names.queue, {
    ...settings,
    streams: { events: { maxLen: 2000 } },
  });
  const events = new QueueEvents(names.queue, settings);
  queue.on("error", (error) => server.error(error));
  events.on("error", (error) => server.error(error));
  return {
    shown: address.shown,
    names,
    client,
    server,
    queue,
    events,
    runs: queuedRuns(client, queue),
    async close() {
      await Promise.race([Promise.allSettled([queue.close(), events.close()]), wait(1000)]);
      await Promise.allSettled([queue.disconnect(), events.disconnect()]);
      client.disconnect();
    },
  };
}
