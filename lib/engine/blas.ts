import { release } from "node:os";
import { hasFile } from "../core/runtime/files.ts";
import { architecture, operatingSystem } from "../core/runtime/machine.ts";
import { isAllowed } from "../core/runtime/permissions.ts";
import { refuseTruncated } from "./_elf.ts";
import { arena, withScratch } from "./_arena.ts";
import { blasMultiply, type Library, limitThreads, openLibrary } from "./_blas_library.ts";
import type { MatrixProducts, PreparedMatrix } from "./products.ts";

/** A native BLAS that was loaded and tried. */
export interface Blas {
  /** Path or name it was loaded by. */
  readonly path: string;
  /** Library with version, such as `openblas-0.3.21`. */
  readonly library: string;
  /** Core type it chose its kernels for, such as `SkylakeX`; null where it does not say. */
  readonly coreType: string | null;
  /** Its matrix products, one thread. */
  readonly products: MatrixProducts;
}

/** Where a BLAS usually is, best first. A bare name is looked up by the system's loader. */
export function usualPlaces(): string[] {
  if (operatingSystem === "darwin") {
    return [
      "/System/Library/Frameworks/Accelerate.framework/Accelerate",
      "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
      "/usr/local/opt/openblas/lib/libopenblas.dylib",
    ];
  }
  if (operatingSystem === "windows") return ["libopenblas.dll", "mkl_rt.3.dll", "mkl_rt.2.dll"];
  const multiarch = `/usr/lib/${architecture}-linux-gnu`;
  return [
    `${multiarch}/libopenblas.so.0`,
    "/usr/lib64/libopenblas.so.0",
    "/usr/lib/libopenblas.so.0",
    "/usr/lib/libopenblas.so",
    "/usr/local/lib/libopenblas.so",
    "/opt/OpenBLAS/lib/libopenblas.so",
    "/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.so.3",
    "/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.so.2",
    `${multiarch}/libmkl_rt.so`,
    `${multiarch}/libblis.so.4`,
    "/usr/lib64/libblis.so.4",
    "libopenblas.so.0",
    "libmkl_rt.so.3",
    "libmkl_rt.so.2",
    "libblis.so.4",
  ];
}

const loaded = new Map<string, Blas>();

/**
 * Loads a BLAS with one thread and tries it on a product whose result is known.
 *
 * @param path Full path, or a name for the system's loader.
 * @throws {Error} If permission is missing, the library is truncated, cannot be loaded, has no
 * `cblas_sgemm`, or gives a wrong product. Permission is never asked for at the terminal.
 */
export async function loadBlas(path: string): Promise<Blas> {
  const known = loaded.get(path);
  if (known) return known;
  if (!isAllowed("ffi", path)) throw new Error(`--allow-ffi does not cover ${path}`);
  if (await readable(path)) refuseTruncated(path);
  limitThreads();
  const library = openLibrary(path);
  library.openblas_set_num_threads?.(1);
  library.MKL_Set_Num_Threads?.(1);
  library.bli_thread_set_num_threads?.(1n);
  const products = blasProducts(library);
  tryProduct(path, products);
  const blas = { path, ...identify(path, library), products };
  loaded.set(path, blas);
  return blas;
}

/** Whether a path is of a file that may be read; names for the system's loader and folders are not. */
async function readable(path: string): Promise<boolean> {
  if (!/[\\/]/.test(path)) return false;
  return isAllowed("read", path) && await hasFile(path);
}

/** Text that a function of the library points to. */
function readText(library: Library, address: bigint | undefined): string {
  if (!address || !library.strncpy) return "";
  const bytes = new Uint8Array(255);
  library.strncpy(bytes, address, 255n);
  return new TextDecoder().decode(bytes.subarray(0, Math.max(0, bytes.indexOf(0))));
}

function identify(path: string, library: Library): { library: string; coreType: string | null } {
  const version = (text: string) => /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? "unknown";
  if (library.openblas_set_num_threads) {
    const config = readText(library, library.openblas_get_config?.());
    const coreType = readText(library, library.openblas_get_corename?.()) || null;
    return { library: `openblas-${version(config)}`, coreType };
  }
  if (library.MKL_Get_Version_String) {
    const bytes = new Uint8Array(256);
    library.MKL_Get_Version_String(bytes, 255);
    const text = new TextDecoder().decode(bytes);
    const branch = library.MKL_CBWR_Get_Auto_Branch?.();
    const coreType = branch === undefined ? null : mklBranches[branch] ?? `branch-${branch}`;
    return { library: `mkl-${version(text)}`, coreType };
  }
  if (library.bli_info_get_version_str) {
    const text = readText(library, library.bli_info_get_version_str());
    const id = library.bli_arch_query_id?.();
    const name = id === undefined ? undefined : library.bli_arch_string?.(id);
    return { library: `blis-${version(text)}`, coreType: readText(library, name) || null };
  }
  if (path.includes("Accelerate")) {
    return { library: `accelerate-${version(release())}`, coreType: architecture };
  }
  return { library: "cblas-unknown", coreType: null };
}

/** Instruction sets that MKL chooses among, as numbered in its mkl_types.h. */
const mklBranches: { readonly [branch: number]: string } = {
  3: "compatible",
  4: "SSE2",
  8: "SSE4.2",
  9: "AVX",
  10: "AVX2",
  12: "AVX512",
  14: "AVX512-E1",
  15: "AVX10",
};

function blasProducts(library: Library): MatrixProducts {
  const { buffer, exports } = arena();
  const multiply = blasMultiply(library, buffer);
  return {
    multiply,
    // A BLAS packs both matrices at each call; from a transposed one it does so slowly (OpenBLAS
    // 0.3.21 took twice as long for 16 × 128 × 384).
    withPrepared: (transposeB, k, n, b, ldb, use) => {
      const prepared = (pointer: number, ld: number): PreparedMatrix => ({
        by: ({ multiply }) => (m, a, lda, accumulate, c, ldc) =>
          multiply(false, false, m, n, k, a, lda, pointer, ld, accumulate, c, ldc),
      });
      if (!transposeB) return use(prepared(b, ldb));
      return withScratch(k * n, "a transposed matrix", (pointer) => {
        exports.transpose(n, k, b, ldb, pointer);
        return use(prepared(pointer, n));
      });
    },
  };
}

/** [1 2; 3 4; 5 6] · [1 0 2; 0 1 3], so that a library of another calling convention is noticed. */
function tryProduct(path: string, products: MatrixProducts): void {
  const memory = arena();
  const pointer = memory.allocate(4 * 24, () => "a trial product");
  try {
    const values = new Float32Array(memory.buffer, pointer, 24);
    values.set([1, 2, 3, 4, 5, 6, 1, 0, 2, 0, 1, 3]);
    products.multiply(
      false,
      false,
      3,
      3,
      2,
      pointer,
      2,
      pointer + 24,
      3,
      false,
      pointer + 48,
      3,
    );
    const found = [...values.subarray(12, 21)].join(" ");
    if (found !== "1 2 8 3 4 18 5 6 28") {
      throw new Error(`${path} gives a wrong product (${found})`);
    }
  } finally {
    memory.free(pointer);
  }
}
