import temml from "temml";
import { fragment, type Insertion, type Markup, markup } from "./html.ts";

/**
 * A formula as MathML, which browsers draw without a script; its TeX is kept as an annotation.
 *
 * @param tex TeX of our own: nothing of a user or a corpus.
 * @param options.display Whether it stands on a line of its own.
 */
export function math(tex: string, options: { readonly display?: boolean } = {}): Markup {
  return markup(temml.renderToString(tex, {
    displayMode: options.display ?? false,
    annotate: true,
    throwOnError: true,
  }));
}

/** A formula on a line of its own; nothing where there is none. */
export function formula(tex: string | null): Insertion {
  return tex === null
    ? null
    : fragment`<div class="formula" role="group" aria-label="formula" tabindex="0">${
      math(tex, { display: true })
    }</div>
`;
}
