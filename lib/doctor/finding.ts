/** One thing that was looked for. */
export interface Finding {
  readonly subject: string;
  /** `broken`: nothing works without it. */
  readonly state: "found" | "missing" | "broken" | "note";
  readonly detail: string;
  /** What it costs that it is missing, or what to do; null when there is nothing to say. */
  readonly advice: string | null;
}
