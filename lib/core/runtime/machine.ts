import { hostname } from "node:os";
import { isAllowed } from "./permissions.ts";

/** The system: `linux`, `darwin`, `windows` or another one. */
export const operatingSystem: string = Deno.build.os;

/** The processor's family: `x86_64` or `aarch64`. */
export const architecture: string = Deno.build.arch;

/** Both with the C library, as compilers name them. */
export const target: string = Deno.build.target;

/** Versions of the runtime and of what is in it. */
export const runtimeVersions: {
  readonly deno: string;
  readonly v8: string;
  readonly typescript: string;
} = Deno.version;

/** This machine's name; `unknown` where it may not be known. */
export function hostName(): string {
  return isAllowed("sys", "hostname") ? hostname() : "unknown";
}

/** Bytes of memory that the machine has, and that are free for processes. */
export function machineMemory(): { readonly total: number; readonly available: number } {
  return Deno.systemMemoryInfo();
}
