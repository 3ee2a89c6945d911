import { longestText } from "../core/limits.ts";
import { integer, orNull } from "../core/options.ts";

const limit = orNull(integer({ from: 1, to: longestText }));

/** How long the sides of a pair may be, in tokens. */
export const pairLimits = { maximumSourceLength: limit, maximumTargetLength: limit };
