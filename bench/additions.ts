import { checkOneOf } from "../lib/core/check.ts";
import type { ConfigurationName } from "./configurations.ts";

/** What a row's trainings add to forward, backward and Adam; `peer.py` has PyTorch's. */
export const additionNames = [
  "none",
  "penalties",
  "EMA",
  "Muon",
  "stochastic depth",
  "R-Drop",
] as const;
export type Addition = typeof additionNames[number];

/** What is known of an addition. */
interface Known {
  /** In the tables' narrow column. */
  readonly short: string;
  /** Where it is measured. */
  readonly configurations: readonly ConfigurationName[];
  /** Modes of the peer that it is tried in. */
  readonly peerModes: readonly string[];
  /** Most that it may add to a step on `native`, as a share of the step without; null for no target. */
  readonly mostShare: number | null;
  /** Largest ratio of our time to PyTorch's; null for the configuration's own. */
  readonly mostRatio: number | null;
}

const all = ["A", "B", "C", "D", "E"] as const;
const modes = ["eager", "compile"];

/** The additions by name. */
export const additions: Readonly<Record<Addition, Known>> = {
  none: {
    short: "none",
    configurations: [...all, "F"],
    peerModes: modes,
    mostShare: null,
    mostRatio: null,
  },
  /** Proximal L1 and decoupled decay. */
  penalties: {
    short: "L1 + decay",
    configurations: all,
    peerModes: [...modes, "compile penalty"],
    mostShare: 0.05,
    mostRatio: null,
  },
  EMA: {
    short: "EMA",
    configurations: all,
    peerModes: modes,
    mostShare: 0.02,
    mostRatio: null,
  },
  Muon: {
    short: "Muon",
    configurations: all,
    peerModes: modes,
    mostShare: null,
    mostRatio: 1,
  },
  "stochastic depth": {
    short: "depth",
    configurations: ["D"],
    peerModes: modes,
    mostShare: null,
    mostRatio: null,
  },
  /** Two passes of a model with dropout, and what lies between them. */
  "R-Drop": {
    short: "R-Drop",
    configurations: ["A", "D"],
    peerModes: modes,
    mostShare: null,
    mostRatio: null,
  },
};

/** An addition given on the command line, or a RangeError that names all. */
export function checkAddition(name: string): Addition {
  return checkOneOf("--with", name, additionNames);
}
