import type { JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import type { StudyRecords } from "../study_records.ts";
import { gridPoints, joined, shapedStudy } from "./shaped_study.ts";

const number = (point: JsonObject, axis: string, absent = 0) =>
  axis in point ? Number(point[axis]) : absent;

/** Losses rise on either side of the best learning rate. */
const rateCost = (rate: number) => 0.25 * Math.log10(rate / 1e-2) ** 2;

function remedies(point: JsonObject): JsonObject {
  return {
    optimizer: { learningRate: number(point, "rate", 2e-3) },
    model: { outputDropout: number(point, "dropout") },
    penalties: [
      { kind: "decoupledWeightDecay", strength: number(point, "alpha") },
      { kind: "proximalL1", strength: number(point, "lambda") },
    ],
  };
}

function response(point: JsonObject) {
  const dropout = number(point, "dropout");
  const alpha = number(point, "alpha");
  const lambda = Math.min(1, 1e4 * number(point, "lambda"));
  const cost = rateCost(number(point, "rate", 1e-2));
  return {
    training: cost + 0.8 * dropout + 0.5 * alpha + 0.4 * lambda,
    heldOut: cost - 0.9 * dropout + dropout ** 2 - 0.7 * alpha + 0.5 * alpha ** 2 - 0.3 * lambda,
    zeros: 0.6 * lambda,
  };
}

/** Studies of other shapes than λ × α, for tests: nothing in them was measured. */
export const shapes: { readonly [name: string]: () => StudyRecords } = {
  "learning rate and alpha": () =>
    shapedStudy({
      points: gridPoints({ rate: [0.003, 0.01, 0.03], alpha: [0, 0.1, 0.3, 1] }),
      baseline: { rate: 0.01, alpha: 0 },
      specify: remedies,
      response,
    }),
  "three joined remedies": () => {
    const rates = { rate: [0.003, 0.01, 0.03] };
    return shapedStudy({
      points: joined(
        gridPoints(rates),
        gridPoints({ ...rates, dropout: [0.1, 0.2, 0.4] }),
        gridPoints({ ...rates, alpha: [0.1, 0.3, 1] }),
        gridPoints({ ...rates, lambda: [1e-5, 1e-4] }),
      ),
      baseline: { rate: 0.01 },
      specify: remedies,
      response,
    });
  },
  "sizes": () =>
    shapedStudy({
      points: gridPoints({ hiddenSize: [32, 64, 128, 256], dropout: [0, 0.3] }),
      baseline: { hiddenSize: 64, dropout: 0 },
      specify: ({ hiddenSize, dropout }) => ({
        model: { hiddenSize, outputDropout: dropout },
      }),
      response: (point) => {
        const size = Math.log2(number(point, "hiddenSize") / 64);
        const dropout = number(point, "dropout");
        return {
          training: -0.15 * size + dropout,
          heldOut: 0.1 * size ** 2 - dropout * (0.5 + 0.2 * size),
        };
      },
    }),
  "data sizes": () =>
    shapedStudy({
      points: gridPoints({ characters: [2000, 4000, 8000], alpha: [0, 0.3] }),
      baseline: { characters: 2000, alpha: 0 },
      specify: ({ characters, alpha }) => ({
        training: { trainingTokens: characters },
        penalties: [{ kind: "decoupledWeightDecay", strength: alpha }],
      }),
      response: (point) => {
        const doublings = Math.log2(number(point, "characters") / 2000);
        const alpha = number(point, "alpha");
        return { training: 0.3 * doublings + alpha, heldOut: -0.4 * doublings - alpha };
      },
    }),
  "choice only": () =>
    shapedStudy({
      points: ["sgd", "adam", "rmsProp"].map((optimizer) => ({ optimizer })),
      specify: ({ optimizer }) => ({ optimizer: { kind: optimizer } }),
      response: ({ optimizer }) => {
        const cost = { sgd: 0.3, adam: 0, rmsProp: 0.05 }[String(optimizer)]!;
        return { training: cost, heldOut: cost / 2 };
      },
    }),
  "one axis": () =>
    shapedStudy({
      points: gridPoints({ dropout: [0, 0.1, 0.2, 0.4] }),
      baseline: { dropout: 0 },
      specify: (point) => ({
        ...remedies(point),
        penalties: [{ kind: "decoupledWeightDecay", strength: 0.5 }],
      }),
      response,
    }),
  "conditional axis": () =>
    shapedStudy({
      points: joined(
        gridPoints({ optimizer: ["adam"], alpha: [0, 0.3, 1] }),
        gridPoints({ optimizer: ["sgd"], momentum: [0.5, 0.9], alpha: [0, 0.3, 1] }),
      ),
      baseline: { optimizer: "adam", alpha: 0 },
      specify: ({ optimizer, momentum = null, alpha }) => ({
        optimizer: { kind: optimizer, momentum },
        penalties: [{ kind: "decoupledWeightDecay", strength: alpha }],
      }),
      response: (point) => {
        const { training, heldOut } = response(point);
        const cost = point.optimizer === "sgd" ? 0.6 - 0.4 * number(point, "momentum") : 0;
        return { training: training + cost, heldOut: heldOut + cost };
      },
    }),
  "twenty points on three axes": () => {
    const stream = randomStream(7, "shapes");
    const draw = (low: number, high: number) =>
      Number((low * (high / low) ** stream.uniform()).toPrecision(3));
    return shapedStudy({
      points: Array.from({ length: 20 }, () => ({
        rate: draw(1e-3, 1e-1),
        alpha: draw(0.01, 1),
        dropout: draw(0.05, 0.5),
      })),
      specify: remedies,
      response,
    });
  },
  "twenty lines": () =>
    shapedStudy({
      points: gridPoints({
        alpha: [0, 0.1, 0.3, 1],
        dropout: [0, 0.1, 0.2, 0.3, 0.4],
        lambda: [0, 1e-5, 3e-5, 1e-4],
      }),
      baseline: { alpha: 0, dropout: 0, lambda: 0 },
      specify: remedies,
      response,
      seeds: [1],
    }),
  "star": () =>
    shapedStudy({
      points: joined(
        [0, 0.1, 0.3, 1].map((alpha) => ({ alpha, dropout: 0 })),
        [0.1, 0.2, 0.4].map((dropout) => ({ alpha: 0, dropout })),
      ),
      baseline: { alpha: 0, dropout: 0 },
      specify: remedies,
      response,
    }),
  "arms": () => {
    const stream = randomStream(8, "shapes");
    const draw = (low: number, high: number) =>
      Number((low * (high / low) ** stream.uniform()).toPrecision(3));
    const arm = (name: string, own: () => JsonObject) =>
      Array.from({ length: 6 }, () => ({ arm: name, rate: draw(1e-3, 1e-1), ...own() }));
    const armRecord = (name: string, parent: string | null) => ({
      name,
      parent,
      dimensions: {},
      count: 6,
      draw: "sobol" as const,
      seed: 1,
    });
    return shapedStudy({
      points: [
        ...arm("none", () => ({})),
        ...arm("decay", () => ({ alpha: draw(0.01, 1) })),
        ...arm("dropout", () => ({ dropout: draw(0.05, 0.5) })),
      ],
      specify: remedies,
      response,
      space: {
        kind: "arms",
        arms: [armRecord("none", null), armRecord("decay", "none"), armRecord("dropout", "none")],
      },
    });
  },
  "early stopping": () =>
    shapedStudy({
      points: gridPoints({ alpha: [0, 0.3, 1], lambda: [0, 1e-5, 1e-4] }),
      baseline: { alpha: 0, lambda: 0 },
      specify: (point) => ({
        ...remedies(point),
        training: { earlyStopping: { patience: 2 } },
      }),
      response,
    }),
  "falling to the last step": () =>
    shapedStudy({
      points: gridPoints({ alpha: [0, 0.3, 1], dropout: [0, 0.2] }),
      baseline: { alpha: 0, dropout: 0 },
      specify: remedies,
      response,
      falling: true,
    }),
  "no baseline, one fold": () =>
    shapedStudy({
      points: gridPoints({ alpha: [0.1, 0.3], dropout: [0.1, 0.2] }),
      specify: remedies,
      response,
      folds: 1,
      seeds: [1],
    }),
};
