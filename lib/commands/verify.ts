import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { mostRuns } from "../core/limits.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { commandOf } from "../experiments/reproductions/kept_study.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, CommandError, parseCommand, wholeNumber } from "./command.ts";

/** `verify STUDY [--sample N] [--seed S] [--command TEXT] [--trust SHA256]`: computes everything about a study again, and compares. */
export async function verify({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: {
      sample: { type: "string", default: "0" },
      seed: { type: "string" },
      command: { type: "string" },
      trust: { type: "string", multiple: true, default: [] },
    },
    positionals: [1, 1],
  });
  const sample = wholeNumber("--sample", values.sample, { from: 0, to: mostRuns });
  // Drawn anew, or whoever made the records would know which runs are looked at.
  const seed = values.seed === undefined
    ? crypto.getRandomValues(new Uint32Array(1))[0]
    : wholeNumber("--seed", values.seed);
  for (const sha256 of values.trust) checkTrust(sha256);
  const name = storedStudy(positionals[0]);
  const documents = keptDocuments(name);
  const parts = await verifyStudy(name, {
    sample,
    seed,
    signal,
    trust: values.trust,
    command: values.command ?? (documents.length > 0 ? commandOf : undefined),
    documents,
    onPart({ what, problems, notes }) {
      // What a folder of others holds must not look like a line of ours.
      const say = (text: string) => print(visibleLine(text));
      say(`${problems.length === 0 ? "✓" : "✗"} ${what}`);
      for (const problem of problems) say(`    ${problem}`);
      for (const note of notes) say(`    – ${note}`);
    },
  });
  if (sample === 0) {
    print(
      "Not seen without --sample: records that were changed without a contradiction, and the report " +
        "with them.",
    );
  }
  const failed = parts.filter(({ problems }) => problems.length > 0).length;
  print(`${parts.length - failed} well, ${failed} not.`);
  return failed === 0 ? 0 : 1;
}

function checkTrust(sha256: string): void {
  if (/^[0-9a-f]{64}$/.test(sha256)) return;
  throw new CommandError(
    `--trust must be the SHA-256 of code that you have read, 64 digits from 0 to f as verify says ` +
      `them, found ${show(sha256)}.`,
    2,
    true,
  );
}
