import type { JsonObject } from "../core/json.ts";
import { type Checked, checkOptions, type Options } from "../core/options.ts";

/** What a config.json of Hugging Face's has of the described keys; others are not read. */
export function readConfig<Described extends Options>(
  config: JsonObject,
  described: Described,
): Checked<Described> {
  const read = Object.keys(described).filter((name) => Object.hasOwn(config, name));
  return checkOptions(
    "config.json",
    Object.fromEntries(read.map((name) => [name, config[name]])),
    described,
  );
}
