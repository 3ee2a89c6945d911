const variable = "PARSIMONY_TEST_CLOCK";

/** Environment under which the clocks of a test's processes jump. */
export const jumpingClockEnvironment: Record<string, string> = { [variable]: "jumps" };

/**
 * Makes the wall clock of this process jump at each reading, a day back or a year forth, if the
 * environment says so: what an administrator, a virtual machine or a time server may do to it.
 */
export function jumpingClock(): void {
  if (Deno.env.get(variable) === undefined) return;
  const day = 24 * 3600 * 1000;
  const { now } = Date;
  let readings = 0;
  const jump = () => now() + (++readings % 2 === 0 ? 365 * day : -day);
  globalThis.Date = class extends Date {
    constructor(...given: unknown[]) {
      // deno-lint-ignore no-explicit-any -- the constructor has many signatures
      super(...(given.length === 0 ? [jump()] : given) as [any]);
    }
    static override now = jump;
  } as DateConstructor;
}
