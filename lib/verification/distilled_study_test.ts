import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunRecord } from "../records/run_record.ts";
import { corpus } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import type { StudyOptions } from "../studies/options.ts";
import { points } from "../studies/search/space.ts";
import { warmStartPath } from "../studies/search/warm_start_path.ts";
import { wholeCost } from "../statistics/whole_cost.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { packStudy } from "./pack_study.ts";
import { type VerifiedPart, verifyStudy } from "./verify_study.ts";

const teacher = { size: 8, taught: false };

/** A teacher, its smaller student, and a student of that. */
const distilled: Partial<StudyOptions> = {
  space: points([{ size: 3, taught: true }, { size: 6, taught: true }, teacher]),
  specify: ({ size, taught }) => ({
    corpus: corpus("whales"),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: Number(size) }),
    optimizer: adam({ learningRate: 0.02 }),
    training: {
      steps: 6,
      batchSize: 4,
      windowLength: 8,
      evaluateEvery: 3,
      teacher: taught
        ? { point: size === 3 ? { size: 6, taught: true } : teacher, share: 0.8, temperature: 2 }
        : null,
    },
  }),
};

const problemsOf = (parts: readonly VerifiedPart[]) =>
  parts.flatMap(({ what, problems }) => problems.map((each) => `${what}: ${each}`)).join("\n");

Deno.test("verify knows a student's cost: its training with the forward passes of its teacher over each token", () =>
  withSmallStudy(async ({ record, records, folder }, project) => {
    assert.equal(problemsOf(await verifyStudy("small", { project })), "");
    const [smallest, student, first] = [3, 6, 8].map((size) =>
      records.find(({ point, fold }) => point.size === size && fold === 0)!
    );
    // 2 a weight of the kernels: 3 gates of [4, h] and [h, h], and [h, vocabulary].
    const forward = ({ tokens, point }: RunRecord) => {
      const size = Number(point.size);
      return 2 * (3 * (4 * size + size * size) + size * tokens.vocabulary);
    };
    const tokens = 6 * 4 * 8;
    assert.equal(first.cost!.flops, 3 * forward(first) * tokens);
    assert.equal(student.cost!.flops, (3 * forward(student) + forward(first)) * tokens);
    assert.equal(smallest.cost!.flops, (3 * forward(smallest) + forward(student)) * tokens);
    const whole = wholeCost({ record, records }, smallest)!;
    const all = [smallest, student, first].map(({ cost }) => cost!);
    assert.equal(whole.flops, all.reduce((sum, { flops }) => sum + flops!, 0));
    assert.deepEqual([whole.tokens, whole.weights], [3 * tokens, smallest.cost!.weights]);

    const path = join(folder, "runs.jsonl");
    const lines = await Deno.readTextFile(path);
    const without = 3 * forward(student) * tokens;
    await Deno.writeTextFile(
      path,
      lines.replaceAll(`"flops":${student.cost!.flops}`, `"flops":${without}`),
    );
    assert.match(problemsOf(await verifyStudy("small", { project })), /line \d: its cost is/);
  }, distilled));

Deno.test("verifyStudy trains students again with their teachers, whose kept weights it does not trust", () =>
  withSmallStudy(async ({ records, folder }, project) => {
    const sample = records.length;
    const parts = await verifyStudy("small", { project, sample });
    assert.equal(problemsOf(parts), "");
    const again = parts.filter(({ what }) => /trained again on wasm: the same bits/.test(what));
    assert.equal(again.length, sample);

    // Another teacher's numbers, with the hashes that would fit them, in the whole journal.
    const path = join(folder, "runs.jsonl");
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    const change = async (edit: (run: any) => void, of: (run: RunRecord) => boolean) => {
      const changed = lines.map((line) => {
        const run = JSON.parse(line);
        if (of(run)) edit(run);
        return JSON.stringify(run);
      });
      await Deno.writeTextFile(path, `${changed.join("\n")}\n`);
      const found = problemsOf(await verifyStudy("small", { project, sample }));
      await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
      return found;
    };
    const isTeacher = ({ teachers }: RunRecord) => teachers === undefined;
    const other = await change(({ parameters }) => parameters[0].name += "x", isTeacher);
    assert.match(other, /run [0-9a-f]{12}, which it needs: parameters.0.name is/);
    const isStudent = (run: RunRecord) => !isTeacher(run);
    const none = await change((run) => delete run.teachers, isStudent);
    assert.match(none, /teachers is \[\], its id is of \["[0-9a-f]{64}"\]/);
    const wrong = await change((run) => run.teachers = [run.id], isStudent);
    assert.match(wrong, /teachers is \["[0-9a-f]{64}"\], its id is of/);
    assert.match(
      await change((run) => run.teachers = run.id, isStudent),
      /run.teachers must be a list/,
    );

    const { folder: packed } = await packStudy("small", { project, withText: true });
    const weights = await Array.fromAsync(Deno.readDir(join(packed, "weights")));
    const kept = records.filter(({ weights }) => weights !== null);
    assert.equal(weights.length, kept.length);
    assert.ok(kept.length > 0);
    await Deno.remove(folder, { recursive: true });
    await Deno.rename(packed, folder);
    assert.equal(problemsOf(await verifyStudy("small", { project, sample: 3 })), "");
    // What a run needs is trained again, whether its weights are there or not.
    await Deno.remove(join(folder, "weights"), { recursive: true });
    assert.equal(problemsOf(await verifyStudy("small", { project, sample: 3 })), "");
  }, distilled));

Deno.test("verifyStudy trains runs that began with the weights of others again, with those", () =>
  withSmallStudy(async ({ records }, project) => {
    const parts = await verifyStudy("small", { project, sample: records.length });
    assert.equal(problemsOf(parts), "");
    assert.ok(records.some(({ warmStartedFrom }) => warmStartedFrom !== undefined));
    const again = parts.filter(({ what }) => what.includes("trained again on wasm"));
    assert.equal(again.length, records.length);
  }, { strategy: warmStartPath({ axis: "lambda" }) }));

Deno.test("verifyStudy says that a study whose points need each other in a circle can have no runs", () =>
  withSmallStudy(async ({ folder }, project) => {
    const path = join(folder, "study.json");
    const study = JSON.parse(await Deno.readTextFile(path));
    study.specifications[1].training.teacher.point = study.space.points[0];
    await Deno.writeTextFile(path, `${JSON.stringify(study, null, 2)}\n`);
    const parts = await verifyStudy("small", { project });
    assert.match(
      problemsOf(parts),
      /runs that need others: Points must not need each other's runs in/,
    );
  }, distilled));
