// A process of its own for one permission: `deno task start` itself reads the project only.
// Says why the file of its argument cannot be read, or nothing.

const [path] = Deno.args;
try {
  const { isFile } = await Deno.stat(path);
  if (!isFile) throw new Error("it is no file");
  (await Deno.open(path)).close();
} catch (error) {
  const reason = error instanceof Deno.errors.NotFound
    ? "there is no such file"
    : (error as Error).message;
  await Deno.stdout.write(new TextEncoder().encode(reason));
}
