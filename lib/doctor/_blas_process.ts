// Times the BLAS that its argument names and prints a MeasuredBlas as a line of JSON.

import { commandLine } from "../core/runtime/own_process.ts";
import { writeToOutput } from "../core/runtime/standard_streams.ts";
import { loadBlas } from "../engine/blas.ts";
import { gigaflopsPerSecond } from "../engine/product_timing.ts";
import type { MeasuredBlas } from "./blas_speed.ts";

/** Of large, recurrent and wide layers, and of an attention head. */
const shapes = [[1024, 1024, 1024], [400, 800, 200], [768, 512, 128], [64, 64, 32]] as const;

const { path, library, coreType, products } = await loadBlas(commandLine[0]);
const speeds = shapes.map(([m, n, k]) => [
  `${m} × ${n} × ${k}`,
  gigaflopsPerSecond(products, { m, n, k }, { milliseconds: 40 }),
]);
const measured: MeasuredBlas = {
  path,
  library,
  coreType,
  rounds: [Object.fromEntries(speeds)],
};
writeToOutput(JSON.stringify(measured));
