import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { arena } from "./_arena.ts";
import { sharedKernels } from "./_shared_kernels.ts";
import { blockedProducts, sharedProducts } from "./_shared_products.ts";
import type { Calls } from "./_calls.ts";
import type { TeamEngine } from "./_team.ts";
import type { KernelExports } from "./kernel_exports.ts";
import type { MatrixProducts } from "./products.ts";

type Values = tf.backend_util.BackendValues;
type DataId = Parameters<MathBackendCPU["disposeData"]>[0];
/** Keeps a cpu backend from printing its advice to install tfjs-node, which Deno cannot use. */
export function silence(backend: MathBackendCPU): void {
  (backend as unknown as { firstUse: boolean }).firstUse = false;
}

type ArenaArray = Float32Array<SharedArrayBuffer> | Int32Array<SharedArrayBuffer>;

/** What the backend keeps of a tensor; `pointer` is set once its values live in the arena. */
interface ArenaData {
  values: Values;
  dtype: tf.DataType;
  refCount: number;
  pointer?: number;
}

/**
 * tfjs's own cpu backend, with values that can live in the arena. A tensor moves there when a kernel
 * first needs it and leaves when it is disposed of; every plain tfjs kernel works on either place,
 * with the same bits as on the cpu backend.
 */
export class ArenaBackend extends MathBackendCPU {
  readonly arena = arena();
  /** Matrix products and kernels, shared among threads where there are several. */
  readonly products: MatrixProducts;
  readonly kernels: KernelExports;
  /** Both in this thread alone. */
  readonly alone: Calls;

  /**
   * @param engine What threads compute with.
   * @param direct Matrix products of this thread.
   * @param blocked Whether a product's bits may depend on its shape, so that it is cut by its shape alone;
   * null for products that are never cut.
   */
  constructor(
    readonly engine: TeamEngine,
    direct: MatrixProducts,
    readonly blocked: boolean | null,
  ) {
    super();
    silence(this);
    const exports = engine.relaxed ? this.arena.relaxedExports() : this.arena.exports;
    const { id } = engine;
    this.kernels = sharedKernels(id, exports);
    this.products = blocked === null
      ? direct
      : blocked
      ? blockedProducts(id, direct)
      : sharedProducts(id, direct);
    this.alone = callsAlone(exports, direct);
  }

  /** Values that are a view of another tensor (tfjs's slice gives such) are copied out of the arena. */
  override write(values: Values, shape: number[], dtype: tf.DataType): DataId {
    return super.write(this.#copyOut(values), shape, dtype);
  }

  override move(
    dataId: DataId,
    values: Values,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    super.move(dataId, this.#copyOut(values), shape, dtype, refCount);
  }

  /** A copy, because the place in the arena is reused once the tensor is gone. */
  override readSync(dataId: DataId): Values {
    return this.#copyOut(super.readSync(dataId));
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.data.has(dataId) ? this.data.get(dataId) as unknown as ArenaData : null;
    const gone = super.disposeData(dataId, force);
    if (gone && data?.pointer !== undefined) {
      this.arena.free(data.pointer);
      data.pointer = undefined;
    }
    return gone;
  }

  /** Moves a tensor's values into the arena, unless they are there, and returns their address. */
  pointerOf(tensor: tf.TensorInfo): number {
    const data = this.data.get(tensor.dataId) as unknown as ArenaData;
    if (data.pointer === undefined) {
      const { values } = data;
      const pointer = this.#place(tensor, data);
      (data.values as Float32Array).set(values as Float32Array);
      return pointer;
    }
    return data.pointer;
  }

  /** The values of a tensor in the arena, as a view that is valid until the tensor is disposed of. */
  viewOf(tensor: tf.TensorInfo): ArenaArray {
    this.pointerOf(tensor);
    return this.data.get(tensor.dataId).values as unknown as ArenaArray;
  }

  /** A tensor in the arena whose values are whatever was there before. */
  emptyTensor(shape: number[], dtype: "float32" | "int32"): tf.TensorInfo {
    const info = super.makeTensorInfo(shape, dtype);
    try {
      this.#place(info, this.data.get(info.dataId) as unknown as ArenaData);
    } catch (error) {
      this.disposeData(info.dataId, true);
      throw error;
    }
    return info;
  }

  #place(tensor: tf.TensorInfo, data: ArenaData): number {
    if (data.dtype !== "float32" && data.dtype !== "int32") {
      throw new TypeError(
        `Cannot place a tensor of dtype ${data.dtype} and shape [${tensor.shape}] in the engine's ` +
          `memory: only float32 and int32 can be.`,
      );
    }
    const size = tf.util.sizeFromShape(tensor.shape);
    const pointer = this.arena.allocate(
      4 * size,
      () => `a ${data.dtype} tensor of shape [${tensor.shape}]`,
    );
    const { buffer } = this.arena;
    data.values =
      (data.dtype === "float32"
        ? new Float32Array(buffer, pointer, size)
        : new Int32Array(buffer, pointer, size)) as unknown as Values;
    data.pointer = pointer;
    return pointer;
  }

  #copyOut(values: Values): Values {
    const inArena = ArrayBuffer.isView(values) &&
      values.buffer as unknown === this.arena.buffer;
    return inArena ? (values as Float32Array).slice() : values;
  }
}

/** Calls that are made at once. */
function callsAlone(kernels: KernelExports, { multiply }: MatrixProducts): Calls {
  let workspace = 0, room = 0;
  return {
    kernels,
    multiply,
    multiplyPacked(m, n, k, a, lda, packed, accumulate, c, ldc) {
      const bytes = kernels.packedWorkspaceBytes(k);
      if (bytes > room) {
        const { allocate, free } = arena();
        if (workspace !== 0) free(workspace);
        workspace = allocate(room = bytes, () => "working memory for matrix products");
      }
      kernels.gemmPacked(m, n, k, a, lda, packed, +accumulate, c, ldc, workspace);
    },
  };
}
