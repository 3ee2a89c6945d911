import { checkNumber } from "../core/check.ts";
import { number, oneOf, type Option, option, orNotGiven } from "../core/options.ts";
import { quantities, type Quantity, type View } from "./summarize.ts";

/** Where points can be looked at. */
export const views: readonly View[] = ["lastStep", "bestStep"];

/** Where points are looked at. */
export const view: Option<View> = orNotGiven(oneOf(views, "lastStep"));

/** Where points are looked at whose step is chosen with them. */
export const tunedView: Option<View> = oneOf(views, "bestStep");

/** What is read of a run. */
export const quantity: Option<Quantity> = orNotGiven(oneOf(quantities, "validationLoss"));

/** Share of intervals that hold what they estimate. */
export const confidence: Option<number> = orNotGiven(number({ above: 0, below: 1 }, 0.95));

/** n_test/n_train of sizes, for folds whose training sets overlap; 0 of independent values. */
export const overlap: Option<number> = option((name, sizes) => {
  if (sizes === undefined) return 0;
  const given = sizes as { readonly test: unknown; readonly training: unknown };
  return checkNumber(`${name}.test`, given.test, { above: 0 }) /
    checkNumber(`${name}.training`, given.training, { above: 0 });
});
