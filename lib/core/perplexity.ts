/** Perplexity, exp(mean nats per token). */
export function perplexity(nats: number): number {
  return Math.exp(nats);
}

/** Bits per token, nats / ln 2: bits per character for a character tokenizer. */
export function bitsPerToken(nats: number): number {
  return nats / Math.LN2;
}
