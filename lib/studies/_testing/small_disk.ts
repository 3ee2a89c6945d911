/** A disk that is soon full, where a test may mount one. */
export interface SmallDisk {
  readonly folder: string;
  /** Makes the disk larger. */
  makeRoom(): Promise<void>;
  /** Refuses every further write. */
  makeReadOnly(): Promise<void>;
}

const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";

async function command(name: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  for (const name of ["mount", "umount"]) {
    const { state } = await Deno.permissions.query({ name: "run", command: name });
    if (state !== "granted") return false;
  }
  const folder = await Deno.makeTempDir();
  const mounted = await mount(folder);
  if (mounted) await command("umount", folder);
  await Deno.remove(folder);
  return mounted;
}

const mount = (folder: string) =>
  command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder);

/** Whether this process may mount a tmpfs. */
export const mountable = await canMount();

/** A test on a tmpfs of 128 KiB; ignored, with the reason in its name, where none can be mounted. */
export function withSmallDisk(name: string, use: (disk: SmallDisk) => Promise<void>): void {
  const ignore = !mountable && !required;
  const reason = mountable ? "" : " (skipped: no tmpfs can be mounted; needs root and Linux)";
  Deno.test({
    name: `${name}${reason}`,
    ignore,
    async fn() {
      await using disk = await mountSmallDisk();
      await use(disk);
    },
  });
}

/** Mounts a tmpfs of 128 KiB; disposing of it unmounts it. */
export async function mountSmallDisk(): Promise<SmallDisk & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-disk-" });
  if (!await mount(folder)) throw new Error("Cannot mount a tmpfs: it needs root on Linux.");
  return {
    folder,
    async makeRoom() {
      await command("mount", "-o", "remount,size=16m", folder);
    },
    async makeReadOnly() {
      await command("mount", "-o", "remount,ro", folder);
    },
    async [Symbol.asyncDispose]() {
      await command("umount", folder);
      await Deno.remove(folder);
    },
  };
}
