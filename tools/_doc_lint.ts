import { project } from "./_steps.ts";

/**
 * Public symbols without documentation, by `deno doc --lint`.
 *
 * Of its rules we keep those for missing documentation and missing types. Its rule on private types
 * is left out: it wants every type of an option or a result to be exported from the entry itself,
 * although TypeScript users reach them through the functions.
 */
export async function lintDocumentation(entries: readonly string[]): Promise<string[]> {
  const present = [];
  for (const entry of entries) {
    if (await Deno.stat(`${project}/${entry}`).then(() => true, () => false)) present.push(entry);
  }
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...present],
    cwd: project,
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  return problemsIn(new TextDecoder().decode(stderr).replaceAll(`${project}/`, ""));
}

/** Problems of a lint report that we count, one line each with its place; none of packages. */
export function problemsIn(report: string): string[] {
  const found = report.matchAll(/^error(?:\[([a-z-]+)\])?: (.*)\n(?:\s*--> (.*)\n)?/gm);
  return [...found].filter(([, rule, message, place]) =>
    rule !== "private-type-ref" && !place?.includes("/npm/") &&
    !/^Found \d+ documentation lint error/.test(message)
  ).map(([, , message, place]) => place ? `${place}: ${message}` : message);
}
