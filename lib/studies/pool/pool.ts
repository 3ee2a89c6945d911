import { isNotCapable } from "../../core/runtime/errors.ts";
import type { RunRecord } from "../../records/run_record.ts";
import { checkRunRecord } from "../../records/check_record.ts";
import { configuration } from "../../core/module_graph.ts";
import { OutsideTrouble } from "../../core/outside_trouble.ts";
import { numericsVersion } from "../../core/version.ts";
import { wait } from "../../core/wait.ts";
import type { RunRequest } from "../../training/run_request.ts";
import { failedRecord } from "./_failed_record.ts";
import type { FromChild } from "./protocol.ts";
import { type Child, startChild } from "./_child_process.ts";
import { memoryGuard } from "./memory.ts";
import { fifo } from "./_fifo.ts";
import type { OnProgress, SubmittedRun } from "./_submitted_run.ts";
import { checkPoolOptions, type PoolOptions } from "./pool_options.ts";

export type { PoolOptions } from "./pool_options.ts";
export type { OnProgress } from "./_submitted_run.ts";

/** Training processes that do runs. */
export interface Pool {
  /** How many runs may go on at once. */
  readonly workers: number;
  /**
   * Does a run and gives its record, `failed` if it could not be done twice.
   *
   * Rejects with {@link PoolCancelled} if the pool was cancelled, with {@link OutsideTrouble} if what
   * is outside of the run is to blame (the same run may be submitted again later), or with another
   * error if no process can do any run.
   */
  submit(request: RunRequest, onProgress?: OnProgress): Promise<RunRecord>;
  /**
   * Tells all runs to end and the processes to exit; those that have not after the grace period are
   * killed. Runs that finish meanwhile are given as usual, the others are rejected.
   */
  cancel(): Promise<void>;
  /** Ends all processes; to be called in any case. */
  close(): Promise<void>;
}

/** Why a run was not done: the pool was cancelled. */
export class PoolCancelled extends Error {
  override name = "PoolCancelled";
}

/** Tries of one run before it is recorded as failed. */
const allowedAttempts = 2;
/** Processes that may end before they are ready, one after the other, before the runs are given back. */
const allowedFalseStarts = 3;

/** A process that is not ready to train after so long is replaced. */
const startSeconds = 60;

interface Task extends SubmittedRun {
  attempts: number;
}

interface Slot {
  child: Child;
  ready: boolean;
  /** What it works on, or (before it is ready) what it was started for. */
  task: Task | null;
  working: boolean;
  /** Seconds since it was last heard of. */
  silent: number;
  /** Threads of its run. */
  threads: number;
  /** Its resident memory as last heard of, bytes. */
  resident: number;
  /** Resolves when the process is gone. */
  stopping: Promise<void> | null;
}

/**
 * Starts a pool of training processes. Processes start when there is work for them and stay for the
 * next run.
 *
 * A process that crashes, exhausts its heap, throws or makes no progress costs one run, which is
 * done once more in a fresh process and then recorded as `failed`. One that cannot be started, or
 * misses what is outside of its run, costs none: the run is given back with {@link OutsideTrouble}.
 *
 * @throws {TypeError | RangeError} On unknown options or values out of range.
 */
export function startPool(options: PoolOptions): Pool {
  return new ProcessPool(options);
}

class ProcessPool implements Pool {
  readonly workers: number;
  readonly #settings: ReturnType<typeof checkPoolOptions>;
  readonly #memory: ReturnType<typeof memoryGuard>;
  readonly #slots = new Set<Slot>();
  readonly #queue = fifo<Task>();
  readonly #isConfigured: boolean;
  readonly #tick: number;
  readonly #watchdog: ReturnType<typeof setInterval>;
  #ticked = performance.now();
  #falseStarts = 0;
  #fatal: Error | null = null;
  #cancelling = false;

  constructor(options: PoolOptions) {
    this.#settings = checkPoolOptions(options);
    this.workers = this.#processes;
    this.#memory = memoryGuard(this.#settings);
    this.#isConfigured = this.#hasConfiguration();
    this.#tick = Math.min(1, this.#settings.noProgressSeconds / 4);
    this.#watchdog = setInterval(() => this.#look(), this.#tick * 1000);
  }

  #hasConfiguration(): boolean {
    return configuration(this.#settings.project).length > 0;
  }

  #look(): void {
    const now = performance.now();
    // When this thread itself was busy (a cell that computes), messages wait unread: such time is
    // no child's silence.
    const elapsed = Math.min((now - this.#ticked) / 1000, 2 * this.#tick);
    this.#ticked = now;
    for (const slot of this.#slots) {
      if (slot.stopping !== null || (slot.ready && !slot.working)) continue;
      slot.silent += elapsed;
      const limit = slot.ready ? this.#settings.noProgressSeconds : startSeconds;
      if (slot.silent > limit) {
        this.#lose(slot, `made no progress for ${limit} seconds and was ended`);
      }
    }
    // Memory may have become free for a process that was not started.
    this.#distribute();
  }

  /** Processes at once. */
  get #processes(): number {
    const { threads, workers } = this.#settings;
    return threads === "auto" ? workers : Math.floor(workers / threads);
  }

  #distribute(): void {
    this.#hand();
    this.#shareThreads();
  }

  #hand(): void {
    if (this.#cancelling || this.#fatal !== null) return;
    for (const slot of this.#slots) {
      if (!slot.ready || slot.working || slot.stopping !== null) continue;
      const task = this.#queue.take();
      if (task === undefined) return;
      this.#begin(slot, task);
    }
    let starting = [...this.#slots].filter((slot) => !slot.ready && slot.task === null).length;
    while (
      starting < this.#queue.length() && this.#active().length < this.#processes &&
      this.#memory.fits(this.#active())
    ) {
      this.#startSlot(null);
      starting++;
    }
  }

  #active(): Slot[] {
    return [...this.#slots].filter((slot) => slot.stopping === null);
  }

  #startSlot(task: Task | null): void {
    const idle = { working: false, silent: 0, threads: 1, resident: 0, stopping: null };
    const slot = { ready: false, task, ...idle } as
      & Omit<Slot, "child">
      & { child?: Child };
    try {
      if (this.#isConfigured && !this.#hasConfiguration()) {
        throw new Error(`there is no deno.json in ${this.#settings.project} any more`);
      }
      slot.child = startChild(this.#settings, {
        message: (message) => this.#hear(slot as Slot, message),
        log: this.#settings.onLog,
        exit: (reason) => this.#gone(slot as Slot, reason),
      });
    } catch (error) {
      if (isNotCapable(error)) {
        this.#giveUp(error);
        task?.reject(error);
      } else {
        this.#cannotStart((error as Error).message, task);
      }
      return;
    }
    this.#slots.add(slot as Slot);
  }

  #begin(slot: Slot, task: Task): void {
    slot.task = task;
    slot.working = true;
    slot.silent = 0;
    slot.threads = this.#threadsOfRun();
    slot.child.send({ type: "run", request: { ...task.request, threads: slot.threads } });
    this.#shareThreads();
  }

  #working(): Slot[] {
    return this.#active().filter(({ working }) => working);
  }

  /** Threads of one of the runs that go on, with those that a process is there or starts for. */
  #threadsOfRun(): number {
    const { threads, workers } = this.#settings;
    if (threads !== "auto") return threads;
    const [working, idle] = [true, false].map((working) =>
      this.#active().filter((slot) => slot.working === working)
    );
    const waiting = this.#queue.length() + idle.filter(({ task }) => task !== null).length;
    const runs = working.length + Math.min(idle.length, waiting);
    return Math.max(1, Math.floor(workers / Math.max(1, runs)));
  }

  /** Gives runs the threads that others have left, or takes them back: no bit depends on it. */
  #shareThreads(): void {
    if (this.#settings.threads !== "auto") return;
    const threads = this.#threadsOfRun();
    this.#working().forEach((slot) => {
      if (threads !== slot.threads) slot.child.send({ type: "threads", threads });
      slot.threads = threads;
    });
  }

  #hear(slot: Slot, message: FromChild): void {
    if (slot.stopping !== null && !this.#cancelling) return;
    slot.silent = 0;
    const task = slot.task;
    if ("resident" in message) this.#memory.saw(slot.resident = message.resident);
    if (message.type === "ready") {
      slot.ready = true;
      this.#falseStarts = 0;
      if (task !== null && !this.#cancelling) this.#begin(slot, task);
      else this.#distribute();
    } else if (message.type === "unusable") {
      this.#lose(slot, `could not load what trains: ${message.message}`);
    } else if (message.type === "progress") {
      task?.onProgress(message.step, message.steps, message.latest);
    } else if (message.type === "done") {
      this.#finish(slot, message.record);
    } else if (message.type === "threw") {
      this.#lose(
        slot,
        message.outside ? new OutsideTrouble(message.message) : `failed with ${message.message}`,
      );
    } else if (task !== null) {
      slot.task = null;
      slot.working = false;
      task.reject(cancelledError(task));
    }
  }

  #finish(slot: Slot, record: RunRecord): void {
    const { task } = slot;
    if (task === null) return;
    const { id } = task.request;
    try {
      checkRunRecord(record);
      if (record.id !== id) throw new TypeError(`run.id must be ${id}, found ${record.id}.`);
    } catch (error) {
      this.#lose(slot, `gave no valid record: ${(error as Error).message}`);
      return;
    }
    const engine = this.#settings.engine ?? record.engine;
    if (record.engine !== engine || record.numericsVersion !== numericsVersion) {
      this.#giveUp(
        new Error(
          `A training process computed with engine ${record.engine} (numerics version ` +
            `${record.numericsVersion}), but the study's runs are of ${engine} (version ` +
            `${numericsVersion}). Nothing of it was recorded.`,
        ),
      );
      return;
    }
    slot.task = null;
    slot.working = false;
    task.resolve({ ...record, attempts: task.attempts + 1 });
    this.#distribute();
  }

  /** A process cannot be used any more: it is replaced, and its run goes on, fails or is given back. */
  #lose(slot: Slot, reason: string | OutsideTrouble): void {
    if (slot.stopping !== null) return;
    slot.child.kill();
    slot.stopping = slot.child.stop(this.#settings.graceSeconds);
    this.#afterLoss(slot, reason);
  }

  #gone(slot: Slot, reason: string): void {
    this.#slots.delete(slot);
    if (slot.stopping === null) {
      slot.stopping = Promise.resolve();
      this.#afterLoss(slot, reason);
    }
  }

  #afterLoss(slot: Slot, reason: string | OutsideTrouble): void {
    const { task } = slot;
    slot.task = null;
    if (this.#cancelling || this.#fatal !== null) {
      task?.reject(this.#fatal ?? cancelledError(task));
      return;
    }
    if (!slot.ready) {
      if (++this.#falseStarts >= allowedFalseStarts) {
        this.#cannotStart(`the process ${reason}`, task);
      } else if (task !== null) this.#startSlot(task);
      else this.#distribute();
      return;
    }
    if (task === null) return this.#distribute();
    if (reason instanceof OutsideTrouble) {
      task.reject(reason);
      return this.#distribute();
    }
    task.attempts++;
    if (task.attempts < allowedAttempts) {
      this.#startSlot(task);
    } else {
      const { request, attempts, submitted } = task;
      const durationSeconds = (performance.now() - submitted) / 1000;
      const error = `The run's process ${reason}.`;
      const engine = this.#settings.engine ?? request.engine;
      task.resolve(failedRecord(request, { engine, error, attempts, durationSeconds }));
      this.#distribute();
    }
  }

  /** Gives all runs back that wait for a process; those that have one go on. */
  #cannotStart(reason: string, task: Task | null): void {
    this.#falseStarts = 0;
    const trouble = new OutsideTrouble(`Cannot start training processes: ${reason}.`);
    task?.reject(trouble);
    for (const waiting of this.#queue.takeAll()) waiting.reject(trouble);
  }

  #giveUp(error: Error): void {
    this.#fatal ??= error;
    for (const task of this.#queue.takeAll()) task.reject(this.#fatal);
    for (const slot of this.#slots) this.#lose(slot, "is not needed any more");
  }

  async #endAll(): Promise<void> {
    for (const slot of this.#slots) slot.stopping ??= slot.child.stop(this.#settings.graceSeconds);
    await Promise.all([...this.#slots].map((slot) => slot.stopping));
    clearInterval(this.#watchdog);
  }

  submit(request: RunRequest, onProgress: OnProgress = () => {}): Promise<RunRecord> {
    if (this.#fatal !== null) return Promise.reject(this.#fatal);
    if (this.#cancelling) return Promise.reject(new PoolCancelled("The pool was closed."));
    return new Promise((resolve, reject) => {
      const submitted = performance.now();
      this.#queue.push({ request, onProgress, resolve, reject, submitted, attempts: 0 });
      this.#distribute();
    });
  }

  async cancel(): Promise<void> {
    this.#cancelling = true;
    for (const task of this.#queue.takeAll()) task.reject(cancelledError(task));
    for (const { child, working } of this.#slots) if (working) child.send({ type: "cancel" });
    const deadline = performance.now() + this.#settings.graceSeconds * 1000;
    while ([...this.#slots].some(({ working }) => working) && performance.now() < deadline) {
      await wait(20);
    }
    for (const slot of this.#slots) if (slot.working) this.#lose(slot, "was cancelled");
    await this.#endAll();
  }

  async close(): Promise<void> {
    this.#cancelling = true;
    for (const task of this.#queue.takeAll()) task.reject(cancelledError(task));
    await this.#endAll();
  }
}

function cancelledError(task: Task | null): PoolCancelled {
  return new PoolCancelled(`Run ${task?.request.id ?? ""} was cancelled before its end.`);
}
