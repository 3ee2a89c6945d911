import { dirname, join } from "node:path";

/** Copies all files of a folder, as someone does who was given it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) {
      await copyFolder(join(from, name), join(to, name));
      continue;
    }
    await Deno.mkdir(dirname(join(to, name)), { recursive: true });
    await Deno.copyFile(join(from, name), join(to, name));
  }
}
