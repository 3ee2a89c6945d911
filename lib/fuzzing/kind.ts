import type { RandomStream } from "../core/random.ts";

/** One kind of input, with what the library does with it. */
export interface Kind {
  /** What `--only` takes. */
  readonly name: string;
  /** Of a hundred inputs, how many are of this kind. */
  readonly share: number;
  /** Folders of the project that it may write to, besides `results`. */
  readonly writes?: readonly string[];
  /** Prepares what all inputs of the kind have in common. */
  open(base: Base): Promise<Draw> | Draw;
}

/** Draws a malformed input. */
export type Draw = (stream: RandomStream) => Trial;

/** An input, and what is to be done with it. */
export interface Trial {
  /** The input, to be shown when it turns out bad. */
  readonly input: string;
  /**
   * Gives the input to the library; ends where it is accepted.
   *
   * @throws {Nonsense} If what the library makes of it makes no sense.
   * @throws {Refused} If it was refused in a way that is looked at already.
   * @throws {Error} The library's own refusal.
   */
  run(): unknown;
}

/** The project in which all inputs are tried. */
export interface Base {
  /** Its folder; the working directory. */
  readonly project: string;
  /** Texts of its study's files: `study.json`, `runs.jsonl`. */
  readonly definition: string;
  readonly journal: string;
  /** A weights file of that study. */
  readonly weights: Uint8Array;
}

/** What was accepted makes no sense. */
export class Nonsense extends Error {
  override readonly name = "Nonsense";
}

/** A refusal that was looked at already. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** How an input ended. */
export interface Outcome {
  readonly state: "accepted" | "refused" | "bad";
  /** What was said; of a bad one what is wrong with it. */
  readonly said: string;
}
