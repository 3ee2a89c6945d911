/** Texts that colour a terminal, move its cursor, hide, turn around, or look like lines of ours. */
export const hostileTexts: readonly string[] = [
  "\u001b[31mred\u001b[0m",
  "\u001b[2K\u001b[1Aover the line above",
  "\u001b]8;;https://example.invalid\u0007a link\u001b]8;;\u0007",
  "\u001b]0;a title\u001b\\",
  "\u009b31mC1",
  "\u202edesrever\u202c",
  "\u2066isolated\u2069",
  "\rover this line",
  "\b\b\bback",
  "\u0007bell\u0000nul",
  "x\n✓ forged\n0 failed",
  "separated\u2028forged\u2029forged",
  "\ud800half",
];

/** Whether a text holds nothing that a terminal obeys or hides; lines may end. */
export function isHarmless(text: string): boolean {
  return text.isWellFormed() &&
    !/[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u.test(text.replace(/[\n\t]/g, ""));
}
