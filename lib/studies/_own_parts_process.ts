/** A process that loads and tries own parts: a request on stdin, the answer on stdout between marks. */
import { tryOwnParts } from "../training/try_own_parts.ts";

const { mark, trials, project } = JSON.parse(await new Response(Deno.stdin.readable).text());
let answer: unknown;
try {
  answer = { complete: await tryOwnParts(trials, project) };
} catch (error) {
  answer = { error: error instanceof Error ? error.message : String(error) };
}
// deno-lint-ignore no-console
console.log(`${mark}${JSON.stringify(answer)}${mark}`);
Deno.exit(0);
