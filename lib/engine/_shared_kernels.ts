import { arena } from "./_arena.ts";
import { elementAt as at, type Parts, partsOf } from "./_parts.ts";
import { layerNormBackwardBy, rmsNormBackwardBy, softmaxCrossEntropyBy } from "./_shared_passes.ts";
import { teamOf } from "./_team.ts";
import type { KernelExports } from "./kernel_exports.ts";

/**
 * Kernels whose work is shared among the threads where there is enough of it: rows, values or columns are
 * cut, never sums, so the bits are those of one thread. The others run in this thread.
 */
export function sharedKernels(id: string, direct: KernelExports): KernelExports {
  const kernels = { ...direct };
  const share = <Name extends keyof KernelExports>(name: Name, shared: Shared<Name>) => {
    const alone = direct[name] as (...values: unknown[]) => unknown;
    const work = (...values: Parameters<KernelExports[Name]>) => {
      const team = teamOf(id);
      const [count, unit, nanoseconds] = shared.extent(...values);
      if (team === null || count * nanoseconds < team.smallestWork) return alone(...values);
      return shared.inParts(partsOf(team, { count, unit, nanoseconds }), values, direct);
    };
    kernels[name] = work as unknown as KernelExports[Name];
  };
  shareRows(share);
  shareValues(share);
  shareSums(share);
  kernels.rmsNormBackward = rmsNormBackwardBy(() => teamOf(id), direct);
  kernels.layerNormBackward = layerNormBackwardBy(() => teamOf(id), direct);
  kernels.softmaxCrossEntropy = softmaxCrossEntropyBy(() => teamOf(id), direct);
  return kernels;
}

interface Shared<Name extends keyof KernelExports> {
  /** How many rows, values or columns there are, in which multiple they are cut, nanoseconds of one. */
  extent(...values: Parameters<KernelExports[Name]>): [number, number, number];
  inParts(
    parts: Parts,
    values: Parameters<KernelExports[Name]>,
    direct: KernelExports,
  ): number | void;
}

type Share = <Name extends keyof KernelExports>(name: Name, shared: Shared<Name>) => void;

/** Rows that have nothing to do with each other. */
function shareRows(share: Share): void {
  share("repeatRow", {
    extent: (_, rows, columns) => [rows, 1, 0.15 * columns],
    inParts: (parts, [row, , columns, out]) =>
      void parts((r, rows, { repeatRow }) => repeatRow(row, rows, columns, at(out, r * columns))),
  });
  share("addToRows", {
    extent: (_x, _row, rows, columns) => [rows, 1, 0.25 * columns],
    inParts: (parts, [x, row, , columns, out]) =>
      void parts((r, rows, { addToRows }) =>
        addToRows(at(x, r * columns), row, rows, columns, at(out, r * columns))
      ),
  });
  share("layerNorm", {
    extent: (rows, columns) => [rows, 1, 0.6 * columns],
    inParts: (parts, [, columns, x, gain, shift, epsilon, y, statistics]) =>
      void parts((r, rows, { layerNorm }) => {
        const [from, to] = [at(x, r * columns), at(y, r * columns)];
        layerNorm(rows, columns, from, gain, shift, epsilon, to, at(statistics, 2 * r));
      }),
  });
  share("rmsNorm", {
    extent: (rows, columns) => [rows, 1, 0.5 * columns],
    inParts: (parts, [, columns, x, gain, epsilon, y, inverses]) =>
      void parts((r, rows, { rmsNorm }) => {
        const [from, to] = [at(x, r * columns), at(y, r * columns)];
        rmsNorm(rows, columns, from, gain, epsilon, to, at(inverses, r));
      }),
  });
  share("rotary", {
    // An angle belongs to a row's place in its sequence: whole sequences are cut off.
    extent: (rows, heads, half, time) => [rows, time, 0.6 * heads * half],
    inParts: (parts, [, heads, half, time, sign, x, angles, y]) =>
      void parts((r, rows, { rotary }) => {
        const [from, to] = [x, y].map((pointer) => at(pointer, 2 * r * heads * half));
        rotary(rows, heads, half, time, sign, from, angles, to);
      }),
  });
  share("gelu", {
    extent: (rows, columns) => [rows, 1, 2 * columns],
    inParts: (parts, [, columns, byTanh, x, bias, y, slope]) =>
      void parts((r, rows, { gelu }) => {
        const [from, to, d] = [x, y, slope].map((pointer) => at(pointer, r * columns));
        gelu(rows, columns, byTanh, from, bias, to, d);
      }),
  });
}

/** Values that have nothing to do with each other, in whole vectors. */
function shareValues(share: Share): void {
  for (const name of ["addValues", "multiplyValues"] as const) {
    share(name as "addValues", {
      extent: (count) => [count, 4, 0.25],
      inParts: (parts, [, a, b, out]) =>
        void parts((i, count, kernels) => kernels[name](count, at(a, i), at(b, i), at(out, i))),
    });
  }
  share("swiglu", {
    extent: (count) => [count, 4, 2],
    inParts: (parts, [, gate, up, y]) =>
      void parts((i, count, { swiglu }) => swiglu(count, at(gate, i), at(up, i), at(y, i))),
  });
  share("swigluBackward", {
    extent: (count) => [count, 4, 2.5],
    inParts: (parts, [, gate, up, dy, dgate, dup]) =>
      void parts((i, count, { swigluBackward }) => {
        const [g, u, d, dg, du] = [gate, up, dy, dgate, dup].map((pointer) => at(pointer, i));
        swigluBackward(count, g, u, d, dg, du);
      }),
  });
  share("moveTowards", {
    extent: (_to, _from, count) => [count, 4, 0.25],
    inParts: (parts, [to, from, , part]) =>
      void parts((i, count, { moveTowards }) => moveTowards(at(to, i), at(from, i), count, part)),
  });
  share("dropout", {
    extent: (_x, _y, count) => [count, 4, 1],
    inParts: (parts, [x, y, , key0, key1, threshold, factor]) =>
      void parts((i, count, { dropout }) =>
        dropout(at(x, i), at(y, i), count, (key0 + i) | 0, key1, threshold, factor)
      ),
  });
  share("updateBySgd", {
    extent: (_w, _g, _velocity, count) => [count, 4, 0.4],
    inParts: (parts, [w, g, velocity, , effects, coefficients]) =>
      void parts((i, count, { updateBySgd }) =>
        updateBySgd(at(w, i), at(g, i), at(velocity, i), count, effects, coefficients)
      ),
  });
  share("updateByAdam", {
    extent: (_w, _g, _m, _v, count) => [count, 4, 0.8],
    inParts(parts, [w, g, m, v, total, effects, coefficients, normWanted], { squaredNorm }) {
      const [l1, l2] = new Float32Array(arena().buffer, effects, 2);
      const norm = (kernels: Pick<KernelExports, "squaredNorm">) =>
        kernels.squaredNorm(g, w, total, l1, l2);
      // With penalties in the gradient it is of the weights before the step, else of no weights.
      const first = normWanted && (l1 !== 0 || l2 !== 0);
      const before = first ? norm({ squaredNorm }) : 0;
      const beside = parts(
        (i, count, { updateByAdam }) => {
          const [p, d, one, two] = [w, g, m, v].map((pointer) => at(pointer, i));
          updateByAdam(p, d, one, two, count, effects, coefficients, false);
        },
        normWanted && !first ? (kernels) => void norm(kernels) : undefined,
      );
      return first ? before : normWanted ? beside : 0;
    },
  });
}

/** Sums over rows: their columns have nothing to do with each other. */
function shareSums(share: Share): void {
  share("sumRows", {
    extent: (_x, rows, columns) => [columns, 4, 0.2 * rows],
    inParts: (parts, [x, rows, , stride, out]) =>
      void parts((j, columns, { sumRows }) => sumRows(at(x, j), rows, columns, stride, at(out, j))),
  });
  share("scatterAddRows", {
    extent: (_x, _tokens, rows, columns) => [columns, 4, 0.3 * rows],
    inParts: (parts, [x, tokens, rows, , stride, table]) =>
      void parts((j, columns, { scatterAddRows }) =>
        scatterAddRows(at(x, j), tokens, rows, columns, stride, at(table, j))
      ),
  });
  share("multiplyAndSumRows", {
    extent: (_x, _y, rows, columns) => [columns, 4, 0.4 * rows],
    inParts: (parts, [x, y, rows, , stride, out, sums]) =>
      void parts((j, columns, { multiplyAndSumRows }) => {
        const [from, by, to, sum] = [x, y, out, sums].map((pointer) => at(pointer, j));
        multiplyAndSumRows(from, by, rows, columns, stride, to, sum);
      }),
  });
}
