import { freePorts } from "../../core/free_ports.ts";

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

async function isInstalled(program: string, option: string): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args: [option], stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/** Whether this machine has redis-server. */
export const redisInstalled = await isInstalled("redis-server", "--version");
/** Whether it has openssl. */
const opensslInstalled = await isInstalled("openssl", "version");

/** A test with a Redis server; ignored, with the reason in its name, where none is installed. */
export function withRedis(name: string, use: (server: RedisServer) => Promise<void>): void {
  serverTest(name, redisInstalled ? null : "redis-server is not installed", async () => {
    await using server = await startRedisServer();
    await use(server);
  });
}

/** The same with TLS; ignored where openssl is missing, too. */
export function withSecureServer(name: string, use: (server: SecureServer) => Promise<void>): void {
  const there = redisInstalled && opensslInstalled;
  serverTest(name, there ? null : "redis-server or openssl is not installed", async () => {
    await using server = await startSecureServer();
    await use(server);
  });
}

function serverTest(name: string, missing: string | null, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name}${missing === null ? "" : ` (skipped: ${missing})`}`,
    ignore: missing !== null && !required,
    // Sockets of ioredis are closed a moment after their owner says so.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** Starts a server of one's own; disposing of it ends it and removes its files. */
export function startRedisServer(): Promise<RedisServer & AsyncDisposable> {
  return serve(
    (port) => `redis://default:s3cret@127.0.0.1:${port}/1`,
    (port) => ["--port", `${port}`, "--requirepass", "s3cret"],
  );
}

/** A server that speaks TLS only, to one user, with a certificate of an authority of its own. */
export interface SecureServer extends RedisServer {
  /** File with the certificate of the authority. */
  readonly authority: string;
  readonly user: string;
  readonly password: string;
}

/** Starts a server with TLS and one user; needs openssl. */
export async function startSecureServer(): Promise<SecureServer & AsyncDisposable> {
  const [user, password] = ["runner", "p@ss/w0rd:s3cret"];
  const folder = await Deno.makeTempDir({ prefix: "parsimony-tls-" });
  await makeCertificates(folder);
  const secret = `${user}:${encodeURIComponent(password)}`;
  const server = await serve(
    (port) => `rediss://${secret}@localhost:${port}/0`,
    (port) => [
      ...["--port", "0", "--tls-port", `${port}`, "--tls-auth-clients", "no"],
      ...["--tls-cert-file", `${folder}/server.pem`, "--tls-key-file", `${folder}/server.key`],
      ...["--tls-ca-cert-file", `${folder}/authority.pem`, "--user", "default", "off"],
      ...[
        "--user",
        user,
        "on",
        `>${password}`,
        "~parsimony:*",
        "&*",
        "+@all",
        "-@dangerous",
        "+info",
      ],
    ],
  );
  return {
    ...server,
    authority: `${folder}/authority.pem`,
    user,
    password,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function makeCertificates(folder: string): Promise<void> {
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  await Deno.writeTextFile(`${folder}/names`, "subjectAltName=DNS:localhost,IP:127.0.0.1");
  for (
    const command of [
      `req -x509 ${key} -days 2 -keyout authority.key -out authority.pem -subj /CN=authority`,
      `req ${key} -keyout server.key -out server.csr -subj /CN=localhost`,
      "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 " +
      "-extfile names -out server.pem",
    ]
  ) {
    const { success, stderr } = await new Deno.Command("openssl", {
      args: command.split(" "),
      cwd: folder,
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`openssl ${command}: ${new TextDecoder().decode(stderr)}`);
  }
}

/** Starts a server on a free port, with an append-only file that is synced at each write. */
async function serve(
  urlOf: (port: number) => string,
  argumentsOf: (port: number) => readonly string[],
): Promise<RedisServer & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-redis-" });
  const [port] = freePorts(1);
  const begin = () => start(port, folder, argumentsOf(port));
  let process = await begin();
  const kill = async () => {
    process.kill("SIGKILL");
    await process.status;
  };
  return {
    url: urlOf(port),
    port,
    kill,
    async restart() {
      process = await begin();
    },
    async [Symbol.asyncDispose]() {
      await kill().catch(() => {});
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function start(
  port: number,
  folder: string,
  given: readonly string[],
): Promise<Deno.ChildProcess> {
  const process = new Deno.Command("redis-server", {
    args: [
      ...given,
      ...["--bind", "127.0.0.1"],
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
