import type { Training } from "./_transformer.ts";

/** A way of training that is compared. */
export interface Remedy {
  readonly name: string;
  /** The remedy that it is judged against; absent of the first. */
  readonly parent?: string;
  /** What it is, in words. */
  readonly what: string;
  /** Settings that it has besides the learning rate. */
  readonly settings: readonly ("alpha" | "dropout" | "horizon" | "stochasticDepth" | "share")[];
  readonly training: Omit<Training, "excerpt" | "teacher">;
}

const falling = { falls: true };

/** What the search tunes, each with its own learning rate. */
export const tunedRemedies: readonly Remedy[] = [
  { name: "none", what: "no remedy", settings: [], training: falling },
  {
    name: "stopped",
    parent: "none",
    what: "early stopping at a constant rate",
    settings: [],
    training: { falls: false, patience: 2 },
  },
  {
    name: "decay",
    parent: "none",
    what: "decoupled weight decay",
    settings: ["alpha"],
    training: falling,
  },
  { name: "dropout", parent: "none", what: "dropout", settings: ["dropout"], training: falling },
  {
    name: "ema",
    parent: "none",
    what: "an exponential moving average of the weights at a constant rate",
    settings: ["horizon"],
    training: { falls: false },
  },
  {
    name: "depth",
    parent: "none",
    what: "stochastic depth",
    settings: ["stochasticDepth"],
    training: falling,
  },
  {
    name: "several",
    parent: "decay",
    what: "decay, dropout and stochastic depth together",
    settings: ["alpha", "dropout", "stochasticDepth"],
    training: falling,
  },
  {
    name: "self-distilled",
    parent: "none",
    what: "taught by one model of its kind",
    settings: ["share"],
    training: falling,
  },
];
