/** Opens JSON lines of the project in its arguments, keeps them on the disk, and prints the text's SHA-256. */
import { sha256 } from "../../../core/hash.ts";
import { openDocuments } from "../open_documents.ts";

const [project, json] = Deno.args;
const source = await openDocuments(JSON.parse(json), { project, mostInMemory: 0 });
// deno-lint-ignore no-console -- what it is for
console.log(sha256(source.read(0, source.bytes)));
