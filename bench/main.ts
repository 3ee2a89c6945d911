import { CommandError } from "../lib/commands/command.ts";
import { print, printError } from "../lib/core/terminal.ts";
import { benchDocument, documentUsage } from "./document.ts";
import { benchLargeText, largeTextUsage } from "./large_text.ts";
import { benchMemory, memoryUsage } from "./memory.ts";
import { benchPretrained, pretrainedUsage } from "./pretrained.ts";
import { benchProfile, profileUsage } from "./profile.ts";
import { benchReport, reportUsage } from "./report.ts";
import { benchScale, scaleUsage } from "./scale.ts";
import { benchSearch, searchUsage } from "./search.ts";
import { benchSweep, sweepUsage } from "./sweep.ts";
import { benchThreads, threadsUsage } from "./threads.ts";
import { benchTokenizers, tokenizersUsage } from "./tokenizers.ts";
import { benchTraining, trainingUsage } from "./training.ts";

const benches = {
  training: { run: benchTraining, usage: trainingUsage },
  sweep: { run: benchSweep, usage: sweepUsage },
  memory: { run: benchMemory, usage: memoryUsage },
  pretrained: { run: benchPretrained, usage: pretrainedUsage },
  threads: { run: benchThreads, usage: threadsUsage },
  profile: { run: benchProfile, usage: profileUsage },
  scale: { run: benchScale, usage: scaleUsage },
  "large-text": { run: benchLargeText, usage: largeTextUsage },
  search: { run: benchSearch, usage: searchUsage },
  report: { run: benchReport, usage: reportUsage },
  tokenizers: { run: benchTokenizers, usage: tokenizersUsage },
  document: { run: benchDocument, usage: documentUsage },
};

/** `deno task bench NAME`. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  const bench = benches[name as keyof typeof benches];
  if (!Object.hasOwn(benches, name ?? "") || args.includes("--help")) {
    print(bench?.usage ?? Object.values(benches).map(({ usage }) => usage).join("\n\n"));
    return bench || name === undefined || name === "--help" ? 0 : 2;
  }
  try {
    return await bench.run({ args, print, signal: new AbortController().signal });
  } catch (error) {
    const { message, code, showUsage } = CommandError.from(error);
    printError(showUsage ? `${message}\n\n${bench.usage}` : message);
    return code;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
