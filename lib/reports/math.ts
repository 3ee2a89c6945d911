import temml from "temml";
import { type Markup, markup } from "./html.ts";

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
