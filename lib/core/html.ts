// Control characters but tab and line feed; marks that reorder text; line and paragraph separators.
const invisible =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/**
 * A text with characters that are invisible or turn the text around (control and bidirectional marks)
 * shown by their code, such as `‹U+202E›`, and lone surrogates replaced: what a corpus or a model wrote
 * cannot colour a terminal or reorder a page.
 *
 * @example
 * ```ts
 * import { visibleText } from "./html.ts";
 * import assert from "node:assert/strict";
 * assert.equal(visibleText("a\u001b[31m\n\u{1f40b}"), "a‹U+001B›[31m\n\u{1f40b}");
 * ```
 */
export function visibleText(text: string): string {
  return text.toWellFormed().replace(
    invisible,
    (character) => `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}

/**
 * {@link visibleText} on one line: line feeds and tabs are shown by their code too, so that a name or a
 * message cannot look like a line of ours.
 *
 * @example
 * ```ts
 * import { visibleLine } from "./html.ts";
 * import assert from "node:assert/strict";
 * assert.equal(visibleLine("CC0\n✓ verified"), "CC0‹U+000A›✓ verified");
 * ```
 */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "‹U+000A›").replaceAll("\t", "‹U+0009›");
}

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A text as it may stand in HTML or SVG, between tags or in a quoted attribute: no markup, and
 * {@link visibleText | visible}.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "./html.ts";
 * import assert from "node:assert/strict";
 * assert.equal(escapeHtml(`<b title='x'>&`), "&lt;b title=&#39;x&#39;&gt;&amp;");
 * ```
 */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities[character]);
}
