/** A process that takes a lock, says so, and holds it until it is killed. */
import { takeLock } from "../storage/lock.ts";

takeLock(Deno.args[0], "Study");
Deno.stdout.writeSync(new TextEncoder().encode("held\n"));
setInterval(() => {}, 1000);
