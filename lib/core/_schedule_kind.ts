import { stored } from "./left_out.ts";
import { checkOptions, type Options } from "./options.ts";

/** What is known of one kind of schedule. */
export interface ScheduleKind<Kind> {
  /** What it takes. */
  readonly options: Options;
  /** Refuses options that do not fit each other. */
  together?(schedule: Omit<Kind, "kind">): void;
  /** Factor in a step, from 1. */
  factor(schedule: Kind, step: number): number;
  /** Largest factor of all steps; Infinity where there is none. */
  highest(schedule: Kind): number;
  /** What of it does not come in a run of so many steps, in words; null where all does. */
  idle?(schedule: Kind, steps: number): string | null;
}

/** A schedule as plain JSON from its checked options. */
export function createSchedule<Kind>(
  kind: string,
  { options, together }: ScheduleKind<Kind>,
  given: object,
): Kind {
  const checked = checkOptions(`${kind}Schedule`, given, options);
  together?.(checked as unknown as Omit<Kind, "kind">);
  return stored({ kind, ...checked }) as unknown as Kind;
}
