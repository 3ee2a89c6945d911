import { regionWords } from "../statistics/describe_equivalence.ts";
import type { EquivalenceRegion } from "../statistics/region_of_baseline.ts";
import type { Layer } from "./chart.ts";
import { theme } from "./theme.ts";

/** What a figure needs of a region of equivalence. */
export type DrawnRegion = Pick<EquivalenceRegion, "halfWidth">;

/** Ends of a region, for the range of an axis; none where it is not known. */
export function regionEnds(region: DrawnRegion | undefined): number[] {
  const halfWidth = region?.halfWidth ?? null;
  return halfWidth === null ? [] : [-halfWidth, halfWidth];
}

/** A region as a band from end to end of a horizontal axis, to lie behind all else. */
export function regionLayers(
  region: DrawnRegion | undefined,
  x: readonly [number, number],
): Layer[] {
  const [lower, upper] = regionEnds(region);
  return lower === undefined ? [] : [{
    kind: "band",
    color: theme.axis,
    x: [...x],
    lower: [lower, lower],
    upper: [upper, upper],
  }];
}

/** That there is such a band, for a subtitle; empty where there is none. */
export function regionNote(region: DrawnRegion | undefined): string {
  const halfWidth = region?.halfWidth ?? null;
  return halfWidth === null
    ? ""
    : ` The band is what counts as too small to matter, ${regionWords({ halfWidth })}.`;
}
