import type { HandArm, HandLoss } from "./arms_hand_study.ts";

/** A point with the same choosing loss on every fold. */
export const everyFold = (choosing: number, ...heldOut: number[]): HandLoss[] =>
  heldOut.map((loss) => [choosing, loss]);

const points = [{ x: 1 }, { x: 2 }];

/** A point that no fold of four chooses beside those below. */
export const unchosen = everyFold(5, 9, 9, 9, 9);

/** An arm whose first point is chosen on all four folds. */
export const none: HandArm = { points, losses: [everyFold(1, 2.0, 2.2, 2.1, 2.3), unchosen] };

/** An arm whose second point is chosen: 0.2, 0.3, 0.2, 0.3 below {@link none}. */
export const decay: HandArm = { points, losses: [unchosen, everyFold(1, 1.8, 1.9, 1.9, 2.0)] };

/** An arm whose first point is chosen: 0.1 above, below, above and below {@link none}. */
export const dropout: HandArm = { points, losses: [everyFold(1, 2.1, 2.1, 2.2, 2.2), unchosen] };
