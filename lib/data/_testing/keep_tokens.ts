// Keeps the tokens of one text in the folder of the first argument, and prints whether it made them. A second
// argument is how long it takes over each of ten parts, milliseconds.
import { writeToOutput } from "../../core/runtime/standard_streams.ts";
import { keptTokens } from "../kept_tokens.ts";
import { readTokens } from "../tokens.ts";

const [store, pause = "0"] = Deno.args;
let made = false;
const { spans } = await keptTokens({
  store,
  key: { text: "numbers" },
  async make(begin) {
    made = true;
    const writer = begin(100_000);
    for (let part = 0; part < 10; part++) {
      writer.write(Int32Array.from({ length: 10_000 }, (_, index) => 10_000 * part + index));
      await new Promise((resolve) => setTimeout(resolve, Number(pause)));
      writeToOutput(`part ${part}\n`);
    }
    writer.endSpan();
    return {};
  },
});
const ids = readTokens(spans[0]);
const whole = ids.length === 100_000 && ids.every((id, index) => id === index);
writeToOutput(`${made ? "made" : "read"} ${whole}\n`);
