/** Version of the library, the same as in deno.json (a test compares them). */
export const version = "0.1.0";

/**
 * Version of what the numbers mean: part of every run id. It is raised when a change makes any run
 * give other bits, so that a cache never mixes numbers of two versions; a golden-hash test fails
 * when the numbers change and this does not.
 */
export const numericsVersion = 2;
