/** What shows something in the output of a notebook's cell. */
export interface NotebookDisplay {
  display(
    bundle: { readonly [mimeType: string]: unknown },
    options: { raw: true; display_id: string; update?: boolean },
  ): Promise<void>;
}

/** The kernel's display, or null outside a notebook. */
export function notebookDisplay(): NotebookDisplay | null {
  try {
    // Outside a kernel the getter throws.
    return (Deno as unknown as { jupyter?: NotebookDisplay }).jupyter ?? null;
  } catch {
    return null;
  }
}
