// Prints what `--allow-run` of the task of its argument, lab or doctor, names. It is known on this machine
// only: variables can name programs.

import { commandLine } from "../core/runtime/own_process.ts";
import { writeToOutput } from "../core/runtime/standard_streams.ts";
import { allowedPrograms } from "./programs.ts";

const programs = allowedPrograms(commandLine[0] === "lab" ? "lab" : "doctor");
writeToOutput(programs.join());
