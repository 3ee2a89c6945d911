import { ema } from "../ema.ts";
import type { AverageSpecification } from "../kinds.ts";
import { lastEvaluations } from "../last_evaluations.ts";
import { swa } from "../swa.ts";

/** Every kind of average, in each of its forms. */
export const averages: readonly AverageSpecification[] = [
  ema({ decay: 0.9 }),
  ema({ decay: 0.9, start: 3 }),
  ema({ decay: 0.9, every: 2 }),
  ema({ horizon: 4 }),
  ema({ horizon: 9, start: 2, every: 3 }),
  swa({ start: 1, every: 1 }),
  swa({ start: 4, every: 2 }),
  swa({ start: 4, every: 3 }),
  lastEvaluations({ count: 2 }),
  lastEvaluations({ count: 3 }),
  lastEvaluations({ count: 3, weighting: "linear" }),
];
