/**
 * Our side of the sweep: a study in a pool of two processes, which prints a line of JSON when the
 * first run trains, one for each run that has its record, and one at the end.
 *
 * @module
 */
import type { EngineName } from "../lib/core/engine_name.ts";
import { runStudy } from "../lib/studies/run_study.ts";
import { grid } from "../lib/studies/search/space.ts";
import { axes, folds, specify, workers } from "./sweep_settings.ts";

const [name, engine, steps] = Deno.args;
const say = (event: object) =>
  void Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
let training = false;
let done = 0;

const study = await runStudy({
  name,
  // Trainings are measured, not copies.
  shareRuns: false,
  space: grid({ lambda: [...axes.lambda], alpha: [...axes.alpha] }),
  specify: (point) => specify(point, Number(steps)),
  folds,
  seeds: [1],
  engine: engine as EngineName,
  workers,
  keepWeights: "none",
  reporter: {
    progress(progress) {
      if (!training && progress.fractional > 0) say({ event: "training" });
      training ||= progress.fractional > 0;
      for (; done < progress.done; done++) say({ event: "run" });
    },
    warn() {},
    finish() {},
  },
});
const losses = study.records.map(({ final }) => final?.heldOutLoss ?? NaN);
say({ event: "end", engine: study.records[0].engine, bestLoss: Math.min(...losses) });
