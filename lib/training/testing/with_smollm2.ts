/** The folder of SmolLM2-135M, a package of 93 MB away; what needs it is not among CI's tests. */
export const smolLm2Folder = Deno.env.get("PARSIMONY_SMOLLM2") || undefined;

/** Whether a test that needs the folder is shown as skipped: not where a skipped test is a failed one. */
const shown = smolLm2Folder !== undefined || !Deno.env.get("PARSIMONY_REQUIRE_ALL");

/** A test of the real model; skipped with its reason where its folder is not there. */
export function testOfSmolLm2(name: string, run: (folder: string) => Promise<void>): void {
  if (!shown) return;
  Deno.test({
    name: smolLm2Folder ? name : `${name} (skipped: PARSIMONY_SMOLLM2 names no folder)`,
    ignore: smolLm2Folder === undefined,
    fn: () => run(smolLm2Folder!),
  });
}
