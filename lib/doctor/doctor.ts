import { environmentVariable } from "../core/runtime/environment.ts";
import { machineMemory, runtimeVersions, target } from "../core/runtime/machine.ts";
import { ownProgram } from "../core/runtime/own_process.ts";
import { version as parsimonyVersion } from "../core/version.ts";
import { useEngine } from "../engine/engine.ts";
import { startKernel } from "../notebook/kernel.ts";
import { projectFolder } from "../core/project.ts";
import { blasSpeed } from "./blas_speed.ts";
import type { Finding } from "./finding.ts";
import { findChromium, findGit, findJupyter, findRedis, type Program } from "./programs.ts";

/** Deno version that the lock, the tests and the numbers of the documentation belong to. */
export const testedDeno = "2.9.6";

/** Looks at everything that Parsimony can use on this machine. Starts processes and ends them. */
export async function examine(): Promise<Finding[]> {
  return [
    found("Parsimony", parsimonyVersion),
    deno(),
    found(
      "Machine",
      `${target}, ${navigator.hardwareConcurrency} cores, ` +
        `${(machineMemory().total / 2 ** 30).toFixed(1)} GiB memory`,
    ),
    ...await engine(),
    ...await blasSpeed(),
    await threads(),
    coreTypeVariable(),
    await kernel(),
    program(
      "JupyterLab",
      await findJupyter(),
      "`deno task lab` cannot open; `deno task notebooks` needs no Python.",
    ),
    program(
      "Chromium",
      await findChromium(),
      "browser tests are skipped, and static figures are drawn without a browser.",
    ),
    program("Redis", await findRedis(), "studies run on this machine only, not on several."),
    program("git", await findGit(), "records do not say which commit made them."),
  ];
}

function deno(): Finding {
  const { deno, v8, typescript } = runtimeVersions;
  const detail = `${deno} (V8 ${v8}, TypeScript ${typescript}) at ${ownProgram()}`;
  return deno === testedDeno ? found("Deno", detail) : {
    subject: "Deno",
    state: "note",
    detail,
    advice: `tested with ${testedDeno}: npx --yes deno@${testedDeno} task … runs that version.`,
  };
}

async function engine(): Promise<Finding[]> {
  try {
    const info = await useEngine("auto");
    const memory = info.arenaMaximumBytes === null
      ? ""
      : `, memory up to ${(info.arenaMaximumBytes / 2 ** 30).toFixed(1)} GiB`;
    return [
      found("Engine", `${info.id}${memory}; ${info.reason}`),
      info.blas === null
        ? {
          subject: "BLAS",
          state: "missing",
          detail: "none",
          advice: "training runs on the WASM kernels, slower, with the same bits everywhere. " +
            "Install libopenblas (or name a library in PARSIMONY_BLAS) for the engine native, or ask " +
            "for relaxed, which needs none.",
        }
        : found("BLAS", `${info.blas}, core type ${info.coreType ?? "not told"}`),
    ];
  } catch (error) {
    return [{
      subject: "Engine",
      state: "broken",
      detail: (error as Error).message,
      advice: "nothing can be trained.",
    }];
  }
}

/** Whether one training can use several cores. */
async function threads(): Promise<Finding> {
  const cores = navigator.hardwareConcurrency;
  if (cores === 1) return found("Threads", "one core: each training has one thread");
  try {
    const started = performance.now();
    await useEngine("wasm", { threads: 2 });
    const milliseconds = Math.round(performance.now() - started);
    await useEngine("wasm");
    return found(
      "Threads",
      `${cores} cores for trainings, of which one can use several (a second thread took ` +
        `${milliseconds} ms to start)`,
    );
  } catch (error) {
    return {
      subject: "Threads",
      state: "broken",
      detail: (error as Error).message,
      advice: "a training has one thread: give studies threads: 1.",
    };
  }
}

function coreTypeVariable(): Finding {
  const value = environmentVariable("OPENBLAS_CORETYPE");
  return value === undefined ? found("OPENBLAS_CORETYPE", "not exported: OpenBLAS chooses") : {
    subject: "OPENBLAS_CORETYPE",
    state: "note",
    detail: `exported as ${value}`,
    advice: "OpenBLAS takes the kernels of that core type, also on a CPU that has better ones.",
  };
}

async function kernel(): Promise<Finding> {
  try {
    const started = performance.now();
    await using running = await startKernel({ folder: projectFolder() });
    const { status } = await running.execute("1 + 1", { timeLimitSeconds: 30 });
    if (status !== "ok") throw new Error("it could not add 1 and 1");
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    return found("Deno kernel", `answers, ${seconds} s after its start`);
  } catch (error) {
    return {
      subject: "Deno kernel",
      state: "broken",
      detail: (error as Error).message,
      advice: "no notebook can run.",
    };
  }
}

function program(subject: string, program: Program | null, cost: string): Finding {
  return program === null
    ? { subject, state: "missing", detail: "not found", advice: cost }
    : found(subject, `${program.version} (${program.command.join(" ")})`);
}

function found(subject: string, detail: string): Finding {
  return { subject, state: "found", detail, advice: null };
}

/** Findings as lines for a terminal. */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const marks = { found: "✓", missing: "–", broken: "✗", note: "!" };
  return findings.flatMap(({ subject, state, detail, advice }) => [
    `${marks[state]} ${subject.padEnd(width)}  ${detail.replaceAll("\n", " ")}`,
    ...(advice === null ? [] : [`  ${" ".repeat(width)}  → ${advice}`]),
  ]);
}
