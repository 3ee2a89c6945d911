import { definePenalty } from "../../penalties/define_penalty.ts";

export default definePenalty({
  name: "cautious decay",
  formula: "w ← w − η λ w, only where u w ≥ 0",
  sees: ["before", "update"],
  afterStep(weights, { before: w, update: u, strength, learningRate }) {
    for (let i = 0; i < weights.length; i++) {
      if (u[i] * w[i] >= 0) weights[i] -= learningRate * strength * w[i];
    }
  },
});
