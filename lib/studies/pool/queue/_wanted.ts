import type { Redis } from "ioredis";
import { numericsVersion } from "../../../core/version.ts";
import { keyPrefix } from "./connection.ts";

/** Hash from the name of a queue to what its runs ask for. */
export const wantedKey = `${keyPrefix}:wanted`;

/** Says to workers of other kinds that runs wait for one of this kind. */
export async function tellWorkers(client: Redis, queue: string, engine: string): Promise<void> {
  await client.hset(wantedKey, queue, `engine ${engine}, numerics version ${numericsVersion}`);
}

/** Names of all queues on which studies have put runs. */
export async function wantedQueues(client: Redis): Promise<string[]> {
  return Object.keys(await client.hgetall(wantedKey));
}

/** Lines on runs that wait for workers of another engine or version. */
export async function otherQueues(
  client: Redis,
  own: string,
  engine: string,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [queue, wanted] of Object.entries(await client.hgetall(wantedKey))) {
    if (queue === own) continue;
    const waiting = await client.llen(`${keyPrefix}:${queue}:wait`);
    if (waiting === 0) continue;
    lines.push(
      `${waiting} runs wait for a worker of ${wanted}. This one (engine ${engine}, numerics version ` +
        `${numericsVersion}) refuses them: its numbers would be others.`,
    );
  }
  return lines;
}
