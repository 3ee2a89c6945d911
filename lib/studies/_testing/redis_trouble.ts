/** What can happen to a Redis server and to what lies on it, and undoing it. */
import { Redis } from "ioredis";
import { keyPrefix } from "../pool/queue/connection.ts";
import { queueNames } from "../pool/queue/job.ts";

/** A trouble: makes it, and gives what ends it. */
export type RedisTrouble = (server: Victim) => Promise<() => Promise<unknown>>;

/** A server, and a study that has runs there. */
export interface Victim {
  /** Client of an administrator. */
  readonly client: Redis;
  readonly queue: string;
  readonly results: string;
}

/** Does something with a client of an administrator. */
export async function withVictim<T>(
  { url, engine, study }: { readonly url: string; readonly engine: string; readonly study: string },
  use: (victim: Victim) => Promise<T>,
): Promise<T> {
  const client = new Redis(url);
  try {
    const { queue, results } = queueNames(engine, study);
    return await use({ client, queue: `${keyPrefix}:${queue}`, results });
  } finally {
    client.disconnect();
  }
}

const nothing = () => Promise.resolve();

/** Every write that needs memory is refused. */
export const fill: RedisTrouble = async ({ client }) => {
  await client.config("SET", "maxmemory-policy", "noeviction");
  await client.config("SET", "maxmemory", "1");
  return () => client.config("SET", "maxmemory", "0");
};

/** Every write is refused, as by a copy whose original is away. */
const makeReadOnly: RedisTrouble = async ({ client }) => {
  await client.replicaof("127.0.0.1", "1");
  return () => client.replicaof("NO", "ONE");
};

/** All connections are closed, and the known password is refused. */
const changePassword: RedisTrouble = async ({ client }) => {
  await client.config("SET", "requirepass", "another");
  await client.client("KILL", "TYPE", "normal", "SKIPME", "yes");
  return () => client.config("SET", "requirepass", "s3cret");
};

/** The key of the results holds something else. */
const replaceResults: RedisTrouble = async ({ client, results }) => {
  await client.set(results, "not a hash");
  return () => client.del(results);
};

/** The list of those that wait is another thing; what was in it is lost. */
const replaceWaiting: RedisTrouble = async ({ client, queue }) => {
  await client.set(`${queue}:wait`, "not a list");
  return () => client.del(`${queue}:wait`);
};

/** Every run on the queue has a result that is none. */
const giveGarbage: RedisTrouble = async ({ client, queue, results }) => {
  const garbage = ["{not json", "null", '{"record":{},"weights":null}', "\u202e\u0000", "[]"];
  let count = 0;
  for (const key of await client.keys(`${queue}:*-*`)) {
    const id = /-([0-9a-f]{64})$/.exec(key)?.[1];
    if (id !== undefined) await client.hset(results, id, garbage[count++ % garbage.length]);
  }
  await client.hset(results, "no run", "garbage");
  if (count === 0) throw new Error("There was no run on the queue.");
  return nothing;
};

/** What a study says of the server that has it, in words, and how it is made. */
export const toldTroubles: Readonly<Record<string, RedisTrouble>> = {
  "full (noeviction)": fill,
  "read-only": makeReadOnly,
  "with another password": changePassword,
  "with a key of another type in place of the results": replaceResults,
  "with a key of another type in place of the queue": replaceWaiting,
  "with garbage in its results": giveGarbage,
};

/** The server drops keys by itself, the least used first, as long as more are written than fit. */
export const evict: RedisTrouble = async ({ client }) => {
  const before = evicted(await client.info("stats"));
  await client.config("SET", "maxmemory-policy", "allkeys-lru");
  // Every key may be among those that are looked at.
  await client.config("SET", "maxmemory-samples", "64");
  const used = Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))![1]);
  await client.config("SET", "maxmemory", `${used + 200_000}`);
  const filler = "x".repeat(2000);
  for (let at = 0; at < 2000; at++) {
    await client.set(`filler:${at}`, filler);
    const ours = await client.keys(`${keyPrefix}:*`);
    if (ours.length <= 1) break;
  }
  const count = evicted(await client.info("stats")) - before;
  if (count === 0) throw new Error("The server dropped no key.");
  return async () => {
    await client.config("SET", "maxmemory", "0");
    await client.config("SET", "maxmemory-policy", "noeviction");
    for (const key of await client.keys("filler:*")) await client.del(key);
  };
};

const evicted = (stats: string) => Number(/^evicted_keys:(\d+)/m.exec(stats)![1]);

/** What a server may drop, in words, and which of the keys of a queue and its results that is. */
const droppable: Readonly<Record<string, (key: string, victim: Victim) => boolean>> = {
  "runs": (key) => /-[0-9a-f]{64}$/.test(key),
  "locks": (key) => key.endsWith(":lock"),
  "results": (key, { results }) => key === results,
  "list of runs that wait": (key, { queue }) => key === `${queue}:wait`,
  "list of runs in training": (key, { queue }) => key === `${queue}:active`,
  "settings of the queue": (key, { queue }) => key === `${queue}:meta`,
  "sign that runs wait": (key, { queue }) => key === `${queue}:marker`,
  "events": (key, { queue }) => key === `${queue}:events`,
  "keys": () => true,
};

/** What a server may drop, in words. */
export const droppableKeys = Object.keys(droppable);

/** Drops keys as soon as there are such. */
export const drop = (what: string): RedisTrouble => async (victim) => {
  const { client } = victim;
  for (let attempt = 0; attempt < 5000; attempt++) {
    const keys = await client.keys(`${keyPrefix}:*`);
    const dropped = keys.filter((key) => droppable[what](key, victim));
    if (dropped.length > 0 && await client.del(...dropped) > 0) return nothing;
  }
  throw new Error(`There were no ${what} to be dropped.`);
};
