import type { ConfigurationName } from "./configurations.ts";

/** Largest ratio of our time to PyTorch's that a row must, or should, reach. */
export interface Target {
  readonly must: number;
  readonly hoped: number | null;
}

type Measured = ConfigurationName | "sweep";

const must: Readonly<Record<string, Readonly<Partial<Record<Measured, number>>>>> = {
  native: { A: 0.5, B: 0.65, C: 0.7, D: 0.8, E: 0.7, sweep: 0.6 },
  wasm: { A: 1.4, B: 2.5, C: 2.5, D: 2.5, E: 2.5, sweep: 1.5 },
};
const hoped: Readonly<Partial<Record<Measured, number>>> = {
  A: 0.3,
  B: 0.55,
  C: 0.5,
  D: 0.5,
  E: 0.5,
  sweep: 0.35,
};

/** Target of a configuration, or of the sweep, on an engine; null where there is none. */
export function targetOf(measured: Measured, engine: string): Target | null {
  const least = must[engine]?.[measured];
  if (least === undefined) return null;
  return { must: least, hoped: engine === "native" ? hoped[measured] ?? null : null };
}

/** Says whether a ratio reaches its target. */
export function verdict(ratio: number, target: Target): string {
  if (target.hoped !== null && ratio <= target.hoped) {
    return `reached (must ${target.must}, hoped for ${target.hoped})`;
  }
  const wish = target.hoped === null ? "" : `; hoped for ${target.hoped}`;
  return ratio <= target.must ? `met (must ${target.must}${wish})` : `MISSED (must ${target.must})`;
}
