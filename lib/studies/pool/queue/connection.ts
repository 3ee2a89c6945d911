import { isIP } from "node:net";
import { show } from "../../../core/check.ts";
import type { ConnectionOptions } from "bullmq";
import type { Redis, RedisOptions } from "ioredis";

/** What to connect to, and how to speak of it. */
export interface RedisAddress {
  /** Options for BullMQ and ioredis: commands wait while the server is away. */
  readonly connection: ConnectionOptions;
  /** The address without user and password, for messages. */
  readonly shown: string;
}

/** Keys in Redis begin with this. */
export const keyPrefix = "parsimony";

/**
 * Reads the address of a Redis (or Valkey) server.
 *
 * @param url `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS.
 * @throws {TypeError} If it is none; the message never shows the password.
 *
 * @example
 * ```ts
 * import { redisAddress } from "./connection.ts";
 * import assert from "node:assert/strict";
 * const { shown } = redisAddress("rediss://me:secret@example.org/2");
 * assert.equal(shown, "rediss://example.org:6379/2");
 * assert.throws(() => redisAddress("http://me:secret@example.org"), /redis:.*found an address of "http:"/);
 * ```
 */
export function redisAddress(url: string): RedisAddress {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : null;
  const wanted = "The queue must be an address such as redis://user:password@host:6379/0, or " +
    "rediss:// for TLS";
  if (parsed === null) {
    throw new TypeError(`${wanted}, found ${typeof url === "string" ? "none" : show(url)}.`);
  }
  const { protocol, hostname, pathname } = parsed;
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw new TypeError(`${wanted}, found an address of ${show(protocol)}.`);
  }
  const database = pathname.replace(/^\//, "");
  if (hostname === "" || !/^\d{0,4}$/.test(database)) {
    throw new TypeError(`${wanted}; the one given has no host, or no number as its database.`);
  }
  const port = Number(parsed.port || 6379);
  const [username, password] = [parsed.username, parsed.password].map((text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new TypeError(
        `${wanted}; in user and password of the one given a % begins no code, write it as %25.`,
      );
    }
  });
  const host = hostname.replace(/^\[|\]$/g, "");
  return {
    connection: {
      host,
      port,
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
      db: Number(database || 0),
      // An address is no server name: the certificate is then compared with the address itself.
      ...(protocol === "rediss:" ? { tls: isIP(host) ? {} : { servername: host } } : {}),
      // Commands wait for a server that comes back.
      maxRetriesPerRequest: null,
      retryStrategy: (attempt: number) => Math.min(2000, 100 * attempt),
    },
    shown: `${protocol}//${hostname}:${port}/${database || 0}`,
  };
}

/**
 * Makes sure that a server answers, before anything waits for it.
 *
 * @throws {Error} Saying what it answered; never the password.
 */
export async function checkReachable({ connection, shown }: RedisAddress): Promise<void> {
  const { Redis } = await import("ioredis");
  const client = new Redis({
    ...connection as RedisOptions,
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The first error is the cause; those behind it follow from it.
  let first: Error | null = null;
  client.on("error", (error: Error) => first ??= error);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    const message = ((first ?? error) as Error).message.replace(/\.$/, "");
    throw new Error(
      `Cannot use the queue on ${shown}: ${message}. Is a Redis server running there, and are user ` +
        `and password right?`,
    );
  } finally {
    client.disconnect();
  }
}

/**
 * A client for what BullMQ has no words for: the hashes of results.
 *
 * @param onError Told whenever the server is away.
 */
export async function redisClient(address: RedisAddress, onError: (error: Error) => void) {
  const { Redis } = await import("ioredis");
  const client = new Redis(address.connection as RedisOptions);
  client.on("error", onError);
  return client;
}

/**
 * What to know of a server that drops keys when it is full; null of one that does not, or that does not
 * say.
 */
export async function evictionWarning(client: Redis, shown: string): Promise<string | null> {
  const said = await client.info("memory").catch(() => "");
  const policy = /^maxmemory_policy:(\S+)/m.exec(said)?.[1] ?? "noeviction";
  const limit = Number(/^maxmemory:(\d+)/m.exec(said)?.[1] ?? 0);
  if (policy === "noeviction" || limit === 0) return null;
  return `The server of the queue on ${shown} drops keys when it has ${limit} bytes (its ` +
    `maxmemory-policy is ${policy}): runs and results that it drops are done again. Set it to ` +
    `noeviction.`;
}
