import { join } from "node:path";
import { show } from "../core/check.ts";
import { projectFolder } from "../core/project.ts";
import { environmentVariable } from "../core/runtime/environment.ts";
import { makeFolder, writeTextFile } from "../core/runtime/files.ts";
import { operatingSystem } from "../core/runtime/machine.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { findJupyter } from "../doctor/programs.ts";
import { kernelSpecification } from "../notebook/kernel_specification.ts";
import { type CommandContext, CommandError } from "./command.ts";

/** `lab [-- ARGUMENT …]`: JupyterLab in the project's folder, with a kernel of this Deno. */
export async function lab({ args, print, signal }: CommandContext): Promise<number> {
  const own = args[0] === "--" ? args.slice(1) : args;
  if (args.length > 0 && args[0] !== "--") {
    throw new CommandError(
      `Unknown argument ${show(args[0])}: JupyterLab's own stand after --.`,
      2,
      true,
    );
  }
  const jupyter = await findJupyter();
  if (jupyter === null) {
    throw new CommandError(
      "JupyterLab was not found (looked for the program that PARSIMONY_JUPYTERLAB names, " +
        ".venv/bin/jupyter-lab, jupyter-lab on PATH and python3 -m jupyterlab).\nInstall it with:\n" +
        "  python3 -m venv .venv && .venv/bin/pip install jupyterlab\n" +
        "VS Code needs no JupyterLab, and `deno task notebooks` needs no Python at all.",
    );
  }
  const project = projectFolder();
  const data = await writeKernelSpecification(project);
  print(`JupyterLab ${jupyter.version}; Ctrl-C ends it.`);
  const [program, ...before] = jupyter.command;
  // JupyterLab refuses to start when the folder is named twice.
  const rootFolder =
    own.some((each) => /^--((ServerApp|LabApp)\.root_dir|notebook-dir)\b/.test(each))
      ? []
      : [`--ServerApp.root_dir=${project}`];
  const child = startProgram(program, {
    args: [...before, ...rootFolder, ...own],
    cwd: project,
    env: {
      // Folders named first win over kernels that are installed for the user.
      JUPYTER_PATH: [data, environmentVariable("JUPYTER_PATH")].filter(Boolean).join(
        operatingSystem === "windows" ? ";" : ":",
      ),
      JUPYTER_PREFER_ENV_PATH: "1",
    },
  });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  const { code } = await child.status;
  signal.removeEventListener("abort", stop);
  return signal.aborted ? 0 : code;
}

/** Writes our kernel specification, and gives the folder for JUPYTER_PATH. */
async function writeKernelSpecification(project: string): Promise<string> {
  const data = join(project, ".temporary", "jupyter");
  const folder = join(data, "kernels", "deno");
  await makeFolder(folder);
  const specification = JSON.stringify(kernelSpecification(project), null, 2);
  await writeTextFile(join(folder, "kernel.json"), specification);
  return data;
}
