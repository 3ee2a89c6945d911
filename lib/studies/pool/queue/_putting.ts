import { fifo } from "../_fifo.ts";

/** A run that is to be on a queue. */
export interface Puttable {
  readonly request: { readonly id: string };
  /** Whether it waits here, not on the queue. */
  held: boolean;
}

/** What puts runs on a queue. */
export interface PuttingOptions<Task extends Puttable> {
  add(task: Task): Promise<unknown>;
  /** Takes a run off again; false where a worker has it. */
  takeOff(task: Task): Promise<boolean>;
  /** Whether anybody still waits for a run. */
  isWanted(task: Task): boolean;
  /** Whether the server is well. */
  isWell(): boolean;
  /** Begins with a run that was held. */
  begin(task: Task): void;
  /** Told what a server said that has no room. */
  onFull(error: Error): void;
}

/** Share of the runs on the queue that stays there when the server is full. */
const kept = 0.75;

/** Puts runs on a queue: all of them, or as many as a server has room for that was full once. */
export function startPutting<Task extends Puttable>(options: PuttingOptions<Task>) {
  const { add, takeOff, isWanted, isWell, begin, onFull } = options;
  /** By id, the last one last. */
  const queued = new Map<string, Task>();
  const held = fifo<Task>();
  let room = Infinity;
  let underway = 0;
  let full = false;

  function hold(task: Task): void {
    if (task.held) return;
    task.held = true;
    queued.delete(task.request.id);
    held.push(task);
  }

  /** Takes runs that still wait off a full queue, the last ones first, so that workers can do the others. */
  async function makeRoom(): Promise<void> {
    room = Math.max(1, Math.floor(kept * queued.size));
    for (const task of [...queued.values()].slice(room).reverse()) {
      if (await takeOff(task)) hold(task);
    }
  }

  /** Begins with runs that were held, as many as there is room for. */
  function release(): void {
    while (held.length() > 0 && queued.size < room && isWell()) {
      const task = held.take()!;
      task.held = false;
      if (!isWanted(task)) continue;
      queued.set(task.request.id, task);
      begin(task);
    }
  }

  return {
    /** Ids of the runs on the queue. */
    ids: () => [...queued.keys()],
    release,
    /** Puts a run there; it is held where there is no room. */
    async put(task: Task): Promise<void> {
      if (!isWanted(task)) return;
      const { id } = task.request;
      if (!queued.has(id) && queued.size >= room) return hold(task);
      queued.set(id, task);
      underway++;
      try {
        await add(task);
      } catch (error) {
        if (!/\bOOM\b/.test((error as Error).message)) throw error;
        onFull(error as Error);
        hold(task);
        full = true;
      } finally {
        // When it is known for how many there was room.
        if (--underway === 0 && full) {
          full = false;
          await makeRoom().catch(onFull);
        }
      }
    },
    /** To be told of a run that is not there any more. */
    gone({ request: { id } }: Task): void {
      queued.delete(id);
      // It makes room for itself and one more.
      if (held.length() > 0) room++;
      release();
    },
  };
}
