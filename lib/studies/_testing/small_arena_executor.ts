/**
 * The library's training on a machine that grants 16 MiB of shared memory and no more.
 *
 * The engine makes its memory on first use, so it meets the limit by halving what it asks for.
 */
import { executeRun } from "../../training/run.ts";

export { executeRun };

/** What is granted, in pages of 64 KiB. */
export const grantedPages = 256;

WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, [descriptor]: [WebAssembly.MemoryDescriptor]) {
    if (descriptor.initial > grantedPages) throw new RangeError("could not allocate memory");
    return new Memory(descriptor);
  },
});
