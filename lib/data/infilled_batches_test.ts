import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/random.ts";
import type { Batch } from "./batches.ts";
import { infilledBatch, infilledWindow } from "./infilled_batches.ts";
import { infillMarks, withInfillMarks, withoutInfillMarks } from "./infill_marks.ts";
import { type CutText, fittingParts, textCutter } from "./text_parts.ts";
import { bytePairs } from "./tokenizers/byte_pairs.ts";
import { bytes } from "./tokenizers/bytes.ts";
import { characters } from "./tokenizers/characters.ts";
import { tokenizerOf, type TokenizerSpecification } from "./tokenizers/kinds.ts";
import { tokenizerFile } from "./tokenizers/tokenizer_file.ts";
import { learnVocabulary, restoreVocabulary, type Vocabulary } from "./tokenizers/vocabulary.ts";
import { words } from "./tokenizers/words.ts";

const mark = 1;
const marks = { prefixId: 90, suffixId: 91, middleId: 92 };

/** Gives numbers that were drawn before; at the end there must be none left. */
function drawn(list: readonly number[]): RandomStream & { left: number } {
  let at = 0;
  return {
    uniform: () => list[at++],
    get left() {
      return list.length - at;
    },
  } as RandomStream & { left: number };
}

const betweenTokens: CutText = textCutter(characters(), {
  decodeBegun: () => assert.fail(),
  encodeText: () => assert.fail(),
});

interface Reference {
  readonly marks: typeof marks;
  readonly cases: readonly {
    readonly time: number;
    readonly rate: number;
    readonly suffixFirst: number;
    readonly windows: readonly (readonly number[])[];
    readonly draws: readonly number[];
    readonly rearranged: readonly (readonly number[])[];
    readonly inputs: readonly number[];
    readonly targets: readonly number[];
    readonly mask: readonly number[];
  }[];
  readonly tokenizerFile: string;
  readonly texts: readonly {
    readonly text: string;
    readonly cuts: [number, number];
    readonly parts: readonly string[];
    readonly tokens: readonly (readonly string[])[];
  }[];
}

const reference: Reference = JSON.parse(
  await Deno.readTextFile(new URL("_reference/infilling.json", import.meta.url)),
);

/** Windows side by side, the shorter ones padded, time-major. */
function batchOf(windows: readonly (readonly number[])[], time: number): Batch {
  const rows = Array.from({ length: time * windows.length }, (_, at) => {
    const [t, window] = [Math.floor(at / windows.length), windows[at % windows.length]];
    return t + 1 < window.length ? [window[t], window[t + 1], 1] : [0, 0, 0];
  });
  const [inputs, targets, mask] = [0, 1, 2].map((part) => rows.map((row) => row[part]));
  return {
    inputs: Int32Array.from(inputs),
    targets: Int32Array.from(targets),
    mask: Float32Array.from(mask),
    ...{ time, batch: windows.length, tokens: mask.filter((one) => one === 1).length },
  };
}

Deno.test("windows are rearranged as the paper's two orders are in Python, by the same draws", () => {
  assert.ok(reference.cases.length >= 20);
  assert.deepEqual(reference.marks, marks);
  for (const { time, rate, suffixFirst, windows, draws, ...expected } of reference.cases) {
    const what = JSON.stringify({ time, rate, suffixFirst });
    const stream = drawn(draws);
    const options = { rate, suffixFirst, infillMarks: marks, cut: betweenTokens, stream };
    const rearranged = windows.map((window) => [
      ...infilledWindow(Int32Array.from(window), time + 1, options),
    ]);
    assert.deepEqual(rearranged, expected.rearranged, what);
    assert.equal(stream.left, 0, "every number is drawn");
    const found = infilledBatch(batchOf(windows, time), { ...options, stream: drawn(draws) });
    assert.deepEqual([...found.inputs], expected.inputs, what);
    assert.deepEqual([...found.targets], expected.targets, what);
    const mask = found.mask ?? new Float32Array(found.inputs.length).fill(1);
    assert.deepEqual([...mask], expected.mask, what);
    assert.equal(found.tokens, expected.mask.filter((one) => one === 1).length);
    assert.deepEqual([found.time, found.batch], [time, windows.length]);
  }
});

Deno.test("parts of texts of byte pairs have the tokens that PyPI's tokenizers gives each of them", () => {
  const tokenizer = tokenizerFile(reference.tokenizerFile);
  const vocabulary = learnVocabulary(tokenizer, [], ["<|end|>"]);
  const cut = textCutter(tokenizer, vocabulary);
  for (const { text, cuts, parts, tokens } of reference.texts) {
    const { prefix, middle, suffix } = cut(vocabulary.encodeText(text), cuts);
    const found = [prefix, middle, suffix];
    assert.deepEqual(found.map((ids) => vocabulary.decode(ids)), parts);
    assert.deepEqual(found.map((ids) => Array.from(ids, (id) => vocabulary.tokens[id])), tokens);
  }
});

/** A window that is worked by hand: its pieces, what is drawn, and what comes of it. */
const byHand: readonly {
  readonly what: string;
  readonly window: readonly number[];
  readonly draws: readonly number[];
  readonly room?: number;
  readonly rearranged: readonly number[];
}[] = [
  {
    // Four tokens have five places: 0.3 is the second, 0.7 the fourth.
    ...{ what: "PSM, shortened by the marks", window: [11, 12, 13, 14, 15, 16, 17, 18] },
    ...{ draws: [0, 0.9, 0.3, 0.7], rearranged: [90, 11, 91, 14, 92, 12, 13, 1] },
  },
  {
    ...{ what: "SPM, cuts in the other order", window: [11, 12, 13, 14, 15, 16, 17, 18] },
    ...{ draws: [0, 0.1, 0.7, 0.3], rearranged: [90, 91, 14, 92, 11, 12, 13, 1] },
  },
  {
    ...{ what: "with room the text is whole", window: [11, 12, 13, 14], room: 9 },
    ...{ draws: [0, 0.9, 0.99, 0], rearranged: [90, 91, 92, 11, 12, 13, 14, 1] },
  },
  {
    ...{ what: "a piece that is not chosen stays", window: [11, 12, 1, 13] },
    ...{ draws: [0.5, 0, 0, 0, 0.9, 0, 0, 0], rearranged: [11, 12, 1, 13] },
  },
  {
    // The mark at the beginning goes, that of the document stands behind its middle.
    ...{ what: "two documents", window: [1, 11, 12, 13, 1, 14, 15, 16, 17, 18, 19, 20, 21, 22] },
    draws: [0, 0.9, 0.3, 0.6, 0, 0, 0, 0.99],
    rearranged: [90, 11, 91, 13, 92, 12, 1, 90, 91, 92, 14, 15, 16, 1],
  },
  {
    // Five of seven places are taken: three marks and an end have no room.
    ...{ what: "no room", window: [11, 12, 13, 14, 1, 15, 16] },
    ...{ draws: [0.9, 0, 0, 0, 0, 0, 0, 0], rearranged: [11, 12, 13, 14, 1, 15, 16] },
  },
];

Deno.test("windows worked by hand: orders, cuts, room, pieces that stay, and the mark of a document", () => {
  for (const { what, window, draws, room, rearranged } of byHand) {
    const found = infilledWindow(Int32Array.from(window), room ?? window.length, {
      ...{ rate: 0.5, suffixFirst: 0.5, infillMarks: marks, cut: betweenTokens },
      stream: drawn(draws),
    });
    assert.deepEqual([...found], rearranged, what);
  }
});

const text = "the whale 鲸 swam é away 🐋 and 1851 sailors saw it. ".repeat(4);
const subwords = bytePairs({ vocabularySize: 300, specialTokens: ["<|user|>"] });
const tokenizers: readonly TokenizerSpecification[] = [characters(), bytes(), words(), subwords];

/** The parts of a rearranged piece, by its marks, each of which stands in it once. */
function partsIn(piece: number[], { prefixId, suffixId, middleId }: typeof marks) {
  for (const id of [prefixId, suffixId, middleId, mark]) {
    assert.equal(piece.filter((token) => token === id).length, 1);
  }
  assert.equal(piece[0], prefixId);
  assert.equal(piece.at(-1), mark);
  const [suffixAt, middleAt] = [suffixId, middleId].map((id) => piece.indexOf(id));
  return {
    first: piece.slice(1, suffixAt),
    suffix: piece.slice(suffixAt + 1, middleAt),
    last: piece.slice(middleAt + 1, -1),
    suffixFirst: suffixAt === 1,
  };
}

for (const tokenizer of tokenizers) {
  Deno.test(`rearranged windows of ${tokenizer.kind} hold each mark once, and their parts join to the text`, () => {
    const vocabulary = withInfillMarks(
      learnVocabulary(tokenizer, [text, "<|user|>"], ["<|end|>"]),
    );
    const ids = vocabulary.encodeText(text);
    const cut = textCutter(tokenizer, vocabulary);
    const stream = randomStream(3, "windows");
    const orders = { first: 0, other: 0, emptyMiddle: 0 };
    for (let draw = 0; draw < 200; draw++) {
      const length = 6 + stream.integer(20);
      const start = stream.integer(ids.length - length);
      const window = ids.slice(start, start + length);
      const { infillMarks: own } = vocabulary;
      const options = { rate: 1, suffixFirst: 0.5, infillMarks: own, cut, stream };
      const found = [...infilledWindow(window, length, options)];
      if (found.every((token, at) => token === window[at])) {
        // Of these tokens no character was whole.
        assert.equal(tokenizer.kind, "bytes");
        continue;
      }
      assert.ok(found.length <= length);
      const { first, suffix, last, suffixFirst } = partsIn(found, own);
      if (suffixFirst) assert.deepEqual(first, []);
      orders[suffixFirst ? "first" : "other"]++;
      if (!suffixFirst && last.length === 0) orders.emptyMiddle++;
      const joined = [...first, ...last, ...suffix];
      if (tokenizerOf(tokenizer).joinBegun === undefined) {
        assert.deepEqual(joined, [...window.subarray(0, length - 4)]);
        continue;
      }
      // Parts of characters at either end are left out, and tokens at the end where parts have more of them.
      const whole = vocabulary.decode(window.subarray(0, length - 4));
      const parts = vocabulary.decode(joined).replace(/\uFFFD+$/, "");
      assert.ok(whole.replace(/^\uFFFD+/, "").startsWith(parts), `${parts} in ${whole}`);
      assert.ok(parts.length > 0);
      if (last.length > 0 && !suffixFirst) {
        assert.ok(!vocabulary.decode(last).startsWith("\uFFFD"), "cut between characters");
      }
    }
    assert.ok(orders.first > 60 && orders.other > 60 && orders.emptyMiddle > 0, `${orders}`);
  });
}

Deno.test("at a larger rate the same pieces and more are rearranged, each at the same places", () => {
  const window = Int32Array.from({ length: 12 }, (_, at) => 2 + at);
  const changed = (rate: number, seed: number) => {
    const found = infilledWindow(window, 12, {
      ...{ rate, suffixFirst: 0.5, infillMarks: marks, cut: betweenTokens },
      stream: randomStream(seed, "fill in the middle"),
    });
    return found[0] === marks.prefixId ? [...found] : null;
  };
  let rearranged = 0;
  for (let seed = 0; seed < 400; seed++) {
    const [none, some, all] = [0, 0.4, 1].map((rate) => changed(rate, seed));
    assert.equal(none, null);
    assert.notEqual(all, null);
    if (some === null) continue;
    rearranged++;
    assert.deepEqual(some, all);
  }
  // Four standard errors of a share of 400.
  assert.ok(Math.abs(rearranged / 400 - 0.4) < 0.1, `${rearranged}`);
});

Deno.test("special tokens are not cut, and what is too long is left out at the end of the text", () => {
  const vocabulary = learnVocabulary(subwords, ["the whale<|user|>the whale"], ["<|end|>"]);
  const cut = textCutter(subwords, vocabulary);
  const special = vocabulary.tokens.indexOf("<|user|>");
  const ids = vocabulary.encodeText("a<|user|>b");
  for (let first = 0; first < 1; first += 0.05) {
    const { prefix, middle, suffix } = cut(ids, [first, 0.99]);
    const joined = [...prefix, ...middle, ...suffix];
    assert.equal(joined.filter((id) => id === special).length, 1);
    assert.equal(vocabulary.decode(joined), "a<|user|>b");
  }
  const parts = { prefix: [1, 2], middle: [3, 4], suffix: [5, 6] };
  const fitted = (room: number) =>
    Object.values(fittingParts(
      {
        prefix: Int32Array.from(parts.prefix),
        middle: Int32Array.from(parts.middle),
        suffix: Int32Array.from(parts.suffix),
      },
      room,
    )).map((ids) => ids.length);
  assert.deepEqual([6, 5, 3, 1].map(fitted), [[2, 2, 2], [2, 2, 1], [2, 1, 0], [1, 0, 0]]);
});

Deno.test("marks of infilling are the last ids, no text is encoded as one, and what is stored is read again", () => {
  for (const tokenizer of tokenizers) {
    const plain: Vocabulary = learnVocabulary(tokenizer, [text], ["<|end|>"]);
    const marked = withInfillMarks(plain);
    assert.deepEqual(marked.tokens, [...plain.tokens, ...infillMarks]);
    const written = `${text}<|prefix|><|middle|>`;
    assert.deepEqual(marked.encodeText(written), plain.encodeText(written));
    assert.equal(marked.marks, plain.marks);
    const { prefixId, suffixId, middleId } = marked.infillMarks;
    const ids = plain.encodeText(text);
    const among = Int32Array.from([prefixId, ...ids, middleId, suffixId]);
    assert.equal(marked.decode(among), plain.decode(ids));
    assert.throws(() => marked.decode([marked.size]), /ids must be whole numbers/);
    const stored = withoutInfillMarks([...marked.tokens]);
    const again = withInfillMarks(restoreVocabulary(tokenizer, stored, 1, plain.merges));
    assert.deepEqual(again.tokens, marked.tokens);
    assert.throws(() => withoutInfillMarks(plain.tokens), /must end with "<\|prefix\|>", "<\|suf/);
  }
});
