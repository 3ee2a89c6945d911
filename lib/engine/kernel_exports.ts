import type * as declarations from "./_kernel_exports.d.ts";

/** The kernels by name, as the sources in `assembly/` declare them; addresses are in bytes. */
export type KernelExports = typeof declarations;
