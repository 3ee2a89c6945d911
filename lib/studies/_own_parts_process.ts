/** A process that loads and tries own parts: a request on stdin, the answer on stdout between marks. */
import { exit } from "../core/runtime/own_process.ts";
import { standardInput } from "../core/runtime/standard_streams.ts";
import { tryOwnParts } from "../training/try_own_parts.ts";

const { mark, trials, project } = JSON.parse(await new Response(standardInput()).text());
let answer: unknown;
try {
  answer = { complete: await tryOwnParts(trials, project) };
} catch (error) {
  answer = { error: error instanceof Error ? error.message : String(error) };
}
// deno-lint-ignore no-console
console.log(`${mark}${JSON.stringify(answer)}${mark}`);
exit(0);
