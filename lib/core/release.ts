/**
 * Frees the memory of an array that is of no use any more, at once; the array is empty afterwards. V8
 * collects large arrays late, because they lie outside of its heap: 1 GiB of them lay beside the first steps
 * of a model of 135 million weights. Memory that threads share stays.
 */
export function release({ buffer }: Float32Array | Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
