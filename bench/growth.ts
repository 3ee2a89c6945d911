/** Memory after so many steps. */
export interface MemorySample {
  readonly step: number;
  readonly tensors: number;
  readonly tensorMebibytes: number;
  readonly engineMebibytes: number;
  readonly enginePeakMebibytes: number;
  /** V8's heap, as much as it has taken. */
  readonly heapMebibytes: number;
  readonly residentMebibytes: number;
}

/** Whether memory grew. */
export interface Growth {
  readonly flat: boolean;
  /** What grew, by how much. */
  readonly problems: readonly string[];
}

/** Resident memory moves with the garbage collector; more than this is growth, MiB. */
const residentTolerance = 16;

/**
 * Compares what is exact (tensors, bytes of tfjs and of the engine) in the last sample with the
 * first, and the highest resident memory in the last half with the highest in the second quarter.
 */
export function growthOf(samples: readonly MemorySample[]): Growth {
  if (samples.length < 4) {
    throw new RangeError(`growthOf needs at least 4 samples, found ${samples.length}.`);
  }
  const [first, last] = [samples[0], samples[samples.length - 1]];
  const exact = ["tensors", "tensorMebibytes", "engineMebibytes", "enginePeakMebibytes"] as const;
  const problems = exact.filter((name) => last[name] > first[name])
    .map((name) => `${name} from ${first[name]} to ${last[name]}`);
  const half = Math.floor(samples.length / 2);
  const highest = (part: readonly MemorySample[]) =>
    Math.max(...part.map(({ residentMebibytes }) => residentMebibytes));
  const early = highest(samples.slice(Math.floor(half / 2), half));
  const late = highest(samples.slice(half));
  if (late > early + residentTolerance) {
    problems.push(`residentMebibytes from ${early.toFixed(1)} to ${late.toFixed(1)}`);
  }
  return { flat: problems.length === 0, problems };
}
