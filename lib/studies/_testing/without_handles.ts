/**
 * A process that runs the small study, has no file handle left when it is to begin, and has them back once
 * the study has said so. It prints what the study said, and its digest.
 */
import { silentReporter } from "../reporter.ts";
import { runStudy } from "../run_study.ts";
import { smallStudy } from "./small_study.ts";

const taken: Deno.FsFile[] = [];
let wereTaken = false;

function takeAll(): void {
  if (wereTaken) return;
  wereTaken = true;
  try {
    for (;;) taken.push(Deno.openSync("/dev/null"));
  } catch (error) {
    if ((error as { code?: string }).code !== "EMFILE") throw error;
  }
}

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const study = await runStudy(smallStudy(Deno.cwd(), {
  reporter: {
    ...silentReporter,
    progress: takeAll,
    warn(message) {
      say(message);
      setTimeout(() => taken.splice(0).forEach((file) => file.close()), 700);
    },
  },
}));
say(study.digest());
