/**
 * A process that runs a study of doubles: to be killed, interrupted or run twice at once. Its
 * project is found from its working directory.
 *
 * Arguments: JSON of options, JSON of what the specifications hold.
 */
import { runStudyWith } from "../_study_course.ts";
import { StudyInterrupted } from "../interrupt.ts";
import { terminalReporter } from "../reporter.ts";
import { doubleOptions, doubleParts } from "./parts.ts";

const [options, specification] = Deno.args;
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
try {
  const study = await runStudyWith(doubleParts, {
    ...doubleOptions(undefined, JSON.parse(options), JSON.parse(specification)),
    reporter: terminalReporter(),
  });
  say(study.digest());
} catch (error) {
  say(`${(error as Error).name}: ${(error as Error).message}`);
  Deno.exitCode = error instanceof StudyInterrupted ? 130 : 1;
}
