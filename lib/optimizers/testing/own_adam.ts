import { defineOptimizer } from "../define_optimizer.ts";
const { fround: f, sqrt } = Math;

export default defineOptimizer({
  name: "my Adam",
  formula: "w ← w − η m̂ / (√v̂ + ε)",
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  slots: ["m", "v"],
  update(g, { slots: { m, v }, learningRate, step, options: { beta1, beta2, epsilon } }) {
    const [rate, root] = [learningRate / (1 - beta1 ** step), 1 / sqrt(1 - beta2 ** step)].map(f);
    for (let i = 0; i < g.length; i++) {
      m[i] = f(f(beta1) * m[i]) + f(f(1 - beta1) * g[i]);
      v[i] = f(f(beta2) * v[i]) + f(f(f(1 - beta2) * g[i]) * g[i]);
      g[i] = f(rate * m[i]) * f(1 / f(f(f(sqrt(v[i])) * root) + f(epsilon)));
    }
  },
});
