import assert from "node:assert/strict";
import { checkWritable, writeFileAtomically } from "../core/files.ts";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { writeReport } from "../reports/report.ts";
import { runStudy } from "./run_study.ts";
import { smallStudy } from "./_testing/small_study.ts";
import { withSmallDisk } from "./_testing/small_disk.ts";

withSmallDisk(
  "F8: a report on a full disk names the file that could not be written",
  (disk) =>
    inTemporaryProject(async () => {
      await Deno.symlink(disk.folder, "results");
      const study = await runStudy(smallStudy(Deno.cwd(), { keepWeights: "none", seeds: [1] }));
      const before = [...Deno.readDirSync(study.folder)].map(({ name }) => name);
      await assert.rejects(writeReport(study), (error) => {
        assert.ok(error instanceof OutsideTrouble);
        assert.match(
          error.message,
          /^Cannot write .*\/results\/small\/report\.html \(No space left on device \(os error 28\)\)\.$/,
        );
        return true;
      });
      // Nothing half written is left.
      assert.deepEqual([...Deno.readDirSync(study.folder)].map(({ name }) => name), before);
      await disk.makeRoom();
      await writeReport(study);
    }),
);

withSmallDisk(
  "writeFileAtomically and checkWritable name the file on a disk that is read-only",
  async (disk) => {
    await disk.makeReadOnly();
    const path = `${disk.folder}/new/file.txt`;
    for (const write of [() => writeFileAtomically(path, "a"), () => checkWritable(path)]) {
      await assert.rejects(
        write(),
        /^OutsideTrouble: Cannot write .*\/new\/file\.txt \(Read-only file system \(os error 30\)\)\.$/,
      );
    }
  },
);
