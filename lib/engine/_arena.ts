// @ts-types="./_kernels_module.d.ts"
import { relaxedKernels, strictKernels } from "./_kernels_module.js";
import type { KernelExports } from "./kernel_exports.ts";

const pageBytes = 65536;
/** Blocks begin at multiples of a cache line. */
const alignment = 64;
/** The first page belongs to the constants of the kernels (the build checks that they fit). */
const firstPointer = pageBytes;
const largestPages = 65536;

/**
 * One WebAssembly memory of fixed size in which the kernels and a BLAS see all tensors they work on.
 *
 * The whole maximum is reserved at once and committed by the operating system page by page as it is
 * first written, so nothing ever grows and no view is ever detached. The memory is shared because
 * only views on shared memory may be handed to a foreign function without risk of detachment.
 */
export interface Arena {
  readonly buffer: SharedArrayBuffer;
  /** What further threads make their kernels from. */
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly relaxedModule: WebAssembly.Module;
  /** The kernels that give the same bits on every CPU. */
  readonly exports: KernelExports;
  /** The same with multiplication and addition as one operation, rounded once, where the CPU has it. */
  relaxedExports(): KernelExports;
  readonly maximumBytes: number;
  /** Bytes in live blocks. */
  liveBytes(): number;
  /** Highest address ever handed out: what the operating system may have had to commit. */
  peakBytes(): number;
  /**
   * Reserves a block.
   *
   * @param bytes Size wanted.
   * @param what What it is for, for the message when there is no room.
   * @returns Address of the block in bytes, a multiple of 64.
   * @throws {RangeError} If no block of that size is left.
   */
  allocate(bytes: number, what: () => string): number;
  free(pointer: number): void;
}

/**
 * The largest memory that the system grants: 4 GiB, halved each time it refuses, down to 16 MiB.
 *
 * @param create Makes a memory, or throws a RangeError.
 * @throws {RangeError} If it refuses even the smallest.
 */
export function reserveMemory(
  create = (pages: number) =>
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
): WebAssembly.Memory {
  for (let pages = largestPages;; pages = pages / 2) {
    try {
      return create(pages);
    } catch (error) {
      if (!(error instanceof RangeError) || pages <= 256) throw error;
    }
  }
}

/** Best fit over a list of free blocks sorted by address; neighbours are merged when freed. */
export function createAllocator(first: number, end: number) {
  const starts: number[] = [];
  const sizes: number[] = [];
  const live = new Map<number, number>();
  let top = first;
  let liveBytes = 0;
  let peak = first;
  return {
    liveBytes: () => liveBytes,
    peakBytes: () => peak,
    freeBlocks: () => starts.length,
    allocate(bytes: number, what: () => string): number {
      const size = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
      let best = -1;
      for (let i = 0; i < sizes.length; i++) {
        if (sizes[i] >= size && (best < 0 || sizes[i] < sizes[best])) best = i;
      }
      let pointer: number;
      if (best >= 0) {
        pointer = starts[best];
        if (sizes[best] === size) {
          starts.splice(best, 1);
          sizes.splice(best, 1);
        } else {
          starts[best] += size;
          sizes[best] -= size;
        }
      } else {
        if (!(top + size <= end)) {
          throw new RangeError(
            `Cannot place ${what()} (${bytes} bytes): ${liveBytes} of ${
              end - first
            } bytes of the ` +
              `engine's memory are in use and no free part is large enough. Use a smaller batch, ` +
              `window or model, or dispose of tensors that are no longer needed.`,
          );
        }
        pointer = top;
        top += size;
        if (top > peak) peak = top;
      }
      live.set(pointer, size);
      liveBytes += size;
      return pointer;
    },
    free(pointer: number): void {
      const size = live.get(pointer);
      if (size === undefined) {
        throw new Error(`Cannot free ${pointer}: no live block begins there.`);
      }
      live.delete(pointer);
      liveBytes -= size;
      let low = 0;
      for (let high = starts.length; low < high;) {
        const middle = (low + high) >> 1;
        if (starts[middle] < pointer) low = middle + 1;
        else high = middle;
      }
      starts.splice(low, 0, pointer);
      sizes.splice(low, 0, size);
      if (low + 1 < starts.length && pointer + size === starts[low + 1]) {
        sizes[low] += sizes[low + 1];
        starts.splice(low + 1, 1);
        sizes.splice(low + 1, 1);
      }
      if (low > 0 && starts[low - 1] + sizes[low - 1] === pointer) {
        sizes[low - 1] += sizes[low];
        starts.splice(low, 1);
        sizes.splice(low, 1);
      }
      const last = starts.length - 1;
      if (starts[last] + sizes[last] === top) {
        top = starts[last];
        starts.pop();
        sizes.pop();
      }
    },
  };
}

let theArena: Arena | null = null;

/** The arena of this process, made on first use. */
export function arena(): Arena {
  if (theArena) return theArena;
  const memory = reserveMemory();
  const instantiate = (module: WebAssembly.Module) =>
    new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  let relaxed: KernelExports | null = null;
  const buffer = memory.buffer as unknown as SharedArrayBuffer;
  const { liveBytes, peakBytes, allocate, free } = createAllocator(firstPointer, buffer.byteLength);
  theArena = {
    buffer,
    memory,
    module: strictKernels,
    relaxedModule: relaxedKernels,
    exports: instantiate(strictKernels),
    relaxedExports: () => relaxed ??= instantiate(relaxedKernels),
    maximumBytes: buffer.byteLength,
    liveBytes,
    peakBytes,
    allocate,
    free,
  };
  return theArena;
}

/**
 * Runs a function with a block of the engine's memory that is freed when it returns or throws.
 *
 * @param count How many 4-byte values the block must hold.
 * @param what What it is for, for the message when there is no room.
 * @param use Receives the address of the block, in bytes.
 */
export function withScratch<T>(count: number, what: string, use: (pointer: number) => T): T {
  const memory = arena();
  const pointer = memory.allocate(4 * count, () => `working memory for ${what}`);
  try {
    return use(pointer);
  } finally {
    memory.free(pointer);
  }
}
