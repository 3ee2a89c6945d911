import { checkObject, show } from "../../core/check.ts";
import { parseJson } from "../../core/parse_json.ts";
import {
  cutBetweenWords,
  digits,
  inTurn,
  preTokenizers,
  splitterOf,
  type WordSplitter,
} from "./_pre_tokenizers.ts";

/** A tokenizer that brings its tokens along. */
export interface FixedTokenizer {
  /** Token of each of its own ids. */
  readonly tokens: readonly string[];
  readonly specialTokens: readonly string[];
  readonly words: WordSplitter;
  /** Whether a word ends wherever white space follows a letter or digit. */
  readonly endsBeforeSpace: boolean;
  /** `left right`, in their order. */
  readonly merges: readonly string[];
  readonly whole: boolean;
}

type Json = { readonly [name: string]: unknown };

/**
 * Reads a `tokenizer.json` of Hugging Face: byte-level BPE without what would change the text.
 *
 * What is not read: `truncation` and `padding`, which cut texts; `post_processor`, which adds special tokens
 * around them; `decoder`, as bytes are decoded as they are.
 *
 * @param subject What it is called in messages.
 * @throws {SyntaxError} If it is no JSON.
 * @throws {TypeError | RangeError} With the field, what was found and what is allowed.
 */
export function readTokenizerJson(subject: string, json: string): FixedTokenizer {
  const file = parseJson(json, subject) as Json;
  checkObject(subject, file);
  const refuse = refuser(subject);
  const model = objectIn(refuse, file, "model");
  if (model.type !== "BPE") refuse("model.type", model.type, 'be "BPE" (of bytes)');
  for (const [name, allowed] of Object.entries(plainModel)) {
    if (!allowed.includes(model[name])) {
      refuse(`model.${name}`, model[name], `be one of ${allowed.map(show).join(", ")}`);
    }
  }
  if ((file.normalizer ?? null) !== null) {
    refuse("normalizer", file.normalizer, "be null, as others lose what the text was");
  }
  const added = addedTokens(refuse, file.added_tokens ?? []);
  return {
    tokens: tokensById(refuse, objectIn(refuse, model, "vocab"), added),
    specialTokens: added.map(([content]) => content),
    ...preTokenizer(refuse, file.pre_tokenizer),
    merges: mergesIn(refuse, model.merges),
    whole: model.ignore_merges === true,
  };
}

type Refuse = (field: string, found: unknown, must: string) => never;

function refuser(subject: string): Refuse {
  return (field, found, must) => {
    throw new RangeError(`${subject}: ${field} must ${must}, found ${show(found)}.`);
  };
}

/** Fields of a model by what they may be. */
const plainModel: { readonly [name: string]: readonly unknown[] } = {
  dropout: [undefined, null, 0],
  continuing_subword_prefix: [undefined, null, ""],
  end_of_word_suffix: [undefined, null, ""],
  byte_fallback: [undefined, false],
  ignore_merges: [undefined, false, true],
};

function objectIn(refuse: Refuse, object: Json, name: string): Json {
  const found = object[name];
  const is = typeof found === "object" && found !== null && !Array.isArray(found);
  return is ? found as Json : refuse(name, found, "be an object");
}

function mergesIn(refuse: Refuse, merges: unknown): string[] {
  if (!Array.isArray(merges)) return refuse("model.merges", merges, "be a list");
  if (merges.length === 0) refuse("model.merges", merges, "hold at least one merge");
  const isText = (part: unknown) => typeof part === "string";
  return merges.map((merge, rank) => {
    if (isText(merge)) return merge;
    if (Array.isArray(merge) && merge.length === 2 && merge.every(isText)) return merge.join(" ");
    return refuse(`model.merges[${rank}]`, merge, "be two texts, or one with a space between them");
  });
}

/** Contents and ids. */
function addedTokens(refuse: Refuse, added: unknown): [string, number][] {
  if (!Array.isArray(added)) return refuse("added_tokens", added, "be a list");
  return added.map((token: Json, place): [string, number] => {
    const name = `added_tokens[${place}]`;
    const { content, id } = Object(token);
    if (typeof content !== "string" || content === "") {
      refuse(`${name}.content`, content, "be a text that is not empty");
    }
    // Characters all of which are those of bytes would be read as bytes.
    if (/^[\u0021-\u0143]*[\u00A1-\u0143][\u0021-\u0143]*$/u.test(content)) {
      refuse(`${name}.content`, content, "not be written as bytes are");
    }
    for (const option of ["single_word", "lstrip", "rstrip"]) {
      if (token[option] ?? false) refuse(`${name}.${option}`, token[option], "be false");
    }
    return [content, id];
  });
}

/** Tokens in the order of their ids, which must be all those from 0 on. */
function tokensById(
  refuse: Refuse,
  vocabulary: Json,
  added: readonly (readonly [string, number])[],
): string[] {
  const ids = new Map<string, unknown>(Object.entries(vocabulary));
  for (const [content, id] of added) {
    const known = ids.get(content);
    if (known !== undefined && known !== id) {
      refuse(`added_tokens: id of ${show(content)}`, id, `be ${show(known)}, as in model.vocab`);
    }
    ids.set(content, id);
  }
  const tokens = new Array<string | undefined>(ids.size).fill(undefined);
  for (const [token, id] of ids) {
    const is = Number.isInteger(id) && (id as number) >= 0 && (id as number) < tokens.length;
    if (!is) {
      refuse(`model.vocab: id of ${show(token)}`, id, `be from 0 to ${tokens.length - 1}`);
    }
    const other = tokens[id as number];
    if (other !== undefined) {
      refuse("model.vocab", id, `have one token for each id, ${show(other)} or ${show(token)}`);
    }
    tokens[id as number] = token;
  }
  return tokens as string[];
}

const allowedSteps = "be ByteLevel, or a Sequence of Digits, Split by a known expression, and it";

function preTokenizer(
  refuse: Refuse,
  given: unknown,
): Pick<FixedTokenizer, "words" | "endsBeforeSpace"> {
  const { type, pretokenizers } = Object(given);
  const steps: readonly Json[] = type === "Sequence" && Array.isArray(pretokenizers)
    ? pretokenizers.map(Object)
    : [Object(given)];
  const last = steps[steps.length - 1];
  if (last?.type !== "ByteLevel") refuse("pre_tokenizer", type, allowedSteps);
  if (last.add_prefix_space ?? true) {
    refuse("pre_tokenizer.add_prefix_space", last.add_prefix_space, "be false");
  }
  const splitters = steps.slice(0, -1).map((step) => splitterOfStep(refuse, step));
  const usesExpression = Boolean(last.use_regex ?? true);
  return {
    words: inTurn(usesExpression ? [...splitters, preTokenizers.gpt2] : splitters),
    // Digits alone leave all that is none, spaces too, in one word.
    endsBeforeSpace: usesExpression || steps.some((step) => step.type === "Split"),
  };
}

function splitterOfStep(refuse: Refuse, step: Json): WordSplitter {
  if (step.type === "Digits") return step.individual_digits ? digits.each : digits.together;
  if (step.type !== "Split") return refuse("pre_tokenizer", step.type, allowedSteps);
  if (step.behavior !== "Isolated") {
    refuse("pre_tokenizer: behavior of Split", step.behavior, 'be "Isolated"');
  }
  if (step.invert ?? false) refuse("pre_tokenizer: invert of Split", step.invert, "be false");
  const { Regex } = Object(step.pattern);
  return splitterOf(Regex) ??
    refuse("pre_tokenizer: pattern of Split", step.pattern, "be the expression of GPT-2 or GPT-4");
}

/** Where a text may be cut before it is encoded; see `firstCut`. */
export function firstCutOf(
  { specialTokens, endsBeforeSpace }: FixedTokenizer,
  text: string,
  from: number,
): number {
  // A special token with white space could be cut in two, and so could a word with some.
  const isSafe = endsBeforeSpace && !specialTokens.some((token) => /\s/.test(token));
  return isSafe ? cutBetweenWords(text, from) : -1;
}
