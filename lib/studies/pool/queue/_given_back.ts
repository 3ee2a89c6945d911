/** First and longest pause before a run that was given back is tried again, milliseconds. */
const [firstPause, longestPause] = [500, 5000];

/** Runs that were given back and not heard of since. */
export interface GivenBack<Task> {
  /**
   * Says once of each kind of reason why a run was not done.
   *
   * @param kind Other words for the kind; the reason without what names a run when left out.
   * @returns Milliseconds until it may be tried again: more each time in a row.
   */
  add(task: Task, why: string, kind?: string): number;
  /** To be told that something is done of a run: what else is in the way is waited for anew. */
  goesOn(task: Task): void;
  /** Leaves a run out. */
  remove(task: Task): void;
  has(task: Task): boolean;
  /** Why runs are not done, if for so many seconds nothing was; else null. */
  inTheWay(seconds: number): string | null;
}

/** Nothing was given back yet. */
export function givenBack<Task extends object>(warn: (message: string) => void): GivenBack<Task> {
  const reasons = new Map<Task, string>();
  const times = new WeakMap<Task, number>();
  const told = new Set<string>();
  let lastSign = 0;
  return {
    add(task, why, kind = why.replace(/[0-9a-f]{64}/g, "")) {
      if (!told.has(kind)) {
        told.add(kind);
        warn(`${why} It is no failure of the run, which is put on the queue again.`);
      }
      if (reasons.size === 0) lastSign = performance.now();
      reasons.set(task, why);
      const before = times.get(task) ?? 0;
      times.set(task, before + 1);
      return Math.min(longestPause, firstPause * 2 ** before);
    },
    goesOn(task) {
      lastSign = performance.now();
      reasons.delete(task);
      times.delete(task);
    },
    remove: (task) => void reasons.delete(task),
    has: (task) => reasons.has(task),
    inTheWay(seconds) {
      if (reasons.size === 0 || performance.now() - lastSign < 1000 * seconds) return null;
      return [...new Set(reasons.values())].slice(0, 3).join(" ");
    },
  };
}
