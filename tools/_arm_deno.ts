import { join } from "node:path";
import { project } from "./_steps.ts";

const folder = join(project, ".temporary", "arm");
const root = join(folder, "root");
const denoPackage = `@deno/linux-arm64-glibc@${Deno.version.deno}`;
/** What Deno links to. */
const libraries = ["libc6", "libgcc-s1", "libstdc++6"];

/**
 * The command that runs Deno's build for AArch64 under an emulator, its parts fetched where they are not
 * there. Debian's packages are unpacked, not installed: nothing outside of the project changes.
 *
 * @throws {Error} If npm or apt-get cannot fetch them.
 */
export async function armDeno(): Promise<readonly [string, ...string[]]> {
  const qemu = join(folder, "usr", "bin", "qemu-aarch64-static");
  const deno = join(folder, "package", "deno");
  const whole = join(folder, `whole-${Deno.version.deno}`);
  if (!await exists(whole)) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Promise.all(
      ["lists/partial", "archives/partial", "debian", "root"].map((name) =>
        Deno.mkdir(join(folder, name), { recursive: true })
      ),
    );
    await Deno.writeTextFile(join(folder, "status"), "");
    await fetchDeno();
    await fetchDebian();
    await Deno.writeTextFile(whole, "");
  }
  return [qemu, "-L", root, deno];
}

async function fetchDeno(): Promise<void> {
  const packed = await run("npm", ["pack", "--silent", denoPackage]);
  await run("tar", ["-xzf", packed.trim().split("\n").at(-1)!, "package/deno"]);
}

async function fetchDebian(): Promise<void> {
  // Lists and cache of its own: the machine's are for its own processor.
  const foreign = [
    `Dir::State::lists=${join(folder, "lists")}`,
    `Dir::State::status=${join(folder, "status")}`,
    `Dir::Cache::archives=${join(folder, "archives")}`,
    "APT::Architecture=arm64",
    "APT::Architectures=arm64",
  ].flatMap((option) => ["-o", option]);
  const debian = join(folder, "debian");
  await run("apt-get", [...foreign, "-qq", "update"]);
  await run("apt-get", [...foreign, "-qq", "download", ...libraries], debian);
  for await (const { name } of Deno.readDir(debian)) {
    await run("dpkg-deb", ["--extract", join(debian, name), root]);
    await Deno.remove(join(debian, name));
  }
  await run("apt-get", ["-qq", "download", "qemu-user-static"], debian);
  for await (const { name } of Deno.readDir(debian)) {
    await run("dpkg-deb", ["--extract", join(debian, name), folder]);
    await Deno.remove(join(debian, name));
  }
}

async function run(program: string, args: readonly string[], cwd = folder): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd })
    .output().catch((error) => {
      throw new Error(`Cannot prepare an emulated processor: ${program} does not start.`, {
        cause: error,
      });
    });
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(
    `Cannot prepare an emulated processor: ${program} ${args.join(" ")} failed: ` +
      new TextDecoder().decode(stderr).trim(),
  );
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
