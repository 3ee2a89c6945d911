import { OutsideTrouble } from "../core/outside_trouble.ts";
import { formatDuration } from "./reporter.ts";

/** Waiting for what is outside of runs, such as a corpus whose file is away. */
export interface Patience {
  /**
   * Does what trouble outside of it may stop, and does it again while it is stopped.
   *
   * @param attempt What is done. It calls `trains` once nothing that it needs to begin is missing.
   * @param options `isVital`: whether nothing counts without it, such as writing the journal: then the
   * patience is over even while runs train.
   * @returns What the attempt gives in the end.
   * @throws {OutsideTrouble} The trouble, when the patience is over.
   */
  through<T>(
    attempt: (trains: () => void) => T | Promise<T>,
    options?: { readonly isVital?: boolean },
  ): Promise<T>;
  /** Ends all waiting at once with an error. */
  end(error: Error): void;
}

/** One thing that is missing. */
interface Trouble {
  readonly key: string;
  readonly error: OutsideTrouble;
  readonly since: number;
  readonly isVital: boolean;
  /** Milliseconds until the next attempt. */
  pause: number;
  readonly waiting: { go(): void; fail(error: Error): void }[];
  timer: ReturnType<typeof setTimeout> | null;
  /** Whether one that waited for it is being tried. */
  isTried: boolean;
}

const firstPause = 500;
const longestPause = 15_000;
const lookPause = 100;

/**
 * Tries again what trouble outside of it has stopped, one attempt for each thing that is missing, with
 * pauses of 0.5 s, 1 s, 2 s … 15 s; when one comes through, all that waited for the same thing go on.
 *
 * @param options `seconds`: for how long nothing at all may train before the waiting ends with the
 * trouble. `warn`: told once what is missing, and once when it is back.
 */
export function startPatience(
  { seconds, warn }: { readonly seconds: number; readonly warn: (message: string) => void },
): Patience {
  const training = new Set<object>();
  const troubles = watchTroubles({ seconds, warn, isTraining: () => training.size > 0 });

  return {
    async through(attempt, { isVital = false } = {}) {
      const run = {};
      let trouble: Trouble | null = null;
      // What is missing at its end only is not there because it trains.
      let isMissingLate = false;
      for (;;) {
        let trains = false;
        try {
          const result = await attempt(() => {
            if (trains) return;
            trains = true;
            if (isMissingLate) return;
            training.add(run);
            if (trouble !== null) troubles.close(trouble, true);
            trouble = null;
          });
          if (trouble !== null) troubles.close(trouble, true);
          return result;
        } catch (error) {
          if (!(error instanceof OutsideTrouble) || error.waited) throw error;
          training.delete(run);
          isMissingLate ||= trains;
          const next = troubles.of(error, isVital);
          const wasTried = trouble === next;
          if (trouble !== null && !wasTried) troubles.close(trouble, false);
          trouble = next;
          await troubles.wait(next, wasTried);
        } finally {
          training.delete(run);
        }
      }
    },
    end: troubles.end,
  };
}

/**
 * What is missing, and who waits for it.
 *
 * @param options As of {@link startPatience}; `isTraining`: whether anything trains now.
 */
function watchTroubles({ seconds, warn, isTraining }: {
  readonly seconds: number;
  readonly warn: (message: string) => void;
  readonly isTraining: () => boolean;
}) {
  const troubles = new Map<string, Trouble>();
  let lastTrained = 0;
  let ended: Error | null = null;
  let looking: ReturnType<typeof setInterval> | undefined;

  function troubleOf(error: OutsideTrouble, isVital: boolean): Trouble {
    // Of files by run, such as weights, one stands for all.
    const key = error.message.replace(/[0-9a-f]{64}/g, "");
    let trouble = troubles.get(key);
    if (trouble !== undefined) return trouble;
    const since = performance.now();
    if (troubles.size === 0) {
      lastTrained = since;
      looking = setInterval(look, lookPause);
    }
    trouble = {
      key,
      error,
      since,
      isVital,
      pause: firstPause,
      waiting: [],
      timer: null,
      isTried: false,
    };
    troubles.set(key, trouble);
    if (seconds > 0) {
      warn(`${error.message} ${patienceInWords(seconds)}`);
    }
    return trouble;
  }

  /** Lets all go on that waited for it. */
  function close(trouble: Trouble, isBack: boolean): void {
    if (troubles.get(trouble.key) !== trouble) return;
    troubles.delete(trouble.key);
    if (troubles.size === 0) clearInterval(looking);
    if (trouble.timer !== null) clearTimeout(trouble.timer);
    if (isBack) {
      const duration = formatDuration((performance.now() - trouble.since) / 1000);
      warn(
        `What was missing is back after ${duration}, and its runs go on: ${trouble.error.message}`,
      );
    }
    for (const { go } of trouble.waiting) go();
  }

  function look(): void {
    const now = performance.now();
    if (isTraining()) lastTrained = now;
    const isOver = (since: number) => now - since >= seconds * 1000;
    const all = [...troubles.values()];
    if (!isOver(lastTrained) && !all.some(({ isVital, since }) => isVital && isOver(since))) return;
    for (const { error, waiting } of all) {
      const waited = new OutsideTrouble(error.message, { cause: error, waited: seconds > 0 });
      for (const { fail } of waiting.splice(0)) fail(waited);
    }
  }

  function wait(trouble: Trouble, wasTried: boolean): Promise<void> {
    if (ended !== null) return Promise.reject(ended);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    trouble.waiting.push({ go: resolve, fail: reject });
    if (wasTried) {
      trouble.isTried = false;
      trouble.pause = Math.min(2 * trouble.pause, longestPause);
    }
    if (trouble.timer === null && !trouble.isTried) {
      trouble.timer = setTimeout(() => {
        trouble.timer = null;
        const next = trouble.waiting.shift();
        trouble.isTried = next !== undefined;
        next?.go();
      }, trouble.pause);
    }
    look();
    return promise;
  }

  return {
    of: troubleOf,
    close,
    wait,
    end(error: Error): void {
      ended = error;
      clearInterval(looking);
      for (const { timer, waiting } of troubles.values()) {
        if (timer !== null) clearTimeout(timer);
        for (const { fail } of waiting.splice(0)) fail(error);
      }
      troubles.clear();
    },
  };
}

function patienceInWords(seconds: number): string {
  return "This is no failure of runs: what needs it is tried again, with a patience of " +
    `${formatDuration(seconds)}.`;
}
