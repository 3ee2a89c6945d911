import assert from "node:assert/strict";
import { type KernelOutput, startKernel } from "../notebook/kernel.ts";
import { showGeneration } from "./show_generation.ts";

const options = { prompt: "a <b", length: 3, seed: 1 };
const model = {
  *stream() {
    for (const piece of ["\n& so", " on", "."]) yield piece;
  },
};

Deno.test("showGeneration updates one display while the model writes, and ends with the whole text, escaped", async () => {
  const shown: [{ readonly [type: string]: unknown }, { display_id: string; update?: boolean }][] =
    [];
  const notebook = {
    display: (bundle: typeof shown[number][0], given: typeof shown[number][1]) => {
      shown.push([bundle, given]);
      return Promise.resolve();
    },
  };
  assert.equal(await showGeneration(model, options, notebook), "\n& so on.");
  assert.ok(shown.length >= 2);
  assert.deepEqual(shown.map(([, { update }]) => update), [
    false,
    ...shown.slice(1).map(() => true),
  ]);
  assert.equal(new Set(shown.map(([, { display_id }]) => display_id)).size, 1);
  assert.equal(shown[0][0]["text/plain"], "a <b\n& so");
  const last = shown.at(-1)![0];
  assert.equal(last["text/plain"], "a <b\n& so on.");
  assert.match(String(last["text/html"]), /a &lt;b<\/span>\n&amp; so on\.<\/div>$/);
});

Deno.test("showGeneration shows what stands after a middle that is filled in, escaped, and returns the middle", async () => {
  let last: { readonly [type: string]: unknown } = {};
  const notebook = { display: (bundle: typeof last) => Promise.resolve(void (last = bundle)) };
  const asked = { ...options, suffix: "> c" };
  assert.equal(await showGeneration(model, asked, notebook), "\n& so on.");
  assert.equal(last["text/plain"], "a <b\n& so on.> c");
  assert.match(String(last["text/html"]), /on\.<span style="opacity:\.6">&gt; c<\/span><\/div>$/);
});

Deno.test("showGeneration shows codes that would colour or turn a text as what they are, and returns them as written", async () => {
  let last: { readonly [type: string]: unknown } = {};
  const notebook = { display: (bundle: typeof last) => Promise.resolve(void (last = bundle)) };
  const hostile = {
    *stream() {
      for (const piece of ["\u001b[31m", "\u202e<b>", "\u{1f40b}"]) yield piece;
    },
  };
  assert.equal(
    await showGeneration(hostile, options, notebook),
    "\u001b[31m\u202e<b>\u{1f40b}",
  );
  assert.equal(last["text/plain"], "a <b‹U+001B›[31m‹U+202E›<b>\u{1f40b}");
  assert.match(
    String(last["text/html"]),
    /<\/span>‹U\+001B›\[31m‹U\+202E›&lt;b&gt;\u{1f40b}<\/div>$/u,
  );
});

Deno.test("showGeneration in a kernel shows the text in one display, updated while the cell runs", async () => {
  const module = JSON.stringify(new URL("./show_generation.ts", import.meta.url).href);
  const cell = `
    const { showGeneration } = await import(${module});
    const model = {
      *stream() {
        for (const piece of ["b", "c", "d"]) {
          const until = performance.now() + 150;
          while (performance.now() < until);
          yield piece;
        }
      },
    };
    await showGeneration(model, { prompt: "a", length: 3, seed: 1 });
  `;
  const kernel = await startKernel({ folder: Deno.cwd() });
  try {
    const outputs: KernelOutput[] = [];
    const reply = await kernel.execute(cell, { onOutput: (output) => outputs.push(output) });
    assert.equal(reply.status, "ok", JSON.stringify(reply));
    const texts = outputs.flatMap(({ type, content }) => {
      const data = content.data as { readonly [type: string]: unknown } | undefined;
      return type.endsWith("display_data") ? [[type, data?.["text/plain"]]] : [];
    });
    assert.deepEqual(texts.slice(0, 3), [
      ["display_data", "ab"],
      ["update_display_data", "abc"],
      ["update_display_data", "abcd"],
    ]);
    assert.equal(texts.at(-1)![1], "abcd");
  } finally {
    await kernel.close();
  }
});

Deno.test("showGeneration writes to the terminal outside a notebook", async () => {
  const script = `
    const { showGeneration } = await import(${
    JSON.stringify(new URL("./show_generation.ts", import.meta.url).href)
  });
    const model = { *stream() { yield "b"; yield "c"; yield "\\u001b"; } };
    await showGeneration(model, { prompt: "a", length: 3, seed: 1 });
  `;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--quiet", script],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.equal(new TextDecoder().decode(stdout), "abc‹U+001B›\n");
});

Deno.test("users 9: showGeneration shows nothing of a prompt that the model refuses", async () => {
  const refusing = {
    stream(): Generator<string, void> {
      throw new RangeError('found "猫"');
    },
  };
  const notebook = { display: () => Promise.reject(new Error("something was shown")) };
  await assert.rejects(showGeneration(refusing, { ...options, prompt: "猫" }, notebook), /猫/);
  await assert.rejects(showGeneration(refusing, { ...options, prompt: "猫" }, null), /猫/);
});
