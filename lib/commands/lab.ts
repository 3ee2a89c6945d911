import { join } from "node:path";
import { projectFolder } from "../core/project.ts";
import { findJupyter } from "../doctor/programs.ts";
import { type CommandContext, CommandError } from "./command.ts";

/** `lab [-- ARGUMENT …]`: JupyterLab in the project's folder, with a kernel of this Deno. */
export async function lab({ args, print, signal }: CommandContext): Promise<number> {
  const own = args[0] === "--" ? args.slice(1) : args;
  if (args.length > 0 && args[0] !== "--") {
    throw new CommandError(`Unknown argument ${JSON.stringify(args[0])}.`, 2, true);
  }
  const jupyter = await findJupyter();
  if (jupyter === null) {
    throw new CommandError(
      "JupyterLab was not found (looked for .venv/bin/jupyter-lab, jupyter-lab on PATH and " +
        "python3 -m jupyterlab).\nInstall it with:\n" +
        "  python3 -m venv .venv && .venv/bin/pip install jupyterlab\n" +
        "VS Code needs no JupyterLab, and `deno task notebooks` needs no Python at all.",
    );
  }
  const project = projectFolder();
  const data = await writeKernelSpecification(project);
  print(`JupyterLab ${jupyter.version}; Ctrl-C ends it.`);
  const [program, ...before] = jupyter.command;
  const child = new Deno.Command(program, {
    args: [...before, `--ServerApp.root_dir=${project}`, ...own],
    cwd: project,
    env: {
      // Folders named first win over kernels that are installed for the user.
      JUPYTER_PATH: [data, Deno.env.get("JUPYTER_PATH")].filter(Boolean).join(
        Deno.build.os === "windows" ? ";" : ":",
      ),
      JUPYTER_PREFER_ENV_PATH: "1",
    },
  }).spawn();
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  const { code } = await child.status;
  signal.removeEventListener("abort", stop);
  return signal.aborted ? 0 : code;
}

/**
 * Writes a kernel specification that names this very Deno by its path, so that it also works where
 * Deno came with npx. Returns the folder for JUPYTER_PATH.
 */
export async function writeKernelSpecification(project: string): Promise<string> {
  const data = join(project, ".temporary", "jupyter");
  const folder = join(data, "kernels", "deno");
  await Deno.mkdir(folder, { recursive: true });
  const specification = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.writeTextFile(join(folder, "kernel.json"), JSON.stringify(specification, null, 2));
  return data;
}
