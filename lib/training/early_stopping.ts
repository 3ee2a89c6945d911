import { setValues, valuesNow } from "../engine/kernels.ts";
import type { Model } from "../models/model.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import type { CurvePoint } from "../records/run_record.ts";
import type { RunState } from "./checkpoint.ts";
import type { Specification } from "./specification.ts";

/** Early stopping: remembers the weights of the lowest choosing loss, and when to stop. */
export function keepBest(model: Model, specification: Specification) {
  const patience = specification.training.earlyStopping?.patience ?? null;
  let point: CurvePoint | null = null;
  let weights: Float32Array[] = [];
  let waited = 0;
  let stopped = false;
  return {
    get point() {
      return point;
    },
    get stopped() {
      return stopped;
    },
    see(latest: CurvePoint): "continue" | "stop" {
      if (point === null || choosingLossOf(latest) < choosingLossOf(point)) {
        point = latest;
        waited = 0;
        if (patience !== null) {
          weights = model.parameters.map(({ variable }) => valuesNow(variable).slice());
        }
      } else if (patience !== null && ++waited >= patience) {
        stopped = true;
      }
      return stopped ? "stop" : "continue";
    },
    state: () => ({ point, waited, weights }),
    resume(state: RunState["best"]) {
      ({ point, waited } = state);
      weights = [...state.weights];
    },
    restore() {
      weights.forEach((values, index) => setValues(model.parameters[index].variable, values));
    },
  };
}
