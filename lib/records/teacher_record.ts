import type { JsonObject } from "../core/json.ts";

/** The runs whose predictions a run learns, as its specification names them. */
export interface TeacherRecord {
  /** Point of the same study. */
  readonly point: JsonObject;
  /** Seeds of its runs; `own` for the one of the student's seed. */
  readonly seeds: "own" | readonly number[];
  /** Share of the training loss that the divergence from them makes. */
  readonly share: number;
  /** Divisor of the logits of both sides. */
  readonly temperature: number;
  /** What is averaged over several runs. */
  readonly mean: "probabilities" | "logits";
}

/** The teacher that a stored specification names; null for none. */
export function teacherOf(specification: JsonObject): TeacherRecord | null {
  const { training } = specification as { training?: { teacher?: TeacherRecord | null } };
  return training?.teacher ?? null;
}
