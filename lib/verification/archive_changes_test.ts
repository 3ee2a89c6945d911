import assert from "node:assert/strict";
import { join } from "node:path";
import { inTemporaryProject } from "../core/testing/temporary_project.ts";
import { changes, rewritten } from "./_testing/archive_changes.ts";
import type { Finding } from "./_testing/archive_forms.ts";
import { command, contents, putBack, withStudy } from "./_testing/changed_study.ts";
import { verifyArchive } from "./verify_archive.ts";

Deno.test("each of more than forty single changes to an archive is found in another project, with what it was", () =>
  withStudy(async (study) => {
    await inTemporaryProject(async (project) => {
      const archive = join(project, "small.tar");
      const verified = async (sample = 0) => {
        const parts = await verifyArchive(archive, { sample, command });
        return {
          problems: parts.flatMap(({ problems }) => problems),
          notes: parts.flatMap(({ notes }) => notes),
        };
      };
      await rewritten(archive, study);
      const before = await contents(study);
      const bytes = await Deno.readFile(archive);
      assert.deepEqual((await verified(before.size)).problems, []);
      const clean = await verified();
      const counts: { [found in Finding | "never"]: number } = {
        problem: 0,
        sample: 0,
        said: 0,
        never: 0,
      };
      const surprises: string[] = [];
      for (const { what, found, says, make } of changes) {
        await make(archive, study);
        const plain = await verified();
        const notes = plain.notes.filter((note) => !clean.notes.includes(note));
        const trained = plain.problems.length + notes.length > 0
          ? []
          : (await verified(before.size))
            .problems;
        const [outcome, told] = plain.problems.length > 0
          ? ["problem", plain.problems] as const
          : notes.length > 0
          ? ["said", notes] as const
          : trained.length > 0
          ? ["sample", trained] as const
          : ["never", []] as const;
        counts[outcome]++;
        if (outcome !== found || !told.some((each) => says.test(each))) {
          surprises.push(`${what}: ${outcome}: ${told.join("; ")}`);
        }
        await putBack(study, before);
        await Deno.writeFile(archive, bytes);
      }
      assert.deepEqual(surprises, []);
      assert.deepEqual((await verified()).problems, []);
      assert.deepEqual([...Deno.readDirSync(join(project, ".temporary", "archives"))], []);
      const { problem, sample, said, never } = counts;
      assert.ok(problem + sample >= 40 && never === 0);
      const docs = await Deno.readTextFile(new URL("../../docs/verification.md", import.meta.url));
      assert.ok(
        docs.replace(/\s+/g, " ").includes(
          `Of ${changes.length} single changes to an archive, ${problem} are problems, ${sample} are ` +
            `found by training again, and ${said} are said`,
        ),
        `${changes.length} ${JSON.stringify(counts)} are not the numbers of docs/verification.md`,
      );
    });
  }));
