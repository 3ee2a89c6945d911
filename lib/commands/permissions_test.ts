import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { variablesOfChildren } from "../core/runtime/deno_program.ts";
import { allowedPrograms } from "../doctor/programs.ts";
import { cliWith, flagsOf, outcomeOf } from "./_testing/cli.ts";
import { project } from "./_testing/task.ts";

const deno = Deno.execPath();
/** What the processes that train may get, and the variable that shows stacks. */
const passed = ["PARSIMONY_DEBUG", ...variablesOfChildren(true)].join();
const threads = "OPENBLAS_NUM_THREADS,VECLIB_MAXIMUM_THREADS";
const libraries = ".,/usr/lib,/usr/lib64,/usr/local,/opt";

/** What each task of deno.json may do; true is everything of its kind. */
const permissions: Record<string, Record<string, string | true>> = {
  start: {
    read: ".",
    write: "results,.temporary",
    net: "127.0.0.1",
    env: "PARSIMONY_BLAS,PARSIMONY_DEBUG",
    run: deno,
  },
  notebooks: {
    read: ".",
    write: "notebooks,results,.temporary",
    net: "127.0.0.1",
    env: "PARSIMONY_BLAS,PARSIMONY_DEBUG",
    run: deno,
  },
  study: { read: ".", env: "PARSIMONY_DEBUG" },
  worker: {
    read: ".",
    write: ".temporary",
    env: true,
    net: true,
    sys: "hostname,systemMemoryInfo",
    run: deno,
  },
  report: { read: ".", write: "results", env: "PARSIMONY_DEBUG" },
  verify: { read: ".", write: ".temporary", env: passed, run: deno },
  pack: { read: ".", write: "packed", env: "PARSIMONY_DEBUG" },
  reproduce: {
    read: libraries,
    write: "results",
    env: `${passed},${threads}`,
    ffi: true,
    sys: "cpus,osRelease,hostname,systemMemoryInfo",
    run: `${deno},git`,
  },
  findings: { read: ".", write: "docs,results,README.md", env: "PARSIMONY_DEBUG" },
  simulate: { read: ".", write: "docs", env: "PARSIMONY_DEBUG" },
  datasets: { read: ".", write: "datasets", net: true, env: "PARSIMONY_DEBUG" },
  lab: {
    read: ".",
    write: ".temporary",
    env: "PARSIMONY_JUPYTERLAB,PARSIMONY_DEBUG,JUPYTER_PATH",
    run: allowedPrograms("lab").join(),
  },
  doctor: {
    read: libraries,
    write: ".temporary",
    net: "127.0.0.1",
    env: "PARSIMONY_BLAS,PARSIMONY_CHROMIUM,PARSIMONY_DEBUG,PARSIMONY_JUPYTERLAB," +
      "OPENBLAS_CORETYPE,OPENBLAS_NUM_THREADS,VECLIB_MAXIMUM_THREADS",
    sys: "systemMemoryInfo",
    ffi: true,
    run: allowedPrograms("doctor").join(),
  },
  test: { read: ".", write: ".temporary", env: "PARSIMONY_REQUIRE_ALL", run: deno },
  ok: { read: ".", write: ".temporary", env: "PARSIMONY_REQUIRE_ALL", run: deno },
  faults: {
    read: true,
    write: true,
    env: true,
    net: "127.0.0.1",
    run: `${deno},kill,mount,openssl,ps,redis-server,umount`,
  },
  fuzz: { read: ".", write: ".temporary", run: deno },
  golden: {
    read: ".",
    write: ".temporary",
    sys: "cpus",
    run: `${deno},npm,tar,apt-get,dpkg-deb,.temporary/arm/usr/bin/qemu-aarch64-static`,
  },
  pictures: { read: ".", write: "docs/images/notebooks,README.md" },
  rooms: { read: ".", write: "docs/architecture.md" },
  kernels: { read: ".", write: "lib/engine", env: "CI" },
  danfojs: { read: true, write: "lib/frames", env: true, run: true },
  bench: {
    read: true,
    write: true,
    env: true,
    sys: true,
    net: "127.0.0.1",
    run: true,
  },
};

const loader = "a BLAS that the system's loader finds by its name alone is on no list of paths";
const debug = "debug, a package of ioredis's, lists all variables when it is loaded";

/** Why a task may do everything of a kind. */
const reasons: Record<string, Record<string, string>> = {
  worker: { env: debug, net: "Redis is where the user says" },
  reproduce: { ffi: loader },
  doctor: { ffi: loader },
  datasets: { net: "addresses are the catalogue's and the user's" },
  faults: {
    read: "its projects and disks are in the system's folder for temporary files",
    write: "the same",
    env: debug,
  },
  danfojs: {
    read: "it bundles what lies in Deno's cache of packages",
    env: "esbuild passes all variables on to its program",
    run: "esbuild is a program in the cache, for the system that this is",
  },
  bench: {
    read: "the peer's Python is in the user's cache, or where the user says",
    write: "the same",
    env: "a participant gets the environment but for the variables of threads",
    sys: "puppeteer and the description of the machine ask for many kinds",
    run: "the peer's Python and its pip",
  },
};

/** Flags as `deno run` takes them. */
const flagsFor = (allowed: Record<string, string | true>) => [
  "--no-prompt",
  ...Object.entries(allowed).map(([kind, value]) =>
    value === true ? `--allow-${kind}` : `--allow-${kind}=${value}`
  ),
];

Deno.test("each task of deno.json may do what the table says, and everything of a kind for a reason only", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  assert.deepEqual(Object.keys(tasks), Object.keys(permissions));
  for (const [task, allowed] of Object.entries(permissions)) {
    const flags = (await flagsOf(task)).filter((flag) => flag.startsWith("--allow"));
    assert.deepEqual(flags.toSorted(), flagsFor(allowed).slice(1).toSorted(), task);
    const wide = Object.keys(allowed).filter((kind) => allowed[kind] === true);
    assert.deepEqual(wide.toSorted(), Object.keys(reasons[task] ?? {}).toSorted(), task);
  }
});

/** Runs a command with the permissions of its task but one, or with another instead of it. */
async function narrowed(
  folder: string,
  [task, ...args]: readonly string[],
  kind: string,
  instead?: string,
) {
  const { [kind]: _, ...others } = permissions[task];
  const allowed = instead === undefined ? others : { ...others, [kind]: instead };
  return await outcomeOf(cliWith(flagsFor(allowed), folder, task, ...args));
}

Deno.test("a command that lacks one permission of its task ends with 1 and says which", () =>
  withTemporaryProject(async (folder) => {
    const address = "http://127.0.0.1:64999/a.txt";
    const add = ["datasets", "add", "a", address, "--licence", "none"];
    const worker = ["worker", "--redis", "redis://127.0.0.1:9"];
    await Deno.mkdir(join(folder, "docs"));
    await Deno.mkdir(join(folder, "notebooks"));
    await Deno.writeTextFile(
      join(folder, "notebooks", "01-a.ipynb"),
      JSON.stringify({
        cells: [{ cell_type: "code", metadata: {}, source: ["1"], outputs: [] }],
        metadata: { parsimony: { study: "a" } },
        nbformat: 4,
        nbformat_minor: 4,
      }),
    );
    for (const name of ["README.md", "docs/findings.md", "docs/simulations.md"]) {
      await Deno.writeTextFile(join(folder, name), "No number.\n");
    }
    const reproduce = ["reproduce", "word-lstm-short", "--quick"];
    const cases: readonly (readonly [line: string[], kind: string, instead?: string])[] = [
      [["start"], "read"],
      [["start"], "write"],
      [["start"], "net"],
      [["start"], "env"],
      [["start"], "run"],
      [["notebooks"], "read"],
      [["notebooks"], "write"],
      [["notebooks"], "net"],
      [["notebooks"], "env"],
      [["notebooks"], "run"],
      [["study", "list"], "read"],
      [worker, "read"],
      [worker, "write"],
      [worker, "env", "PARSIMONY_REDIS,PARSIMONY_DEBUG"],
      [worker, "net", "localhost"],
      [["report", "a"], "read"],
      [["verify", "a"], "read"],
      [reproduce, "read"],
      [reproduce, "write"],
      [reproduce, "run"],
      [["findings"], "read"],
      [["simulate"], "read"],
      [["datasets", "list"], "read"],
      [add, "net", "localhost"],
      [["lab"], "read"],
      [["lab"], "env"],
      [["lab"], "run"],
      [["doctor"], "sys"],
      [["doctor"], "run", deno],
    ];
    const waiting = cases.entries();
    const next = async () => {
      for (const [, [line, kind, instead]] of waiting) {
        const { code, output, errors } = await narrowed(folder, line, kind, instead);
        const said = `${line.join(" ")} without ${kind}: ${output}${errors}`;
        assert.equal(code, 1, said);
        assert.match(output + errors, /Requires \w+ access|may not (run|read|write)/, said);
      }
    };
    await Promise.all([next(), next()]);
  }));

Deno.test("reproduce, report, verify, study, findings and simulate do their work with the permissions of their tasks", () =>
  withTemporaryProject(async (folder) => {
    const run = async (name: string, ...args: string[]) => {
      const outcome = await outcomeOf(cliWith(await flagsOf(name), folder, name, ...args));
      assert.equal(outcome.code, 0, `${name}: ${outcome.output}${outcome.errors}`);
      return outcome.output;
    };
    assert.match(
      await run("reproduce", "word-lstm-short", "--quick", "--workers", "1"),
      /^Report /m,
    );
    const study = "published/word-lstm-short-quick";
    assert.match(await run("report", study), /report\.md/);
    assert.match(await run("verify", study, "--sample", "1"), /trained again[^]*, 0 not\.$/m);
    const alone = await narrowed(folder, ["verify", study, "--sample", "1"], "run");
    assert.equal(alone.code, 1);
    assert.match(alone.output + alone.errors, /may not run deno/);
    assert.match(await run("study", "show", study), /^digest [0-9a-f]{64}$/m);
    // The documents of the project, which has the studies and the numbers.
    await Deno.mkdir(join(folder, "docs"));
    for (const name of ["simulations.md", "simulations.json"]) {
      await Deno.copyFile(join(project, "docs", name), join(folder, "docs", name));
    }
    for (const name of ["findings/article-two-code", "findings/rules-of-thumb"]) {
      const [from, to] = [project, folder].map((each) => join(each, "results", name));
      await Deno.mkdir(to, { recursive: true });
      for (const file of ["study.json", "runs.jsonl"]) {
        await Deno.copyFile(join(from, file), join(to, file));
      }
    }
    assert.match(await run("simulate", "--count", "1", "--write"), /^docs\/simulations\.md/m);
    assert.notEqual(
      await Deno.readTextFile(join(folder, "docs", "simulations.json")),
      await Deno.readTextFile(join(project, "docs", "simulations.json")),
    );
    for (const name of ["README.md", "docs/findings.md"]) {
      await Deno.writeTextFile(join(folder, name), "No number.\n");
    }
    // Most studies are not here, so it ends with 1; those that are get their documents.
    const { output } = await outcomeOf(
      cliWith(await flagsOf("findings"), folder, "findings", "--write"),
    );
    assert.match(output, /^✓ results\/findings\/rules-of-thumb\/finding\.md$/m);
    assert.match(output, /^✓ docs\/images\/findings\/rules-of-thumb\.svg$/m);
  }));

/** Loads the mathematics of the C library by its name, which the loader of Linux knows. */
const loadByName = () => Deno.dlopen("libm.so.6", {}).close();
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test({
  name: "the system's loader finds a library by its name with --allow-ffi",
  ...onLinux,
  fn: loadByName,
});

Deno.test({
  name: "… and does not where --allow-ffi names the library: it is taken for a file of the folder",
  permissions: { ffi: ["libm.so.6"], read: true },
  ...onLinux,
  fn: () => assert.throws(loadByName, /cannot open shared object file/),
});
