import assert from "node:assert/strict";
import { sha256 } from "../../../core/hash.ts";
import { withProject } from "../../_testing/parts.ts";
import { jobSender, startRealWorker } from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { smallStudy, text } from "../../_testing/small_study.ts";
import type { Specification } from "../../../training/specification.ts";
import { runStudy } from "../../run_study.ts";

/** A file that no job may learn anything of. */
const secret = "the secret of this machine, line by line. ".repeat(60);
const wrong = "0".repeat(64);

/** What must never be read on the server: the secret's text, its hash, its length in any unit. */
function checkSilent(said: string, name: string): void {
  const { length } = secret;
  for (const told of ["secret of", "line by line", sha256(secret), `${length}`, `${length - 1}`]) {
    assert.ok(!said.includes(told), `${name} tells ${told}: ${said}`);
  }
}

withRedis(
  "F3: no job learns the checksum, the length or a sample of a file that the worker's project does not list",
  ({ url }) =>
    withProject(async (project) => {
      const outside = await Deno.makeTempFile({ prefix: "parsimony-secret-" });
      await Deno.writeTextFile(outside, secret);
      await Deno.writeTextFile(`${project}/secret.txt`, secret);
      await Deno.mkdir(`${project}/data`);
      await Deno.writeTextFile(`${project}/data/mine.txt`, text);
      await Deno.symlink(outside, `${project}/data/link.txt`);
      await Deno.mkdir(`${project}/datasets`);
      await Deno.writeTextFile(`${project}/datasets/listed.txt`, secret);
      await Deno.writeTextFile(`${project}/datasets/catalogue.json`, catalogue);
      const local = await runStudy(smallStudy(project, { name: "local" }));
      const [first] = local.record.specifications as unknown as Specification[];
      const [fold] = local.record.folds;
      const of = (corpus: object) => ({
        ...first,
        corpus: { name: "x", licence: "none", excerpt: null, ...corpus },
      });
      const file = (path: string, sha256: string, excerpt: object | null = null) =>
        of({ kind: "file", path, sha256, excerpt });
      const known = sha256(secret);
      const tooLong = { start: 0, length: 1_000_000 };
      const unlisted =
        /is the file ".*", which this project does not list\. Start the worker with --corpus/;
      const jobs: readonly (readonly [string, unknown, RegExp])[] = [
        // The three oracles: the checksum, then the length, then the text of its samples.
        ["checksum", file("secret.txt", wrong), unlisted],
        ["length", file("secret.txt", known, tooLong), unlisted],
        ["sample", file("secret.txt", known), unlisted],
        ["not there", file("none.txt", wrong), unlisted],
        ["dots", file("data/../secret.txt", known), unlisted],
        ["outside", file("../secret.txt", known), unlisted],
        // By a link out of the project, also from a folder that is listed.
        ["link", file("data/link.txt", known), /by a link that leads out/],
        ["link's checksum", file("data/link.txt", wrong), /by a link that leads out/],
        // Of what is listed, only the checksum that the job gave.
        [
          "listed",
          file("data/mine.txt", wrong),
          /with another text than the one with the SHA-256 0{64}/,
        ],
        ["absent", file("data/none.txt", wrong), /does not have, cannot read/],
        ["catalogue", of({ kind: "catalogue", name: "changed", sha256: wrong }), /another text/],
        [
          "unknown",
          of({ kind: "catalogue", name: "other", sha256: wrong }),
          /is not in this project's/,
        ],
        ["inline", of({ kind: "inline", text: "abc", sha256: wrong }), /is not the text here/],
      ];
      const sender = await jobSender(url);
      const worker = startRealWorker(url, project, { corpora: ["data"] });
      try {
        for (const [name, specification, expected] of jobs) {
          const said = await sender.said(name, specification, fold);
          checkSilent(said, name);
          assert.match(said, expected, name);
          assert.match(said, /^Refused by /, name);
        }
        // What the project lists is trained, with its samples: by an option, or by the catalogue.
        for (const path of ["data/mine.txt", "datasets/listed.txt"]) {
          const content = await Deno.readTextFile(`${project}/${path}`);
          const said = await sender.said(path, file(path, sha256(content)), fold);
          assert.equal(JSON.parse(said).record.status, "completed");
        }
        assert.ok(worker.lines.every((line) => !line.includes("secret of")));
      } finally {
        await worker.stop();
        await sender.end();
        await Deno.remove(outside);
      }
    }),
);

const entry = (name: string, path: string, hash: string) => ({
  ...{ name, description: "A text.", kind: "text", licence: "none", split: null },
  source: { path },
  sha256: hash,
  size: { bytes: secret.length, codePoints: secret.length },
});
const catalogue = JSON.stringify({
  schemaVersion: 1,
  datasets: [
    entry("listed", "datasets/listed.txt", sha256(secret)),
    // Its file is another one by now.
    entry("changed", "datasets/listed.txt", wrong),
  ],
});

withRedis(
  "a worker refuses a list of corpora that leaves its project",
  ({ url }) =>
    withProject(async (project) => {
      for (const path of ["../x", "/etc", "."]) {
        await assert.rejects(
          startRealWorker(url, project, { corpora: [path] }).stop(),
          /must stay inside/,
        );
      }
    }),
);
