/** A Redis server of a test's own, on a free port of this machine. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as a power cut does; what was not on disk is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

async function isInstalled(): Promise<boolean> {
  try {
    const command = new Deno.Command("redis-server", { args: ["--version"], stdout: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/** Whether this machine has redis-server. */
export const redisInstalled = await isInstalled();

/** A test with a Redis server; ignored, with the reason in its name, where none is installed. */
export function withRedis(name: string, use: (server: RedisServer) => Promise<void>): void {
  Deno.test({
    name: `${name}${redisInstalled ? "" : " (skipped: redis-server is not installed)"}`,
    ignore: !redisInstalled && !required,
    // Sockets of ioredis are closed a moment after their owner says so.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using server = await startRedisServer();
      await use(server);
    },
  });
}

/** Starts a server of one's own; disposing of it ends it and removes its files. */
export async function startRedisServer(): Promise<RedisServer & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-redis-" });
  const port = freePort();
  let process = await start(port, folder);
  const kill = async () => {
    process.kill("SIGKILL");
    await process.status;
  };
  return {
    url: `redis://default:s3cret@127.0.0.1:${port}/1`,
    port,
    kill,
    async restart() {
      process = await start(port, folder);
    },
    async [Symbol.asyncDispose]() {
      await kill().catch(() => {});
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function start(port: number, folder: string): Promise<Deno.ChildProcess> {
  const process = new Deno.Command("redis-server", {
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--requirepass", "s3cret"],
      ...["--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return process;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  process.kill("SIGKILL");
  await process.status;
  throw new Error(`redis-server does not listen on port ${port}.`);
}
