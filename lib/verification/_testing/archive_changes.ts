import { join } from "node:path";
import { writeMarkdownReport, writeReport } from "../../reports/report.ts";
import { writeArchive } from "../write_archive.ts";
import {
  edited,
  filesOf,
  otherBit,
  otherDigit,
  renamed,
  swapped,
  withFile,
  withManifest,
  without,
  writeFiles,
} from "./archived.ts";
import { type Change, each, filesBy, forms, inStudy } from "./archive_forms.ts";
import { command, edit } from "./changed_study.ts";

/** One file of the archive, and nothing else. */
const contentsOfFiles = each("problem", {
  "a digit of a record": [
    filesBy(otherDigit(inStudy("runs.jsonl"), '"trainingLoss":')),
    /study\/runs\.jsonl has \d+ bytes with SHA-256/,
  ],
  "the corpus's checksum": [
    filesBy(
      otherDigit(inStudy("study.json"), '"corpus": {\n    "name": "whales",\n    "sha256": "'),
    ),
    /sha256 is "[0-9a-f]+" in study\.json, the corpus gives|the SHA-256 of "whales"/,
  ],
  "a word of the licence": [
    filesBy(edited(inStudy("study.json"), (text) => text.replace("CC0-1.0", "CC0-1.1"))),
    /study\/study\.json has \d+ bytes with SHA-256/,
  ],
  "a digit of the page": [
    filesBy(otherDigit(inStudy("report.html"), '<td class="number">')),
    /report\.html has \d+ bytes|it is not what the records give/,
  ],
  "a digit of the Markdown": [
    filesBy(otherDigit(inStudy("report.md"), "nats")),
    /report\.md has \d+ bytes/,
  ],
  "a bit of a figure": [
    filesBy(otherBit(inStudy("figures/figure-01.png"), 60)),
    /it is not the picture that the records give/,
  ],
  "a word of NEEDS.md": [
    filesBy(edited(inStudy("NEEDS.md"), (text) => text.replace("--sample 5", "--sample 0"))),
    /NEEDS\.md has \d+ bytes/,
  ],
  "a digit of the paper": [
    filesBy(otherDigit(inStudy("paper/article.tex"), "\\maketitle")),
    /paper\/article\.tex: it is not what the records give, first at line/,
  ],
  "a digit of a number of the paper": [
    filesBy(otherDigit(inStudy("paper/numbers.tex"), "\\newcommand")),
    /paper\/numbers\.tex: it is not what the records give, first at line/,
  ],
  "a digit of a table of the paper": [
    filesBy(otherDigit(inStudy("paper/tables/main.tex"), "midrule")),
    /paper\/tables\/main\.tex: it is not what the records give/,
  ],
  "a bit of kept weights": [
    async (archive) => {
      const files = await filesOf(archive);
      const path = [...files.keys()].find((path) => path.includes("/weights/"))!;
      await writeFiles(archive, otherBit(path)(files));
    },
    /is not the file that run [0-9a-f]+ kept/,
  ],
  "a letter of the text": [
    async (archive) => {
      const files = await filesOf(archive);
      const path = [...files.keys()].find((path) => path.includes("/text/"))!;
      await writeFiles(archive, edited(path, (text) => text.replace("ishmael", "Ishmael"))(files));
    },
    /text\/[0-9a-f]{64}\.txt has another SHA-256 than the study names/,
  ],
  "a pin of the lock": [
    filesBy(
      edited(
        "small/environment/deno.lock.txt",
        (text) => text.replace("npm:papaparse@5.7.1", "npm:papaparse@5.7.2"),
      ),
    ),
    /environment\/deno\.lock\.txt has \d+ bytes/,
  ],
  "a line of the configuration": [
    filesBy(edited("small/environment/deno.json.txt", (text) => text.replace("none", "auto"))),
    /environment\/deno\.json\.txt has \d+ bytes/,
  ],
  "the version of the numbers": [
    filesBy(otherDigit("small/environment.json", '"numericsVersion": ')),
    /environment\.json has \d+ bytes/,
  ],
  "a hash in the manifest": [
    filesBy(otherDigit("small/manifest.json", '"sha256": "')),
    /environment\.json has \d+ bytes with SHA-256 [0-9a-f]{64}, the manifest says/,
  ],
  "a size in the manifest": [
    filesBy(otherDigit("small/manifest.json", '"bytes": ')),
    /environment\.json has \d+ bytes with SHA-256 .* the manifest says \d+/,
  ],
  "a space in the manifest": [
    filesBy(edited("small/manifest.json", (text) => text.replace(": ", ":  "))),
    /it is not as the library writes it/,
  ],
  "a file removed": [
    filesBy(without(inStudy("report.md"))),
    /"study\/report\.md" is in the manifest, and not in the archive/,
  ],
  "a file added": [
    filesBy(withFile(inStudy("notes.txt"), "well done")),
    /study\/notes\.txt is in the archive, and the manifest does not name it/,
  ],
  "a file added beside the study": [
    filesBy(withFile("small/deno.json", "{}")),
    /it has "small\/deno\.json", which no archive has/,
  ],
  "a second folder": [
    filesBy(withFile("other/readme.txt", "read me")),
    /it must have one folder at its top/,
  ],
  "two files swapped": [
    filesBy(swapped(inStudy("figures/figure-01.png"), inStudy("figures/figure-01-dark.png"))),
    /figures\/figure-01\.png has \d+ bytes/,
  ],
  "a file renamed": [
    filesBy(renamed(inStudy("NEEDS.md"), inStudy("READ.md"))),
    /study\/READ\.md is in the archive/,
  ],
  "the folder renamed": [
    filesBy((files) =>
      new Map([...files].map(([path, bytes]) => [path.replace(/^small/, "large"), bytes]))
    ),
    /its folder is "large", that of its study is "small"/,
  ],
});

/** The same with the manifest written anew, so that it agrees. */
const mended = each("problem", {
  "a digit of a record, with the manifest": [
    filesBy((files) => withManifest(otherDigit(inStudy("runs.jsonl"), '"trainingLoss":')(files))),
    /generalizationGap|it is not what the records give/,
  ],
  "a digit of the page, with the manifest": [
    filesBy((files) =>
      withManifest(otherDigit(inStudy("report.html"), '<td class="number">')(files))
    ),
    /it is not what the records give, first at line/,
  ],
  "two figures swapped, with the manifest": [
    filesBy((files) =>
      withManifest(
        swapped(inStudy("figures/figure-01.png"), inStudy("figures/figure-01-dark.png"))(files),
      )
    ),
    /it is not the picture that the records give/,
  ],
  "the page removed, with the manifest": [
    filesBy((files) => withManifest(without(inStudy("report.html"))(files))),
    /study\/report\.html is not there/,
  ],
  "a digit of the paper, with the manifest": [
    filesBy((files) =>
      withManifest(otherDigit(inStudy("paper/article.tex"), "\\maketitle")(files))
    ),
    /paper\/article\.tex: it is not what the records give, first at line/,
  ],
  "a digit of a number of the paper, with the manifest": [
    filesBy((files) =>
      withManifest(otherDigit(inStudy("paper/numbers.tex"), "\\newcommand")(files))
    ),
    /paper\/numbers\.tex: it is not what the records give, first at line/,
  ],
  "a figure of the paper, with the manifest": [
    filesBy((files) => {
      const path = [...files.keys()].find((path) => /\/paper\/figures\/.*\.pdf$/.test(path))!;
      return withManifest(otherBit(path, 60)(files));
    }),
    /paper\/figures\/[\w-]+\.pdf: it is not the picture/,
  ],
  "a table of the paper removed, with the manifest": [
    filesBy((files) => withManifest(without(inStudy("paper/tables/main.tex"))(files))),
    /paper\/tables\/main\.tex is not there/,
  ],
  "the paper removed, with the manifest": [
    filesBy((files) =>
      withManifest(new Map([...files].filter(([path]) => !path.includes("/study/paper/"))))
    ),
    /study\/paper\/article\.tex is not there/,
  ],
  "a file added, with the manifest": [
    filesBy((files) => withManifest(withFile(inStudy("notes.txt"), "well done")(files))),
    /"study\/notes\.txt" is no file of its study/,
  ],
  "the licence, with the manifest": [
    filesBy((files) =>
      withManifest(
        edited(inStudy("study.json"), (text) => text.replaceAll("CC0-1.0", "CC0-1.1"))(files),
      )
    ),
    /definitionHash is/,
  ],
  "the checksum of a text in the environment, with the manifest": [
    filesBy((files) =>
      withManifest(
        otherDigit(
          "small/environment.json",
          '"texts": [\n    {\n      "name": "whales",\n      "sha256": "',
        )(files),
      )
    ),
    /it is not what study\.json gives/,
  ],
  "the processor in the environment, with the manifest": [
    filesBy((files) =>
      withManifest(
        edited("small/environment.json", (text) => text.replace('"cpu": "', '"cpu": "better '))(
          files,
        ),
      )
    ),
    /it is not what study\.json gives/,
  ],
  "the environment removed, with the manifest": [
    filesBy((files) => withManifest(without("small/environment.json")(files))),
    /environment\.json is not there/,
  ],
  "another study in the manifest": [
    filesBy((files) =>
      withManifest(
        edited(
          "small/manifest.json",
          (text) => text.replace('"study": "small"', '"study": "large"'),
        )(files),
      )
    ),
    /its folder is "small", that of its study is "large"/,
  ],
});

const run = (change: (run: any) => unknown) => async (archive: string, study: string) => {
  await edit("runs.jsonl", (content) => {
    const [line, ...others] = content.split("\n");
    const record = JSON.parse(line);
    change(record);
    return [JSON.stringify(record), ...others].join("\n");
  })(study);
  await rewritten(archive, study);
};

/** Writes reports and archive of a changed study, as an author would. */
export async function rewritten(archive: string, study: string): Promise<void> {
  await writeReport(study, { command });
  await writeMarkdownReport(study, { command });
  await archived(archive, study);
}

/** Writes the archive of a study where it lies, with its text and weights. */
async function archived(archive: string, study: string): Promise<void> {
  const project = join(study, "..", "..");
  const before = Deno.cwd();
  // That is where its text is found from.
  Deno.chdir(project);
  try {
    await writeArchive("small", { withText: true, withWeights: true, path: archive });
  } finally {
    Deno.chdir(before);
  }
}

/** Records, reports and archive agree: only a run that is trained again says otherwise. */
const forged = each("sample", {
  "a loss with its gap, everything written anew": [
    run(({ curve: [, at] }) => at.generalizationGap = (at.heldOutLoss += 1e-6) - at.trainingLoss),
    /curve\.1\.heldOutLoss is \d\.\d+ in the records, \d\.\d+ when trained/,
  ],
  "a better end, everything written anew": [
    run((run) => {
      const at = run.curve.at(-1);
      at.heldOutLoss -= 1;
      at.generalizationGap = at.heldOutLoss - at.trainingLoss;
      run.final = run.best = at;
    }),
    /heldOutLoss is \d\.\d+ in the records/,
  ],
  "a norm, everything written anew": [
    run(({ curve }) => curve[1].weightNorm += 1e-6),
    /curve\.1\.weightNorm is/,
  ],
  "what the model wrote, everything written anew": [
    run(({ samples }) => samples[0].text = "whales whales"),
    /samples\.0\.text is "whales whales" in the records/,
  ],
});

/** What may differ where nobody did anything wrong. */
const told = each("said", {
  "a pin of the lock, with the manifest": [
    filesBy((files) =>
      withManifest(
        edited("small/environment/deno.lock.txt", (text) =>
          text.replace(/("npm:papaparse@5\.7\.1": ?)"5\.7\.1"/, '$1"5.7.2"'))(files),
      )
    ),
    /papaparse is 5\.7\.1 when the runs began, 5\.7\.2 in the archive/,
  ],
  "the configuration, with the manifest": [
    filesBy((files) =>
      withManifest(
        edited("small/environment/deno.json.txt", (text) => text.replace("none", "auto"))(files),
      )
    ),
    /deno\.json is another one here/,
  ],
  "weights removed, with the manifest": [
    filesBy((files) =>
      withManifest(without([...files.keys()].find((path) => path.includes("/weights/"))!)(files))
    ),
    /1 file not there: study\.model\(\) trains such a run again/,
  ],
});

/** All of them. */
export const changes: readonly Change[] = [
  ...forms,
  ...contentsOfFiles,
  ...mended,
  ...forged,
  ...told,
];
