import { visibleText } from "../core/html.ts";
import { greekInMath, inLatin, isInGb2312 } from "./_scripts.ts";

const ascii: { readonly [character: string]: string } = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "%": "\\%",
  "#": "\\#",
  "_": "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "`": "\\textasciigrave{}",
  '"': "\\textquotedbl{}",
  "'": "\\textquotesingle{}",
};

/** Signs that our sentences have, and others that a name may have. */
const signs: { readonly [character: string]: string } = {
  "−": "$-$",
  "±": "$\\pm$",
  "×": "$\\times$",
  "·": "$\\cdot$",
  "–": "--",
  "—": "---",
  "…": "\\actualtext{FEFF2026}{\\ldots}",
  "≤": "$\\leq$",
  "≥": "$\\geq$",
  "≠": "\\actualtext{FEFF2260}{$\\neq$}",
  "≈": "$\\approx$",
  "∞": "$\\infty$",
  "∑": "$\\Sigma$",
  "∘": "$\\circ$",
  "∈": "$\\in$",
  "√": "$\\surd$",
  "←": "$\\leftarrow$",
  "→": "$\\rightarrow$",
  "⟦": "\\textlbrackdbl{}",
  "⟧": "\\textrbrackdbl{}",
  "‖": "$\\|$",
  "°": "\\textdegree{}",
  "µ": "$\\mu$",
  "²": "\\actualtext{FEFF00B2}{\\texttwosuperior{}}",
  "³": "\\actualtext{FEFF00B3}{\\textthreesuperior{}}",
  "¹": "\\actualtext{FEFF00B9}{\\textonesuperior{}}",
  "⁻": "\\textsuperscript{$-$}",
  "⁰": "\\textsuperscript{0}",
  "⁴": "\\textsuperscript{4}",
  "⁵": "\\textsuperscript{5}",
  "⁶": "\\textsuperscript{6}",
  "⁷": "\\textsuperscript{7}",
  "⁸": "\\textsuperscript{8}",
  "⁹": "\\textsuperscript{9}",
  "½": "\\actualtext{FEFF00BD}{\\textonehalf{}}",
  "¼": "\\actualtext{FEFF00BC}{\\textonequarter{}}",
  "‹": "\\guilsinglleft{}",
  "›": "\\guilsinglright{}",
  "«": "\\guillemotleft{}",
  "»": "\\guillemotright{}",
  "“": "\\textquotedblleft{}",
  "”": "\\textquotedblright{}",
  "„": "\\quotedblbase{}",
  "‘": "\\textquoteleft{}",
  "’": "\\textquoteright{}",
  "‚": "\\quotesinglbase{}",
  "†": "\\textdagger{}",
  "‡": "\\textdaggerdbl{}",
  "§": "\\S{}",
  "¶": "\\P{}",
  "©": "\\textcopyright{}",
  "®": "\\textregistered{}",
  "™": "\\texttrademark{}",
  "€": "\\texteuro{}",
  "£": "\\textsterling{}",
  "¥": "\\textyen{}",
  "¢": "\\textcent{}",
  "¡": "\\textexclamdown{}",
  "¿": "\\textquestiondown{}",
  "•": "\\textbullet{}",
  "✓": "$\\surd$",
  "′": "$'$",
  "″": "$''$",
  "ʾ": "\\textquoteright{}",
  "ʿ": "\\textquoteleft{}",
  "\u00a0": "~",
  "\u202f": "\\,",
  "\u2009": "\\,",
  "\u00ad": "\\-",
  "\u2010": "-",
  "\u2011": "\\mbox{-}",
};

/** Letters that the encoding T1 has and that are no letter with an accent. */
const t1Letters = "ßæœøåÆŒØÅđĐłŁıþÞðÐŋŊĳĲ";

const accents: { readonly [mark: string]: string } = {
  "\u0300": "\\`",
  "\u0301": "\\'",
  "\u0302": "\\^",
  "\u0303": "\\~",
  "\u0304": "\\=",
  "\u0306": "\\u",
  "\u0307": "\\.",
  "\u0308": '\\"',
  "\u030a": "\\r",
  "\u030b": "\\H",
  "\u030c": "\\v",
  "\u0323": "\\d",
  "\u0326": "\\textcommabelow",
  "\u0327": "\\c",
  "\u0328": "\\k",
  "\u0331": "\\b",
};

/** Characters in a row without a space, of which a line may end after some. */
const longWord = 18;

/** Beyond this it may end after a sign that is no letter. */
const longName = 12;

/** Beyond this it ends after any. */
const longestIdentifier = 48;

/**
 * A text as TeX that shows it: nothing in it is a command, and pdflatex has a sign for all of it.
 *
 * Latin, Greek letters and the signs of formulas are set as they are; Chinese by CJKutf8 where its font is
 * there. What else pdflatex has no font for is shown by Latin letters or by its code, with the real text
 * behind it in the PDF, which a reader's search and copy find. Lines may be broken in long words. The macros
 * that it uses stand in `preamble.tex`.
 *
 * @param text Any text; control characters and those that turn a line around are shown by their codes.
 * @returns TeX for a paragraph, a cell or a caption.
 *
 * @example
 * ```ts
 * import { escapeTex } from "./escape_tex.ts";
 * import assert from "node:assert/strict";
 * assert.equal(escapeTex("\\input{x} 5 % λ"), "\\textbackslash{}input\\{x\\} 5~\\% $\\lambda$");
 * ```
 */
export function escapeTex(text: string): string {
  const line = visibleText(text.normalize("NFC")).replace(/\s+/g, " ");
  return line.split(" ").map(escapeWord).join(" ").replace(/(\d) (?=\\%)/g, "$1~");
}

/** {@link escapeTex} on a line that is not broken at its spaces. */
export function escapeTight(text: string): string {
  return escapeTex(text).replaceAll(" ", "~");
}

function escapeWord(word: string): string {
  const parts = word.match(partPattern) ?? [];
  const length = [...word].length;
  let since = 0;
  let before = "";
  let found = "";
  for (const part of parts) {
    if (
      before !== "" &&
      (endsAnywhere(length, before, part) ||
        length > longName && /^[_/$#~^&{}=|:;]$/.test(before) ||
        length > longWord && (since >= 10 || /^[A-Z([{]$/.test(part)))
    ) {
      found += "\\wordbreak{}";
      since = 0;
    }
    found += escapePart(part, found);
    since += [...part].length;
    if (length > longWord && /^[/_.,;:=|-]$/.test(part)) since = 10;
    before = part;
  }
  return found;
}

const eastAsian = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f]/u;

/** Whether a line may end between two parts of any word: in scripts without spaces, and in no word at all. */
function endsAnywhere(length: number, before: string, part: string): boolean {
  return length > longestIdentifier || eastAsian.test(before) && eastAsian.test(part);
}

/** Up to six characters of a script that stand behind one shape, or one character with its marks. */
const partPattern =
  /\p{Script=Greek}{2,8}|\p{Script=Cyrillic}{1,6}|\p{Script=Hebrew}{1,6}|\p{Script=Arabic}{1,6}|(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303f\uff00-\uffef]){1,4}|\P{M}\p{M}+|[^]/gu;

function escapePart(part: string, before: string): string {
  const known = ascii[part] ?? signs[part];
  if (known !== undefined) {
    // An apostrophe within a word is one.
    return part === "'" && /[A-Za-z]$/.test(before) ? "'" : known;
  }
  if (/^[ -~]$/.test(part)) {
    // Two of them in a row would be a ligature of TeX.
    return "-,<>!?".includes(part) && before.endsWith(part) ? `{}${part}` : part;
  }
  const greek = [...part].map((letter) => greekInMath(letter.normalize("NFD")[0]));
  if (greek.every((each) => each !== null)) {
    const exact = [...part].length === 1 && part.normalize("NFD") === part;
    const shown = `$${greek.join(" ")}$`;
    return exact ? shown : behind(part, shown);
  }
  if (t1Letters.includes(part)) return part;
  return accented(part) ?? inChinese(part) ?? transliterated(part) ?? behind(part, codesOf(part));
}

/** A letter with accents that TeX puts on it. */
function accented(part: string): string | null {
  const [base, ...marks] = part.normalize("NFD");
  if (!/^[A-Za-z]$/.test(base) || marks.length === 0) return null;
  if (marks.length > 1 || marks.some((mark) => accents[mark] === undefined)) {
    return marks.every((mark) => /\p{M}/u.test(mark))
      ? behind(part, accents[marks[0]] === undefined ? base : `${accents[marks[0]]}{${base}}`)
      : null;
  }
  // The mark stands apart from its letter in the font.
  if (marks[0] === "\u0326") return behind(part, `\\textcommabelow{${base}}`);
  const dotless = "ij".includes(base) && marks[0] !== "\u0328" && marks[0] !== "\u0323";
  return `${accents[marks[0]]}{${dotless ? `\\${base}` : base}}`;
}

function inChinese(part: string): string | null {
  const characters = [...part];
  if (!characters.some(isInGb2312)) return null;
  if (!characters.every(isInGb2312)) {
    return characters.map((each) => inChinese(each) ?? behind(each, codesOf(each))).join("");
  }
  return `\\chinesetext{${utf16(part)}}{${part}}{${codesOf(part)}}`;
}

function transliterated(part: string): string | null {
  const letters = [...part].filter((each) => !/\p{M}/u.test(each)).map(inLatin);
  if (letters.length === 0 || letters.some((each) => each === null)) return null;
  const shown = letters.map((each) => [...each!].map((letter) => escapePart(letter, "")).join(""))
    .join("");
  return behind(part, shown);
}

/** A text that is shown by something else, which a reader's search and copy find as it is. */
function behind(text: string, shown: string): string {
  return `\\actualtext{${utf16(text)}}{${shown}}`;
}

function codesOf(text: string): string {
  const codes = [...text].map((each) =>
    `U+${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`
  );
  return `\\unicodename{${codes.join(" ")}}`;
}

/** UTF-16 with its byte order mark in hexadecimal digits, as a PDF has texts. */
export function utf16(text: string): string {
  return "FEFF" + Array.from(
    { length: text.length },
    (_, at) => text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0"),
  ).join("");
}
