/** Probabilities of attention are kept for the backward pass up to this many, else computed again. */
const most = 1 << 22;

/** Whether the probabilities of an attention are kept for its backward pass. */
export function keepsProbabilities(
  { batch, heads, time }: { readonly batch: number; readonly heads: number; readonly time: number },
): boolean {
  return batch * heads * time * time <= most;
}
