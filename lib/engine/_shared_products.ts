import type { Calls, Multiply } from "./_calls.ts";
import { type Team, teamOf } from "./_team.ts";
import type { MatrixProducts } from "./products.ts";

/** Nanoseconds of one multiplication and addition by the kernels, about. */
const kernelNanoseconds = 0.08;
/** Rows and columns of the smallest part by the kernels: packing a part's matrices must not show. */
const smallestRows = 32, smallestColumns = 128;
/** Parts a thread: one that is held up by other processes takes fewer. */
const partsOfThread = 4;

/** Products by the kernels, shared among the threads: a sum never depends on where its row is cut. */
export function sharedProducts(id: string, products: MatrixProducts): MatrixProducts {
  return {
    ...products,
    multiply(transposeA, transposeB, m, n, k, ...rest) {
      const team = teamOf(id);
      const work = m * n * k * kernelNanoseconds;
      if (team === null || work < team.smallestWork) {
        return products.multiply(transposeA, transposeB, m, n, k, ...rest);
      }
      const parts = Math.min(partsOfThread * team.threads, 1 + Math.floor(work / 50_000));
      const [rows, columns] = team.smallestWork === 0 ? [4, 8] : [smallestRows, smallestColumns];
      const blocks = gridOf({ m, n }, parts, { rows, columns });
      const calls = [transposeA, transposeB, m, n, k, ...rest] as Parameters<Multiply>;
      inBlocks(team, blocks, calls, products.multiply);
    },
  };
}

/** Multiplications and additions of a block by a BLAS, some 200 µs, and of one of which there are many. */
const smallBlock = 2 ** 23, largeBlock = 2 ** 27;
/** Blocks of a product: a library packs its matrices again for each. */
const fewBlocks = 8, mostBlocks = 16;
/** Edges of blocks lie at multiples of this, which are those of every library's tiles. */
const tileOfBlas = 32;

/**
 * Products by a BLAS in blocks that depend on the product's shape alone: a BLAS chooses its kernels by
 * shape, and with another one the order of a sum may be another. So the bits are the same for every number
 * of threads, yet not those of the library's own product.
 */
export function blockedProducts(id: string, products: MatrixProducts): MatrixProducts {
  return {
    ...products,
    multiply(transposeA, transposeB, m, n, k, ...rest) {
      const work = m * n * k;
      const few = Math.min(fewBlocks, Math.floor(work / smallBlock));
      const parts = Math.min(mostBlocks, Math.max(few, Math.floor(work / largeBlock)));
      const blocks = parts < 2
        ? { rows: m, columns: n }
        : gridOf({ m, n }, parts, { rows: tileOfBlas, columns: tileOfBlas });
      const calls = [transposeA, transposeB, m, n, k, ...rest] as Parameters<Multiply>;
      inBlocks(teamOf(id), blocks, calls, products.multiply);
    },
  };
}

interface Block {
  readonly rows: number;
  readonly columns: number;
}

/** Size of the blocks of a grid of at most so many, whose edges together are shortest. */
function gridOf({ m, n }: { m: number; n: number }, parts: number, unit: Block): Block {
  const whole = (extent: number, count: number, unit: number) =>
    Math.ceil(extent / count / unit) * unit;
  let best: Block = { rows: m, columns: n }, most = 1, shortest = Infinity;
  for (let across = 1; across <= parts; across++) {
    const down = Math.floor(parts / across);
    const block = { rows: whole(m, down, unit.rows), columns: whole(n, across, unit.columns) };
    const [p, q] = [Math.ceil(m / block.rows), Math.ceil(n / block.columns)];
    const edges = p * n + q * m;
    // Three quarters of the parts are as good as all where they are packed with less work.
    const enough = p * q * 4 >= most * 3;
    if (p * q * 3 > most * 4 || (enough && edges < shortest)) {
      [best, most, shortest] = [block, Math.max(most, p * q), edges];
    }
  }
  return best;
}

function inBlocks(
  team: Team | null,
  { rows, columns }: Block,
  whole: Parameters<Multiply>,
  multiply: Multiply,
): void {
  const [transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc] = whole;
  if (rows >= m && columns >= n) return multiply(...whole);
  const across = Math.ceil(n / columns);
  const one = (part: number, { multiply }: Pick<Calls, "multiply">) => {
    const i = Math.floor(part / across) * rows, j = part % across * columns;
    // deno-fmt-ignore
    multiply(
      transposeA, transposeB, Math.min(rows, m - i), Math.min(columns, n - j), k,
      a + 4 * (transposeA ? i : i * lda), lda, b + 4 * (transposeB ? j * ldb : j), ldb,
      accumulate, c + 4 * (i * ldc + j), ldc,
    );
  };
  const count = across * Math.ceil(m / rows);
  if (team !== null) team.run(count, one);
  else for (let part = 0; part < count; part++) one(part, { multiply });
}
