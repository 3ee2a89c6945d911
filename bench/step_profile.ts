import { Session } from "node:inspector";

/** Time of a step that one function takes itself, without those it calls. */
export interface ProfileRow {
  /** A kernel's name, a function's, or V8's word for what is no function. */
  readonly name: string;
  readonly kind: ProfileKind;
  readonly milliseconds: number;
  readonly share: number;
}

/** Who does the work: a BLAS or a kernel, our TypeScript, tfjs, or the rest (garbage, idle, Deno). */
export type ProfileKind = "product" | "kernel" | "lib" | "tfjs" | "rest";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** What V8's profiler gives. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/**
 * Samples a function's calls by V8's profiler.
 *
 * @param run What to call.
 * @param steps How often.
 * @returns The profile; a sample each 0.1 ms.
 */
export async function profileCalls(run: () => void, steps: number): Promise<CpuProfile> {
  const session = new Session();
  session.connect();
  // deno-lint-ignore no-explicit-any -- node:inspector types each method apart
  const post = (method: any, options: object = {}) =>
    // deno-lint-ignore no-explicit-any -- as above
    new Promise<any>((resolve, reject) =>
      session.post(
        method,
        options,
        (error: Error | null, result: unknown) => error ? reject(error) : resolve(result),
      )
    );
  await post("Profiler.enable");
  await post("Profiler.setSamplingInterval", { interval: 100 });
  await post("Profiler.start");
  for (let step = 0; step < steps; step++) run();
  const { profile } = await post("Profiler.stop");
  session.disconnect();
  return profile;
}

/**
 * Sums a profile by function.
 *
 * @param profile As {@link profileCalls} gives it.
 * @param steps Calls it covers.
 * @param kernelNames Names of the exported kernels by their index in the WebAssembly module; inner
 * functions count as the kernel that called them.
 * @returns The largest first.
 */
export function summarizeProfile(
  profile: CpuProfile,
  steps: number,
  kernelNames: ReadonlyMap<number, string>,
): ProfileRow[] {
  const parents = new Map<number, ProfileNode>();
  const nodes = new Map<number, ProfileNode>();
  for (const node of profile.nodes) {
    nodes.set(node.id, node);
    for (const child of node.children ?? []) parents.set(child, node);
  }
  const sums = new Map<string, { kind: ProfileKind; microseconds: number }>();
  let total = 0;
  profile.samples.forEach((id, index) => {
    // What the profiler takes to start.
    if (nodes.get(id)!.callFrame.url.endsWith("/inspector.js")) return;
    const [name, kind] = nameOf(nodes.get(id)!, parents, kernelNames);
    const known = sums.get(name) ?? { kind, microseconds: 0 };
    // A sample stands for the time until the next one.
    const microseconds = profile.timeDeltas[index + 1] ?? 0;
    known.microseconds += microseconds;
    sums.set(name, known);
    total += microseconds;
  });
  return [...sums].map(([name, { kind, microseconds }]) => ({
    name,
    kind,
    milliseconds: microseconds / 1000 / steps,
    share: microseconds / total,
  })).sort((a, b) => b.milliseconds - a.milliseconds);
}

function nameOf(
  node: ProfileNode,
  parents: ReadonlyMap<number, ProfileNode>,
  kernelNames: ReadonlyMap<number, string>,
): [name: string, kind: ProfileKind] {
  const { functionName, url } = node.callFrame;
  // The call of a native function has no name of its own.
  for (let at: ProfileNode | undefined = node; at; at = parents.get(at.id)) {
    if (isBlas(at)) return ["BLAS", "product"];
    if (at.callFrame.url !== "") break;
  }
  const kernel = kernelIndex(node);
  if (kernel !== null) {
    for (let at: ProfileNode | undefined = node; at; at = parents.get(at.id)) {
      const name = kernelNames.get(kernelIndex(at) ?? NaN);
      if (name !== undefined) return [name, /^(gemm|pack)/.test(name) ? "product" : "kernel"];
    }
    return [functionName, "kernel"];
  }
  const name = functionName || "(anonymous)";
  const place = url.replace(/^.*\/lib\//, "lib/").replace(/^.*\/(tf[^/]*)$/, "$1");
  const full = url === "" ? name : `${name} (${place})`;
  if (/@tensorflow|tf-[a-z-]+(\.node)?\.js$/.test(url)) return [full, "tfjs"];
  return [full, /\/lib\/.*\.ts$/.test(url) ? "lib" : "rest"];
}

function isBlas({ callFrame: { url } }: ProfileNode): boolean {
  return /\/lib\/engine\/_blas_library\.ts$/.test(url);
}

function kernelIndex({ callFrame: { functionName } }: ProfileNode): number | null {
  const match = /^wasm-function\[(\d+)\]$/.exec(functionName);
  return match === null ? null : Number(match[1]);
}
