/** Pauses between troubles in a row: none at first, then half a second, and twice as long each time. */
export function pauses(signal: AbortSignal, longestSeconds: number) {
  let inARow = 0;
  return {
    async next(): Promise<void> {
      const seconds = inARow === 0 ? 0 : Math.min(longestSeconds, 0.5 * 2 ** (inARow - 1));
      inARow++;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000 * seconds);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      });
    },
    reset() {
      inARow = 0;
    },
  };
}
