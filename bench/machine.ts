import os from "node:os";

/** Where a bench ran. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  readonly system: string;
  readonly deno: string;
  /** Processes that wanted a core in the minute before the bench: about 0 on a quiet machine. */
  readonly loadBefore: number;
  readonly date: string;
}

/** Describes the machine; to be called before the bench makes it busy. */
export function describeMachine(): Machine {
  return {
    processor: os.cpus()[0]?.model.trim() || "unknown",
    cores: os.cpus().length,
    memoryGibibytes: Math.round(os.totalmem() / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    loadBefore: Deno.loadavg()[0],
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The machine in one line. */
export function machineLine(machine: Machine): string {
  const { processor, cores, memoryGibibytes, system, deno, loadBefore, date } = machine;
  return `${processor}, ${cores} cores, ${memoryGibibytes} GiB, ${system}; Deno ${deno}; load ` +
    `before the bench ${loadBefore.toFixed(2)}; ${date}`;
}
