/**
 * Reads the HTML that this room writes: every element closed but `br`, every text escaped. No parser of
 * other people's HTML.
 *
 * @module
 */

/** A text with its entities decoded, or an element. */
export type Node = string | Element;

/** An element of our HTML. */
export interface Element {
  readonly tag: string;
  readonly classes: readonly string[];
  readonly children: Node[];
}

const token = /<(\/?)([a-z][a-z0-9]*)((?:\s[^>]*)?)>|([^<]+)/g;

/**
 * Parses HTML of {@link ./html.ts | fragment}.
 *
 * @throws {SyntaxError} If an element is not closed, or closed that is not open.
 */
export function parseHtml(html: string): Node[] {
  const root: Element = { tag: "", classes: [], children: [] };
  const open = [root];
  for (const [, closing, tag, attributes, text] of html.matchAll(token)) {
    const parent = open.at(-1)!;
    if (text !== undefined) parent.children.push(decode(text));
    else if (closing === "/") {
      if (parent.tag !== tag) {
        throw new SyntaxError(
          `Cannot read HTML: </${tag}> where ${parent.tag || "nothing"} is open.`,
        );
      }
      open.pop();
    } else {
      const classes = /\sclass="([^"]*)"/.exec(attributes)?.[1].split(" ") ?? [];
      const element: Element = { tag, classes, children: [] };
      parent.children.push(element);
      if (tag !== "br" && !attributes.endsWith("/")) open.push(element);
    }
  }
  if (open.length > 1) {
    throw new SyntaxError(`Cannot read HTML: <${open.at(-1)!.tag}> is not closed.`);
  }
  return root.children;
}

/** All text in an element; a line feed for `br`. */
export function textOf({ tag, children }: Element): string {
  if (tag === "br") return "\n";
  return children.map((child) => typeof child === "string" ? child : textOf(child)).join("");
}

/**
 * The TeX that a formula carries beside its MathML.
 *
 * @throws {SyntaxError} If it carries none.
 */
export function texOf(formula: Element): string {
  const found = annotationOf(formula);
  if (found === null) throw new SyntaxError("Cannot read a formula: it has no annotation in TeX.");
  return textOf(found).replace(/\s+/g, " ").trim();
}

function annotationOf(element: Element): Element | null {
  if (element.tag === "annotation") return element;
  for (const child of element.children) {
    const found = typeof child === "string" ? null : annotationOf(child);
    if (found !== null) return found;
  }
  return null;
}

const entities: { readonly [name: string]: string } = {
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#x27": "'",
  amp: "&",
};

function decode(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|#x27|amp);/g, (_, name) => entities[name]);
}

/** The elements among nodes. */
export function elementsIn(nodes: readonly Node[]): Element[] {
  return nodes.filter((each) => typeof each !== "string") as Element[];
}

/** Elements that stand by themselves; all others are parts of a line. */
const blockTags = new Set(
  ["h3", "p", "ul", "div", "table", "blockquote", "details", "pre", "dl", "figure"],
);

/**
 * Nodes written as blocks, without empty ones; inline nodes that stand beside each other make one.
 *
 * @param line Writes inline nodes.
 * @param block Writes an element that stands by itself, as none, one or several.
 */
export function inBlocks(
  nodes: readonly Node[],
  line: (nodes: readonly Node[]) => string,
  block: (element: Element) => readonly string[],
): string[] {
  const found: string[] = [];
  let inline: Node[] = [];
  const endLine = () => {
    found.push(line(inline).trim());
    inline = [];
  };
  for (const node of nodes) {
    if (typeof node === "string" || !blockTags.has(node.tag)) {
      inline.push(node);
      continue;
    }
    endLine();
    found.push(...block(node));
  }
  endLine();
  return found.filter((each) => each !== "");
}
