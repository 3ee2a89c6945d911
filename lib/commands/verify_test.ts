import assert from "node:assert/strict";
import { join } from "node:path";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { randomStream } from "../core/random.ts";
import { addDataset } from "../data/add_dataset.ts";
import { corpus } from "../data/corpora.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { reproduce } from "../experiments/reproductions/reproduce.ts";
import { wordLstmShort } from "../experiments/reproductions/ptb_small.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { silentReporter } from "../studies/reporter.ts";
import { runStudy } from "../studies/run_study.ts";
import { points } from "../studies/search/space.ts";
import { blockedFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { adam } from "../optimizers/adam.ts";
import { cliIn, outcomeOf } from "./_testing/cli.ts";

const text = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");

/** A study on a corpus of the user's, with both reports. */
async function runSmall(project: string): Promise<string> {
  await Deno.writeTextFile(join(project, "whales.txt"), text);
  await addDataset("whales", "whales.txt", { kind: "text", licence: "CC0-1.0", project });
  const { folder } = await runStudy({
    name: "small",
    project,
    space: points([{}]),
    specify: () => ({
      corpus: corpus("whales"),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
    }),
    folds: blockedFolds({ count: 2 }),
    seeds: [1],
    workers: 1,
    reporter: silentReporter,
  });
  await writeReport(folder);
  await writeMarkdownReport(folder);
  return folder;
}

const isDigit = (byte: number) => byte >= 48 && byte <= 57;

/** The bytes with one digit, drawn at random, made another one. */
function withOtherDigit(bytes: Uint8Array<ArrayBuffer>, seed: number): Uint8Array<ArrayBuffer> {
  const places = [...bytes.keys()].filter((at) => isDigit(bytes[at]));
  const random = randomStream(seed, "a digit to change");
  const changed = bytes.slice();
  const at = places[random.permutation(places.length)[0]];
  changed[at] = 48 + (changed[at] - 48 + 1 + seed % 9) % 10;
  return changed;
}

Deno.test("verify exits with 0 for studies as they were run, and with 1 when one digit of any of their files is another", () =>
  inTemporaryProject(async (project) => {
    const quick = { project, quick: true, reporter: silentReporter };
    const small = await runSmall(project);
    const reproduction = (await reproduce(wordLstmShort, quick)).study;
    for (const name of ["small", reproduction.name]) {
      const { code, output, errors } = await outcomeOf(await cliIn(project, "verify", name));
      assert.equal(code, 0, output + errors);
      assert.match(output, /^\d+ well, 0 not\.$/m);
    }
    const files: [study: string, path: string, says: RegExp][] = [
      ["small", join(small, "study.json"), /./],
      ["small", join(small, "runs.jsonl"), /./],
      ["small", join(small, "report.html"), /✗ report\.html/],
      ["small", join(small, "report.md"), /✗ report\.md/],
      ["small", join(project, "whales.txt"), /✗ corpus whales/],
      [reproduction.name, join(reproduction.folder, "reproduction.md"), /✗ reproduction\.md/],
      [reproduction.name, join(reproduction.folder, "runs.jsonl"), /✗ reproduction\.md|✗ runs/],
    ];
    for (const [seed, [study, path, says]] of files.entries()) {
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, withOtherDigit(bytes, seed));
      const { code, output, errors } = await outcomeOf(await cliIn(project, "verify", study));
      await Deno.writeFile(path, bytes);
      assert.equal(code, 1, `${path}\n${output}${errors}`);
      assert.match(output, says, path);
      assert.match(output, /^\d+ well, [1-9]\d* not\.$/m);
    }
  }));
