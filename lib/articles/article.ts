/** A point in which an article's code and its formula, or its code and what can run, differ. */
export interface Difference {
  /** Short name, for a table. */
  readonly name: string;
  /** What the article states. */
  readonly stated: string;
  /** What its code does. */
  readonly written: string;
  /** What follows from it. */
  readonly effect: string;
}

/** What had to be done before an article's printed code could run. */
export interface Repair {
  /** Short name, for a table. */
  readonly name: string;
  /** What the printed code says. */
  readonly printed: string;
  /** What was needed here. */
  readonly needed: string;
  /** Why. */
  readonly why: string;
}
