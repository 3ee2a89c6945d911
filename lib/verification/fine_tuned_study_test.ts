import assert from "node:assert/strict";
import { corpus } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { l2 } from "../penalties/l2.ts";
import { proximalL1TowardsStart } from "../penalties/proximal_l1_towards_start.ts";
import { chooseFigures } from "../plots/choose_figures.ts";
import { changedWeights } from "../plots/changed_weights.ts";
import { renderReport } from "../reports/report.ts";
import { points } from "../studies/search/space.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { applyDifference, writeDifference } from "../training/difference.ts";
import { startingModel } from "../training/starting_model.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { verifyStudy } from "./verify_study.ts";

const sparse = (strength: number) => ({ penalties: [proximalL1TowardsStart({ strength })] });

/** What each point changes of a training. */
const changes: { readonly [tuned: string]: { training?: object; penalties?: object[] } } = {
  all: sparse(0),
  sparse: sparse(0.05),
  frozen: { ...sparse(0.05), training: { frozen: [{ layers: ["embedding"] }] } },
  adapters: {
    training: { adapters: { rank: 2 } },
    penalties: [l2({ strength: 0.01, targets: ["adapter"] })],
  },
  rates: { ...sparse(0), training: { learningRateFactors: { perBlock: 0.5 } } },
};

Deno.test("a study of fine-tuning verifies with all runs trained again, counts what did not change, and keeps models that are a difference", () =>
  withSmallStudy(
    async (study, project) => {
      const parts = await verifyStudy("small", { project, sample: study.records.length });
      assert.deepEqual(parts.flatMap(({ problems }) => problems), []);
      const summaries = new Map(
        summarizeTrials(study.record, study.records).map((each) => [each.point.tuned, each]),
      );
      const unchanged = (tuned: string) =>
        summaries.get(tuned)!.lastStep!.estimates.unchangedShare.mean;
      assert.ok(unchanged("sparse") > unchanged("all") && unchanged("frozen") > 0);
      assert.equal(unchanged("adapters"), 0, "nothing is counted");
      const { layers, points } = changedWeights(study);
      assert.deepEqual(layers, ["gru0", "output"]);
      assert.deepEqual(points.map(({ point }) => point.tuned), [
        "all",
        "sparse",
        "frozen",
        "rates",
      ]);
      const captions = chooseFigures(study).map(({ caption }) => caption);
      assert.ok(captions.some((caption) => caption.startsWith("Weights that are others than")));
      const html = renderReport(study, { script: "", command: null });
      assert.match(html, /<th[^>]*>unchanged weights</);
      for (
        const said of ["Frozen in some points", "Low-rank adapters", "Learning rates by layer"]
      ) {
        assert.ok(html.includes(said), said);
      }
      for (const tuned of ["sparse", "adapters"]) {
        const run = { fold: 1, seed: 1 };
        using end = await study.model({ point: { tuned }, ...run });
        using start = await startingModel(end, run);
        const bytes = writeDifference(start, end);
        assert.deepEqual(applyDifference(start, bytes), end.file("dense"));
        const { parameters } = study.records.find(({ point, fold }) =>
          point.tuned === tuned && fold === 1
        )!;
        for (const { name, unchangedWeights } of parameters) {
          if (unchangedWeights === undefined) continue;
          const [first, last] = [start, end].map((model) => model.weights().get(name)!.values);
          assert.equal(first.filter((w, i) => w === last[i]).length, unchangedWeights, name);
        }
      }
    },
    {
      space: points(Object.keys(changes).map((tuned) => ({ tuned }))),
      keepWeights: "all",
      specify: ({ tuned }) => {
        const { training, penalties = [] } = changes[tuned];
        return {
          corpus: corpus("whales"),
          tokenizer: characters(),
          model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
          penalties,
          optimizer: adam({ learningRate: 0.01 }),
          training: { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3, ...training },
        } as never;
      },
    },
  ));
