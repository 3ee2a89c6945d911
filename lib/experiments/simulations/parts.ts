import { equivalence } from "./equivalence.ts";
import type { SimulationPart } from "./part.ts";
import { pilots } from "./pilots.ts";
import { planning } from "./planning.ts";
import { worth } from "./worth.ts";

/** All parts that are drawn on their own, in the order of the document. */
export const parts: readonly SimulationPart[] = [planning, pilots, equivalence, worth];
