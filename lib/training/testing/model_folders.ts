import { join } from "node:path";
import { withFiles } from "../../data/testing/project_files.ts";

/** Folders of small models, as transformers wrote them. */
const references = new URL("../../models/_reference/hugging_face/", import.meta.url);

/** A tokenizer.json of 13 tokens, two of them special, and some letters. */
export const smallTokenizer = (() => {
  const special = ["<|end|>", "<|pad|>"];
  const tokens = [...special, ..."abcdefgh", "Ġ", "Ċ", "ab"];
  return JSON.stringify({
    added_tokens: special.map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: ["a b"],
    },
  });
})();

export const smallTokenizerConfig = JSON.stringify({
  eos_token: "<|end|>",
  pad_token: { content: "<|pad|>" },
});

/** Runs with the project-relative path of a small model's folder, with a tokenizer. */
export async function withModelFolder(
  name: string,
  use: (folder: string, full: string) => void | Promise<void>,
  others: { readonly [name: string]: string | Uint8Array } = {},
): Promise<void> {
  const read = (file: string) => Deno.readFile(new URL(`${name}/${file}`, references));
  const files = {
    "config.json": await read("config.json"),
    "model.safetensors": await read("model.safetensors"),
    "tokenizer.json": smallTokenizer,
    "tokenizer_config.json": smallTokenizerConfig,
    ...others,
  };
  await withFiles(
    Object.fromEntries(
      Object.entries(files).map(([file, content]) => [join("model", file), content]),
    ),
    (folder, full) => use(`${folder}/model`, join(full, "model")),
  );
}
