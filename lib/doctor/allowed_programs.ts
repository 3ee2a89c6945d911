// Prints what `--allow-run` of the task of its argument, lab or doctor, names. It is known on this machine
// only: variables can name programs.

import { allowedPrograms } from "./programs.ts";

const programs = allowedPrograms(Deno.args[0] === "lab" ? "lab" : "doctor");
Deno.stdout.writeSync(new TextEncoder().encode(programs.join()));
