// A process of its own for one permission: `deno task start` itself reads the project only.
// Says why the file of its argument cannot be read, or nothing.

import { isNotFound } from "../core/runtime/errors.ts";
import { openFile, stat } from "../core/runtime/files.ts";
import { commandLine } from "../core/runtime/own_process.ts";
import { writeToOutput } from "../core/runtime/standard_streams.ts";

const [path] = commandLine;
try {
  const { isFile } = await stat(path);
  if (!isFile) throw new Error("it is no file");
  (await openFile(path)).close();
} catch (error) {
  const reason = isNotFound(error) ? "there is no such file" : (error as Error).message;
  writeToOutput(reason);
}
