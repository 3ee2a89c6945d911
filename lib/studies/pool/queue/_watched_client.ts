import type { Redis } from "ioredis";
import { evictionWarning, type RedisAddress, redisClient } from "./connection.ts";
import { type ServerWatch, watchServer } from "./_server_trouble.ts";

/**
 * A client, and a watch over its server; what is to be known of a server that drops keys is said.
 *
 * @param keys What the watch looks at: see {@link watchServer}.
 */
export async function watchedClient(
  address: RedisAddress,
  keys: { readonly queue: string; readonly hashes: ReadonlySet<string> },
  say: (line: string) => void,
): Promise<{ readonly client: Redis; readonly server: ServerWatch }> {
  const client = await redisClient(address, (error) => server.error(error));
  const server = watchServer(client, keys, address.shown, say);
  const warning = await evictionWarning(client, address.shown);
  if (warning !== null) say(warning);
  return { client, server };
}
