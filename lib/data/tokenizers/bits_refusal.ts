/**
 * Why bits of a text cannot be said, and what to do.
 *
 * @param subject What asks for bits.
 * @param whose Whose tokens they are.
 * @param lost What the tokens do not tell of the text.
 */
export function bitsRefusal(subject: string, whose: string, lost: string): string {
  return `${subject} needs tokens that tell the text, and those of ${whose} lose ${lost}: its bits ` +
    "would be of less than the text. " +
    (lost === "unknown tokens"
      ? "Take a tokenizer without unknown tokens, such as bytes(), or characters(), whose unknown " +
        "characters can be written out."
      : 'Take another tokenizer, such as words({ segmentation: "unicode" }), characters() or bytes().');
}
