import { checkInteger } from "../core/check.ts";
import { createAnyModel } from "../models/create.ts";
import { readSafetensors } from "../models/safetensors.ts";
import type { FoldIndex } from "../records/run_record.ts";
import { useInitialWeights } from "./initial_weights.ts";
import { readTrainedModel, type TrainedModel, vocabulariesIn } from "./trained_model.ts";

/**
 * The model that a run began with: its weights w₀, given or drawn, in the vocabulary of the trained one. What
 * `writeDifference` and `applyDifference` take as start, and what a fine-tuned model is compared with.
 *
 * @param trained The model of a run, such as `await study.model({ point })`.
 * @param run.fold Fold of that run.
 * @param run.seed Seed of that run; weights that are given depend on neither unless they are another study's.
 * @returns Another model, to be disposed of as well.
 * @throws {OutsideTrouble} If given weights are not there or have another SHA-256.
 * @throws {RangeError} Of a model of the user's own whose weights were drawn.
 *
 * @example
 * ```ts ignore
 * using end = await study.model({ point });
 * using start = await startingModel(end, { fold: "final", seed: 1 });
 * await Deno.writeFile("difference.safetensors", writeDifference(start, end));
 * ```
 */
export async function startingModel(
  trained: TrainedModel,
  { fold, seed }: { readonly fold: FoldIndex; readonly seed: number },
): Promise<TrainedModel> {
  if (fold !== "final") checkInteger("startingModel: fold", fold, { from: 0 });
  checkInteger("startingModel: seed", seed);
  const bytes = trained.file("dense");
  const start = await readTrainedModel(bytes, trained.engine);
  try {
    const { specification, network } = start;
    const vocabularies = vocabulariesIn(readSafetensors(bytes).metadata);
    if (specification.initialWeights !== undefined) {
      await useInitialWeights({ model: network, vocabularies }, specification, fold);
      return start;
    }
    const { model } = specification;
    if (model.kind === "ownModel") {
      throw new RangeError("startingModel: weights of a model of one's own are not drawn again.");
    }
    const drawn = createAnyModel(model, {
      vocabularySize: network.vocabularySize,
      sourceVocabularySize: vocabularies.sourceVocabulary?.length,
      ...{ seed, fold: `fold ${fold}` },
    });
    network.parameters.forEach(({ variable }, index) =>
      variable.assign(drawn.parameters[index].variable)
    );
    drawn.dispose();
    return start;
  } catch (error) {
    start.dispose();
    throw error;
  }
}
