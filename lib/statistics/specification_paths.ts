import type { Json, JsonObject } from "../core/json.ts";

/**
 * Paths at which specifications differ, such as `penalties[0].strength`, with the values of each.
 *
 * @param specifications At least one.
 */
export function differingPaths(
  specifications: readonly JsonObject[],
): Map<string, readonly Json[]> {
  const flat = specifications.map((specification) => new Map(leaves(specification, "")));
  const paths = new Set(flat.flatMap((each) => [...each.keys()]));
  const differing = new Map<string, Json[]>();
  for (const path of paths) {
    const values = flat.map((each) => each.get(path) ?? null);
    if (new Set(values.map((value) => JSON.stringify(value))).size > 1) differing.set(path, values);
  }
  return differing;
}

/** Every value of a specification that is no object or list, with its path. */
export function leaves(value: Json, path: string): [string, Json][] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  }
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([key, item]) =>
      leaves(item, path === "" ? key : `${path}.${key}`)
    );
  }
  return [[path, value]];
}
