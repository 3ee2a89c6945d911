/**
 * What pdflatex sets instead of scripts that it has no fonts for: letters by letters of Latin, Greek by
 * those of formulas. The PDF has the real text behind them.
 *
 * @module
 */

const pairs = (from: string, to: string): [string, string][] => {
  const letters = to.split(" ");
  return [...from].map((letter, index) => [letter, letters[index]]);
};

/** ISO 9 for Cyrillic, scientific transliteration for Hebrew, DIN 31635 without long vowels for Arabic. */
const latin = new Map<string, string>([
  ...pairs(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў",
    "a b v g d e ž z i j k l m n o p r s t u f h c č š šč ″ y ′ è ju ja ë i ï ê g ŭ",
  ),
  ...pairs(
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "ʾ b g d h w z ch t j k k l m m n n s ʿ p p s s q r š t",
  ),
  ...pairs(
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
    "ʾ ā ʾ ʾ ʾ ʾ a b t t th j h kh d dh r z s sh s d t z ʿ gh f q k l m n h w a y",
  ),
]);

/** A letter by Latin ones; null for those of other scripts. */
export function inLatin(letter: string): string | null {
  const found = latin.get(letter);
  if (found !== undefined) return found;
  const small = latin.get(letter.toLowerCase());
  return small === undefined || letter === letter.toLowerCase()
    ? null
    : small.charAt(0).toUpperCase() + small.slice(1);
}

const greekNames =
  "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi o pi rho " +
  "varsigma sigma tau upsilon varphi chi psi omega";

const greek = new Map<string, string>([
  ...pairs("αβγδεζηθικλμνξοπρςστυφχψω", greekNames).map(([letter, name]): [string, string] => [
    letter,
    name === "o" ? "o" : `\\${name}`,
  ]),
  ...pairs(
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
    "A B \\Gamma \\Delta E Z H \\Theta I K \\Lambda M N \\Xi O \\Pi P \\Sigma T \\Upsilon \\Phi X \\Psi " +
      "\\Omega",
  ),
  ["ϵ", "\\epsilon"],
  ["ϕ", "\\phi"],
  ["ϑ", "\\vartheta"],
]);

/** A Greek letter as TeX in a formula; null for others. */
export function greekInMath(letter: string): string | null {
  return greek.get(letter) ?? null;
}

let simplified: Set<string> | null = null;

/** Whether a character is in GB 2312, which the font `gbsn` has whole. */
export function isInGb2312(character: string): boolean {
  if (simplified === null) {
    const bytes: number[] = [];
    for (let row = 0xa1; row <= 0xf7; row++) {
      // Rows 10 to 15 are empty.
      if (row >= 0xaa && row <= 0xaf) continue;
      for (let cell = 0xa1; cell <= 0xfe; cell++) bytes.push(row, cell);
    }
    const text = new TextDecoder("gb2312").decode(new Uint8Array(bytes));
    simplified = new Set([...text].filter((each) => /[\u2e80-\uffef]/.test(each)));
  }
  return simplified.has(character);
}
