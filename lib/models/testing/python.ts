/** A Python with the packages that a test needs, or why there is none. */
export type PythonFound =
  | { readonly command: string; readonly missing: null }
  | { readonly command: null; readonly missing: string };

/**
 * Looks for Python with some packages: the program that PARSIMONY_PYTHON names, else `python3`.
 *
 * @param packages Names to import, such as `safetensors`.
 */
export async function findPython(packages: readonly string[]): Promise<PythonFound> {
  const command = Deno.env.get("PARSIMONY_PYTHON") || "python3";
  const none = (missing: string) => ({ command: null, missing });
  try {
    const { code, stderr } = await new Deno.Command(command, {
      args: ["-c", `import ${packages.join(", ")}`],
      stdout: "null",
    }).output();
    if (code === 0) return { command, missing: null };
    const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    return none(`${command} cannot import ${packages.join(", ")}: ${last}`);
  } catch (error) {
    return none(`${command} cannot be run: ${(error as Error).message}`);
  }
}

/** Runs a script with JSON on its standard input and reads JSON from its standard output. */
export async function runPython<Answer>(
  command: string,
  script: string,
  input: unknown,
): Promise<Answer> {
  const process = new Deno.Command(command, {
    args: [script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  if (code !== 0) {
    throw new Error(`${script} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout)) as Answer;
}
