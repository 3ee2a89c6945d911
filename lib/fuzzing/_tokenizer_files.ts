import { join } from "node:path";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { tokenizerFile } from "../data/tokenizers/tokenizer_file.ts";
import { learnVocabulary } from "../data/tokenizers/vocabulary.ts";
import { baseText } from "./_base.ts";
import { type Kind, Nonsense } from "./kind.ts";
import { mutatedJsonText, mutateText } from "./mutate.ts";

/** A tokenizer.json of a few merges. */
function smallTokenizer() {
  const learned = learnVocabulary(bytePairs({ vocabularySize: 270 }), [baseText]);
  const tokens = learned.tokens.slice(1);
  const special = { special: true, single_word: false, lstrip: false, rstrip: false };
  return {
    version: "1.0",
    added_tokens: [{ id: tokens.length, content: "<|end of|>", ...special }],
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Digits", individual_digits: true },
        { type: "ByteLevel", add_prefix_space: false, use_regex: true },
      ],
    },
    model: {
      type: "BPE",
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: learned.merges!.map((merge) => merge.split(" ")),
    },
  };
}

const name = "tokenizer.json";
const text = `${baseText.slice(0, 300)} 1984 鲸 🐋<|end of|>`;

/** Files of tokenizers that came from elsewhere. */
export const tokenizerFileKinds: readonly Kind[] = [{
  name: "tokenizer",
  share: 4,
  writes: [name],
  open: ({ project }) => {
    const { model, ...rest } = smallTokenizer();
    const { vocab, merges, ...options } = model;
    return (stream) => {
      // What is around the tokens as often as they.
      const part = stream.integer(3);
      const whole = JSON.stringify({ ...rest, model });
      const content = part === 0
        ? mutatedJsonText({ ...rest, model }, stream)
        : part === 1
        ? mutatedJsonText({ ...rest, model: options }, stream).replace(
          '"type":"BPE"',
          () => `"vocab":${JSON.stringify(vocab)},"merges":${JSON.stringify(merges)},"type":"BPE"`,
        )
        : mutateText(whole, stream);
      return {
        input: content,
        async run() {
          await Deno.writeTextFile(join(project, name), content);
          const tokenizer = tokenizerFile(name);
          await readyTokenizer(tokenizer);
          const vocabulary = learnVocabulary(tokenizer, []);
          const ids = vocabulary.encodeText(text);
          if (!ids.includes(0) && vocabulary.decode(ids) !== text) {
            throw new Nonsense("decoded, it is another text");
          }
        },
      };
    };
  },
}];
