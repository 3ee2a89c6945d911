import type { Participant } from "./participants.ts";
import { stepsFor } from "./statistics.ts";

/** Least time of steps before anything counts: compilers of both sides do their work then. */
const warmUpMilliseconds = 1000;

/** Runs steps until they are warm; the result measures a turn of so many milliseconds at least. */
export async function warmUp(
  participant: Participant<unknown>,
  request: object,
  { milliseconds }: { readonly milliseconds: number },
): Promise<() => Promise<number>> {
  const ask = async (steps: number) =>
    (await participant.ask<{ milliseconds: number }>({ ...request, steps })).milliseconds;
  await ask(3);
  let spent = 0;
  let last = 0;
  for (let steps = 2; spent < warmUpMilliseconds; steps *= 2) {
    last = await ask(steps);
    spent += last * steps;
  }
  const steps = stepsFor(milliseconds, last);
  return () => ask(steps);
}
