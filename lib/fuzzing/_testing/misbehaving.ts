import { join } from "node:path";
import { type Base, type Kind, Nonsense } from "../kind.ts";

/** A kind whose every input ends in one way. */
function kind(name: string, run: (base: Base) => unknown): Kind {
  return { name, share: 1, open: (base) => () => ({ input: name, run: () => run(base) }) };
}

/** Kinds that end in every way in which an input can. */
export const kinds: readonly Kind[] = [
  kind("accepts", () => {}),
  kind("writes to results", ({ project }) => Deno.writeTextFile(join(project, "results/a"), "a")),
  kind("refuses", () => {
    throw new RangeError("steps must be a whole number from 1, found null.");
  }),
  kind("speaks V8", () => (null as unknown as { a: unknown }).a),
  kind("speaks in two lines", () => {
    throw new Error("One.\nTwo.");
  }),
  kind("turns text around", () => {
    throw new Error("found \u202e.");
  }),
  kind("makes nonsense", () => {
    throw new Nonsense("undefined pages");
  }),
  kind("writes elsewhere", ({ project }) => Deno.writeTextFile(join(project, "deno.json"), "{}")),
  kind("writes outside", ({ project }) => Deno.writeTextFile(join(project, "../a"), "a")),
  kind("asks the network", () => fetch("http://127.0.0.1:1/")),
  kind("leaves behind", async () => {
    Promise.reject(new Error("late"));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }),
  kind("hangs", () => {
    for (;;);
  }),
  kind("waits", () => new Promise(() => setInterval(() => {}, 1000))),
  kind("ends the process", () => Deno.exit(3)),
  kind("takes all memory", () => {
    for (const all: unknown[] = [];;) all.push(new Array(1_000_000).fill(0.5));
  }),
  kind("accepts after all that", () => {}),
];
