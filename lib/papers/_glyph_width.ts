/** Widths of `lmr10` in thousandths of an em, from the space to the tilde, as its AFM file has them. */
// deno-fmt-ignore
const widths = [
  333, 278, 374, 833, 500, 833, 778, 278, 389, 389, 500, 778, 278, 333, 278, 500, 500, 500, 500, 500, 500, 500,
  500, 500, 500, 500, 278, 278, 778, 778, 778, 472, 778, 750, 708, 722, 764, 681, 653, 785, 750, 361, 514, 778,
  625, 917, 750, 778, 681, 778, 736, 556, 722, 750, 750, 1028, 750, 750, 611, 278, 500, 278, 556, 750, 278, 500,
  556, 444, 556, 444, 306, 500, 556, 278, 306, 528, 278, 833, 556, 500, 556, 528, 392, 394, 389, 556, 528, 722,
  528, 528, 444, 500, 278, 500, 556,
];

/** Of what is wider in TeX than its character: binary signs with their spaces, and minus. */
const others: { readonly [character: string]: number } = { "−": 778, "±": 778, "×": 778, "–": 500 };

/**
 * About how wide a text is when Latin Modern sets it, in em.
 *
 * @param text A text, not TeX.
 */
export function textWidth(text: string): number {
  let sum = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    sum += widths[code - 32] ?? others[character] ?? (code < 0x500 ? 600 : 1100);
  }
  return sum / 1000;
}
