import { setVariable } from "../core/runtime/environment.ts";
import {
  type Callable,
  type ForeignFunctions,
  loadLibrary,
} from "../core/runtime/foreign_functions.ts";
import { isAllowed } from "../core/runtime/permissions.ts";
import type { Multiply } from "./_calls.ts";

const symbols = {
  cblas_sgemm: {
    // order, transposeA, transposeB, m, n, k, α, A, lda, B, ldb, β, C, ldc
    // deno-fmt-ignore
    parameters: [
      "i32", "i32", "i32", "i32", "i32", "i32", "f32", "buffer", "i32", "buffer", "i32",
      "f32", "buffer", "i32",
    ],
    result: "void",
  },
  openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
  openblas_get_config: { parameters: [], result: "usize", optional: true },
  openblas_get_corename: { parameters: [], result: "usize", optional: true },
  MKL_Set_Num_Threads: { parameters: ["i32"], result: "void", optional: true },
  MKL_CBWR_Get_Auto_Branch: { parameters: [], result: "i32", optional: true },
  MKL_Get_Version_String: { parameters: ["buffer", "i32"], result: "void", optional: true },
  bli_thread_set_num_threads: { parameters: ["i64"], result: "void", optional: true },
  bli_info_get_version_str: { parameters: [], result: "usize", optional: true },
  bli_arch_query_id: { parameters: [], result: "i32", optional: true },
  bli_arch_string: { parameters: ["i32"], result: "usize", optional: true },
  // Of the C library, which every BLAS is linked to: reads what the functions above return.
  strncpy: { parameters: ["buffer", "usize", "usize"], result: "usize", optional: true },
} as const satisfies ForeignFunctions;

/** PyPI's scipy-openblas32, with which NumPy comes, has the same functions under a prefix. */
const scipySymbols = {
  ...symbols,
  cblas_sgemm: { ...symbols.cblas_sgemm, name: "scipy_cblas_sgemm" },
  openblas_set_num_threads: {
    ...symbols.openblas_set_num_threads,
    name: "scipy_openblas_set_num_threads",
  },
  openblas_get_config: { ...symbols.openblas_get_config, name: "scipy_openblas_get_config" },
  openblas_get_corename: { ...symbols.openblas_get_corename, name: "scipy_openblas_get_corename" },
} as const satisfies ForeignFunctions;

/** The functions of a BLAS that are used. */
export type Library = Callable<typeof symbols>;

/** Some libraries make their threads while they are loaded and read only the environment. */
export function limitThreads(): void {
  for (const variable of ["OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"]) {
    if (isAllowed("env", variable)) setVariable(variable, "1");
  }
}

/** Loads a library, whose functions may have a prefix. */
export function openLibrary(path: string): Library {
  try {
    return loadLibrary(path, symbols);
  } catch (error) {
    try {
      return loadLibrary(path, scipySymbols) as unknown as Library;
    } catch {
      throw error;
    }
  }
}

const rowMajor = 101, plain = 111, transposed = 112;

/** Its product of row-major matrices in a buffer, by address. */
export function blasMultiply({ cblas_sgemm }: Library, buffer: SharedArrayBuffer): Multiply {
  // A view costs more to make than a small product; addresses come back step after step.
  const views = new Map<number, Float32Array<SharedArrayBuffer>>();
  const at = (pointer: number) => {
    let view = views.get(pointer);
    if (view === undefined) {
      if (views.size >= 16384) views.clear();
      view = new Float32Array(buffer, pointer);
      views.set(pointer, view);
    }
    return view as unknown as BufferSource;
  };
  return (
    transposeA,
    transposeB,
    m,
    n,
    k,
    a,
    lda,
    b,
    ldb,
    accumulate,
    c,
    ldc,
  ) =>
    cblas_sgemm(
      rowMajor,
      transposeA ? transposed : plain,
      transposeB ? transposed : plain,
      m,
      n,
      k,
      1,
      at(a),
      lda,
      at(b),
      ldb,
      accumulate ? 1 : 0,
      at(c),
      ldc,
    );
}
