import assert from "node:assert/strict";
import { join } from "node:path";
import { blockedFolds } from "../data/folds.ts";
import { grid } from "../studies/search/space.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { verifyStudy } from "./verify_study.ts";

Deno.test("verifyStudy finds other counts of a choosing text, and other bits of an ensemble, of folds in bytes", () =>
  withSmallStudy(
    async (study, project) => {
      const problemsWith = async (file: string, change: (record: any) => void) => {
        const path = join(study.folder, file);
        const content = await Deno.readTextFile(path);
        const [line, ...others] = content.split("\n");
        const record = JSON.parse(line);
        change(record);
        await Deno.writeTextFile(path, [JSON.stringify(record), ...others].join("\n"));
        const parts = await verifyStudy("small", { project, sample: 0 });
        await Deno.writeTextFile(path, content);
        return parts.flatMap(({ problems }) => problems).join("\n");
      };
      const choosing = (change: (text: any) => void) =>
        problemsWith("runs.jsonl", ({ tokens: { text } }) => change(text));
      const wrong = /line 1: it evaluates \d+ choosing bytes, its fold has \d+/;
      assert.doesNotMatch(await choosing(() => {}), /line 1/);
      assert.match(await choosing((text) => text.choosing.bytes *= 2), wrong);
      assert.match(await choosing((text) => delete text.choosing), wrong);
      assert.match(
        await problemsWith("ensembles.jsonl", ({ curve, final, best }) => {
          for (const at of [...curve, final, best]) at.bitsPerByte /= 2;
        }),
        /line 1: at step 0 the bits per byte or character are not those of its loss/,
      );
    },
    {
      space: grid({ lambda: [0] }),
      folds: blockedFolds({ count: 3, unit: "bytes", finalShare: 0, choosing: true }),
      seeds: [1, 2],
      ensembles: [{}],
    },
  ));
