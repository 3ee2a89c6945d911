import type { Job, Worker as QueueWorker } from "bullmq";
import { keyPrefix, type RedisAddress } from "./connection.ts";

/** How a worker listens on queues. */
export interface ListeningOptions {
  /** Runs at once. */
  readonly concurrency: number;
  /** Seconds after which the runs of a worker that is gone are given to another. */
  readonly lockSeconds: number;
  /** Told of every error of a connection. */
  readonly onError: (error: Error) => void;
  /** Told why no run can be taken any more. */
  readonly giveUp: (error: Error) => void;
}

/** How often the same run may lose its worker before it is given up. */
const allowedTakeovers = 20;

/** Takes runs off queues, at first off none. */
export async function startListening(
  address: RedisAddress,
  take: (job: Job<unknown, null>) => Promise<null>,
  { concurrency, lockSeconds, onError, giveUp }: ListeningOptions,
) {
  const { Worker } = await import("bullmq");
  const lockDuration = 1000 * lockSeconds;
  const settings = {
    connection: address.connection,
    prefix: keyPrefix,
    concurrency,
    lockDuration,
    stalledInterval: lockDuration,
    maxStalledCount: allowedTakeovers,
    removeOnComplete: { count: 0 },
    autorun: false,
    // Of a server that is not well for a while.
    runRetryDelay: 1000,
    // Said by evictionWarning, once.
    skipVersionCheck: true,
  };
  const workers = new Map<string, QueueWorker<unknown, null>>();
  return {
    /** Listens on one more queue. */
    async listen(queue: string): Promise<void> {
      if (workers.has(queue)) return;
      const worker = new Worker<unknown, null>(queue, take, settings);
      workers.set(queue, worker);
      worker.on("error", onError);
      worker.run().catch(giveUp);
      await worker.waitUntilReady();
    },
    /** Resolves when every run that was taken has ended. */
    async close(): Promise<void> {
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}
