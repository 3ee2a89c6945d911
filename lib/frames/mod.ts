/**
 * The records of a study as danfojs data frames: runs, points (trials), learning curves and weights,
 * with the groups, wide tables and CSV that people ask for.
 *
 * An entry of its own, `parsimony/frames`, because danfojs takes a moment to load. It comes bundled, on the
 * library's tfjs: the package brings a second one, with a warning for each of its kernels. Importing it
 * lets every danfojs frame show itself as a table in a notebook.
 *
 * @example
 * ```ts
 * import { frameText, table } from "./mod.ts";
 * import assert from "node:assert/strict";
 * const runs = table([{ lambda: 0, validationLoss: 2.5 }, { lambda: 1e-4, validationLoss: 2.25 }]);
 * assert.match(frameText(runs), /1 +1e-4 +2\.25/);
 * ```
 *
 * In a notebook: `runsFrame(study, { status: "completed" }).groupby(["lambda"])` and on.
 *
 * @module
 */

import { showFramesAsTables } from "./display.ts";

export { concat, DataFrame, merge, Series, toCSV } from "./_danfojs.js";
export { frameHtml, frameText, showFramesAsTables, shownRows } from "./display.ts";
export { contrastsFrame } from "./contrasts_frame.ts";
export { frameCsv, writeCsv } from "./csv.ts";
export { ensemblesFrame } from "./ensembles_frame.ts";
export { groupMeans, pivotFrame, sortFrame } from "./groups.ts";
export { curvesFrame, runsFrame, trialsFrame } from "./study_frames.ts";
export { table } from "./table.ts";
export { type ModelWeights, weightsFrame, weightValuesFrame } from "./weights_frame.ts";

showFramesAsTables();
