import { RandomStream, randomStream } from "../core/random.ts";

/** A stream that masks of dropouts are drawn from. */
export type DropoutStream = RandomStream & {
  /** What multiplies the rate of every mask drawn from it; 1 if not given. */
  rateFactor?: number;
};

/**
 * A stream of its own for some masks of a forward pass, derived from where the pass's stream stands, which
 * does not move by it. Runs with these masks and runs without them share all others.
 *
 * @param stream The pass's stream.
 * @param purpose What the masks are for.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { ownMasks } from "./dropout_stream.ts";
 * import assert from "node:assert/strict";
 * const stream = randomStream(1, "dropout");
 * const before = stream.state();
 * const own = ownMasks(stream, "attention");
 * assert.deepEqual(stream.state(), before);
 * assert.notEqual(own.uint32(), stream.uint32());
 * ```
 */
export function ownMasks(stream: DropoutStream, purpose: string): DropoutStream {
  const { rateFactor } = stream;
  return Object.assign(randomStream(0, purpose, ...stream.state().generator), { rateFactor });
}

/**
 * A forward pass in training, after which its stream is another: where no mask has moved the stream, one
 * number is drawn, so that masks by {@link ownMasks} are others in the next pass.
 *
 * @param stream The pass's stream.
 * @param pass What is computed.
 *
 * @example
 * ```ts
 * import { randomStream } from "../core/random.ts";
 * import { movedBy, ownMasks } from "./dropout_stream.ts";
 * import assert from "node:assert/strict";
 * const stream = randomStream(1, "dropout");
 * const pass = () => ownMasks(stream, "attention").uint32();
 * assert.notEqual(movedBy(stream, pass), movedBy(stream, pass));
 * ```
 */
export function movedBy<T>(stream: DropoutStream, pass: () => T): T {
  const before = String(stream.state().generator);
  const result = pass();
  if (String(stream.state().generator) === before) stream.uint32();
  return result;
}

/** The stream, with masks at `factor` times their rates from now on. */
export function scaleRates(stream: DropoutStream, factor: number): DropoutStream {
  return Object.assign(stream, { rateFactor: factor });
}

/** A stream that gives the masks that this one would give. */
export function sameMasks(stream: DropoutStream): DropoutStream {
  const { rateFactor } = stream;
  return Object.assign(RandomStream.from(stream.state()), { rateFactor });
}
