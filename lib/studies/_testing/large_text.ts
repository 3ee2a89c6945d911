import { join } from "node:path";
import type { LargeTextOutcome, LargeTextRequest } from "./large_text_process.ts";
import { exists, outcomeOf, signal, startScript, trainingProcesses } from "./processes.ts";

/** How a study on a large text went, and the most memory that each of its processes had at once, MiB. */
export interface LargeTextMeasurement extends LargeTextOutcome {
  readonly coordinatorMebibytes: number;
  /** Of each training process, in the order of their starts. */
  readonly trainingMebibytes: readonly number[];
}

/** Runs it in processes of its own. */
export async function runLargeText(
  project: string,
  request: LargeTextRequest,
): Promise<LargeTextMeasurement> {
  const process = startScript(project, "large_text_process.ts", [JSON.stringify(request)]);
  const peaks = new Map<number, number>();
  let ended = false;
  const outcome = outcomeOf(process).finally(() => ended = true);
  while (!ended) {
    for (const pid of [process.pid, ...await trainingProcesses(process.pid)]) {
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, await highWater(pid)));
    }
    await pause();
  }
  const { success, out, errors } = await outcome;
  if (!success) throw new Error(`The study ${request.name} failed: ${errors}`);
  const [coordinatorMebibytes, ...trainingMebibytes] = peaks.values();
  return { ...JSON.parse(out), coordinatorMebibytes, trainingMebibytes };
}

/** Starts it, and kills all its processes while the first tokens are being written. */
export async function killWhileTokenizing(
  project: string,
  request: LargeTextRequest,
): Promise<void> {
  const process = startScript(project, "large_text_process.ts", [JSON.stringify(request)]);
  let ended = false;
  const outcome = outcomeOf(process).finally(() => ended = true);
  while (!storedTokens(project).some(({ unfinished }) => unfinished)) {
    if (ended) throw new Error(`The study ended before it made tokens: ${(await outcome).errors}`);
    await pause();
  }
  for (const pid of [process.pid, ...await trainingProcesses(process.pid)]) {
    await signal(pid, "KILL");
  }
  await outcome;
}

/** Folders of tokens of a project, whether each is whole, and when it was made. */
export function storedTokens(
  project: string,
): { readonly name: string; readonly unfinished: boolean; readonly made: number }[] {
  const folder = join(project, ".temporary", "tokens");
  if (!exists(folder)) return [];
  return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory).map(({ name }) => {
    const { mtime } = Deno.statSync(join(folder, name));
    return { name, unfinished: name.endsWith(".unfinished"), made: mtime!.getTime() };
  });
}

/** The most memory that a process had at once, MiB; 0 once it is gone. */
async function highWater(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("grep", {
    args: ["VmHWM", `/proc/${pid}/status`],
    stderr: "null",
  }).output();
  return Number(/\d+/.exec(new TextDecoder().decode(stdout))?.[0] ?? 0) / 1024;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
