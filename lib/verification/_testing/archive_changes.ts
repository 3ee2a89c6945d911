import { Buffer } from "node:buffer";
import { join } from "node:path";
import { writeMarkdownReport, writeReport } from "../../reports/report.ts";
import { writeArchive } from "../write_archive.ts";
import {
  edited,
  type Files,
  filesOf,
  otherBit,
  otherDigit,
  placeOf,
  renamed,
  swapped,
  withFile,
  withHeader,
  withManifest,
  without,
  writeFiles,
} from "./archived.ts";
import { command, edit } from "./changed_study.ts";

/** How a change is found: as a problem, by training again, or by a line that is said. */
export type Finding = "problem" | "sample" | "said";

/** One change to an archive. */
export interface Change {
  readonly what: string;
  readonly found: Finding;
  /** What is said of it. */
  readonly says: RegExp;
  /** Changes the archive, or the study before the archive is written. */
  make(archive: string, study: string): Promise<unknown>;
}

const bytesOf = (change: (bytes: Uint8Array) => Uint8Array) => async (archive: string) =>
  await Deno.writeFile(archive, change(await Deno.readFile(archive)));

const joined = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

const filesBy = (change: (files: Files) => Files) => async (archive: string) =>
  await writeFiles(archive, change(await filesOf(archive)));

type Named = { readonly [what: string]: readonly [Change["make"], RegExp] };

const each = (found: Finding, changes: Named): Change[] =>
  Object.entries(changes).map(([what, [make, says]]) => ({ what, found, make, says }));

const inStudy = (name: string) => `small/study/${name}`;

/** Of the archive itself. */
const forms = each("problem", {
  "a time in a header": [
    bytesOf(withHeader("small/study/report.md", 136, "15000000000")),
    /study\/report\.md" differs in its field "time"/,
  ],
  "an owner in a header": [
    bytesOf(withHeader("small/manifest.json", 265, "root")),
    /differs in its field "name of the owner"/,
  ],
  "permissions in a header": [
    bytesOf(withHeader("small/study/study.json", 100, "0000755")),
    /differs in its field "mode"/,
  ],
  "a checksum spelled otherwise": [
    bytesOf((bytes) => bytes.with(placeOf(bytes, "small/manifest.json\0") + 155, 0)),
    /differs in its field "checksum"/,
  ],
  "a file made a link": [
    bytesOf(withHeader("small/study/runs.jsonl", 156, "2/etc/passwd")),
    /is of a symbolic link, "small\/study\/runs\.jsonl", not of a file/,
  ],
  "a file renamed out of the folder": [
    bytesOf(withHeader("small/environment.json", 0, "../environment.json\0\0")),
    /has a path that leads outside.*"\.\.\/environment\.json"/,
  ],
  "a file renamed in its header": [
    bytesOf(withHeader("small/study/report.md", 0, "small/study/report.mb")),
    /study\/report\.mb is in the archive, and the manifest does not name it/,
  ],
  "a size": [
    bytesOf(withHeader("small/study/study.json", 124, "00000000001")),
    /not of the format ustar|the padding behind/,
  ],
  "a byte of padding": [
    bytesOf((bytes) => bytes.with(placeOf(bytes, "small/environment/deno.json.txt\0") - 1, 1)),
    /the padding behind "small\/environment\.json", at byte \d+, is not zero/,
  ],
  "a byte of the end": [
    bytesOf((bytes) => bytes.with(bytes.length - 1, 1)),
    /its end, at byte \d+, is not zero/,
  ],
  "bytes appended": [
    bytesOf((bytes) => joined(bytes, Uint8Array.of(80, 75))),
    /2 bytes stand behind its end/,
  ],
  "the end cut off": [
    bytesOf((bytes) => bytes.slice(0, -512)),
    /more than the archive holds behind it/,
  ],
  "half of it": [
    bytesOf((bytes) => bytes.slice(0, bytes.length >> 1)),
    /more than the archive holds behind it/,
  ],
  "two files in another order": [
    bytesOf((bytes) => {
      const [a, b, c] = ["small/environment/deno.json", "small/environment/deno.lock", "small/man"]
        .map((name) => placeOf(bytes, name));
      return joined(bytes.slice(0, a), bytes.slice(b, c), bytes.slice(a, b), bytes.slice(c));
    }),
    /stands behind .* not in the order of the paths/,
  ],
  "a file twice": [
    bytesOf((bytes) => {
      const [a, b] = ["small/environment.json", "small/environment/deno.json"]
        .map((name) => placeOf(bytes, name));
      return joined(bytes.slice(0, b), bytes.slice(a, b), bytes.slice(b));
    }),
    /has "small\/environment\.json" twice/,
  ],
  "compressed": [
    async (archive) => {
      const stream = new Blob([await Deno.readFile(archive)]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile(archive, new Uint8Array(await new Response(stream).arrayBuffer()));
    },
    /not of the format ustar/,
  ],
});

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
