import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { type CommandContext, CommandError, parseCommand } from "../lib/commands/command.ts";
import { checkInteger } from "../lib/core/check.ts";
import { bytePairs } from "../lib/data/tokenizers/byte_pairs.ts";
import { learnVocabulary } from "../lib/data/tokenizers/vocabulary.ts";
import { findPeer } from "./peer_environment.ts";
import { quantile } from "./statistics.ts";

/** Words for `deno task bench tokenizers --help`. */
export const tokenizersUsage = `deno task bench tokenizers FILE ... [options]

Learns byte pairs from each text and encodes it, beside PyPI tokenizers on one thread, turn by turn; the ids
must be the same. Rates are of the median of processor seconds, so that other work matters little.

  --vocabulary 8000         tokens of a vocabulary
  --rounds 5                turns
  --python PATH             a Python with tokenizers; one is made in the cache folder without`;

interface Measured {
  readonly train: number;
  readonly encode: number;
  /** Of PyPI's alone: lines by themselves, whose ids are not always the whole text's. */
  readonly byLines?: number;
  readonly ids: number;
  readonly sha256: string;
}

/** `bench tokenizers`: exit code 1 where ids differ. */
export async function benchTokenizers({ args, print }: CommandContext): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    options: {
      vocabulary: { type: "string", default: "8000" },
      rounds: { type: "string", default: "5" },
      python: { type: "string" },
    },
    positionals: [1, 100],
  });
  const size = checkInteger("--vocabulary", Number(values.vocabulary), { from: 258 });
  const rounds = checkInteger("--rounds", Number(values.rounds), { from: 1 });
  const python = await findPeer(values.python, print, {
    folder: "tokenizers",
    module: "tokenizers",
    packages: ["tokenizers==0.23.3"],
    size: "",
  });
  print(
    "| text | MB | vocabulary | learn, s | encode, MB/s | PyPI: learn, s | encode, MB/s | by lines, MB/s |",
  );
  print(
    "| ---- | -- | ---------- | -------- | ------------ | -------------- | ------------ | -------------- |",
  );
  let alike = true;
  for (const path of positionals) {
    const text = await Deno.readTextFile(path);
    const megabytes = new TextEncoder().encode(text).length / 1e6;
    const own: Measured[] = [];
    const peer: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      own.push(measure(text, size));
      peer.push(await measurePeer(python, path, size));
    }
    alike &&= own.every(({ sha256 }) => sha256 === peer[0].sha256);
    const seconds = (list: readonly Measured[], name: "train" | "encode" | "byLines") =>
      quantile(list.map((each) => each[name]!), 0.5);
    const rate = (list: readonly Measured[], name: "encode" | "byLines") =>
      (megabytes / seconds(list, name)).toPrecision(3);
    print(
      `| ${
        [
          path,
          megabytes.toPrecision(3),
          size,
          seconds(own, "train").toPrecision(3),
          rate(own, "encode"),
          seconds(peer, "train").toPrecision(3),
          rate(peer, "encode"),
          rate(peer, "byLines"),
        ].join(" | ")
      } |`,
    );
  }
  print(alike ? "The ids are the same." : "The ids differ.");
  return alike ? 0 : 1;
}

/** Learning counts the making of the encoder; no word is remembered when encoding begins. */
function measure(text: string, size: number): Measured {
  const begin = process.cpuUsage();
  const vocabulary = learnVocabulary(bytePairs({ vocabularySize: size }), [text]);
  const train = secondsSince(begin);
  const encoding = process.cpuUsage();
  const ids = vocabulary.encodeText(text);
  const encode = secondsSince(encoding);
  const own = new Uint8Array(ids.map((id) => id - 1).buffer);
  const sha256 = createHash("sha256").update(own).digest("hex");
  return { train, encode, ids: ids.length, sha256 };
}

function secondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

async function measurePeer(python: string, path: string, size: number): Promise<Measured> {
  const script = join(import.meta.dirname!, "peer_tokenizers.py");
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [script, path, `${size}`],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new CommandError(`PyPI tokenizers failed: ${new TextDecoder().decode(stderr)}`);
}
