import type { KernelOutput } from "./kernel.ts";
import { type CellOutput, linesOf } from "./notebook_file.ts";

/**
 * Gathers the outputs of a notebook's cells as Jupyter clients do: streams are merged, a display
 * with an id is updated in every place where it stands, `clear_output` empties the cell.
 */
export function outputCollector(): {
  /** Outputs of one cell, filled by `add`. */
  cell(): { readonly outputs: CellOutput[]; add(output: KernelOutput): void };
} {
  const displays = new Map<string, CellOutput[]>();

  return {
    cell() {
      const outputs: CellOutput[] = [];
      let clearBeforeNext = false;

      function put(output: CellOutput) {
        if (clearBeforeNext) outputs.length = 0;
        clearBeforeNext = false;
        const last = outputs.at(-1);
        if (
          output.output_type === "stream" && last?.output_type === "stream" &&
          last.name === output.name
        ) last.text = linesOf(last.text.join("") + output.text.join(""));
        else outputs.push(output);
      }

      return {
        outputs,
        add({ type, content }) {
          const data = (content.data ?? {}) as Record<string, unknown>;
          const metadata = (content.metadata ?? {}) as Record<string, unknown>;
          const transient = content.transient as { display_id?: string } | undefined;
          switch (type) {
            case "stream":
              put({
                output_type: "stream",
                name: String(content.name),
                text: linesOf(withoutColours(String(content.text))),
              });
              break;
            case "display_data":
            case "execute_result": {
              const output: CellOutput = {
                output_type: type,
                data: storedData(data),
                metadata,
                ...(type === "execute_result"
                  ? { execution_count: content.execution_count as number }
                  : {}),
              };
              put(output);
              const id = transient?.display_id;
              if (id !== undefined) displays.set(id, [...(displays.get(id) ?? []), output]);
              break;
            }
            case "update_display_data":
              for (const output of displays.get(transient?.display_id ?? "") ?? []) {
                Object.assign(output, { data: storedData(data), metadata });
              }
              break;
            case "clear_output":
              if (content.wait) clearBeforeNext = true;
              else outputs.length = 0;
              break;
            case "error":
              put({
                output_type: "error",
                ename: String(content.ename),
                evalue: String(content.evalue),
                traceback: (content.traceback as string[] ?? []).map(withoutColours),
              });
          }
        },
      };
    },
  };
}

/** Data by MIME type as a notebook file stores it: texts as lines, without terminal colours. */
function storedData(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      if (typeof value !== "string" || /^(image\/(?!svg)|application\/pdf)/.test(mime)) {
        return [mime, value];
      }
      return [mime, linesOf(mime === "text/plain" ? withoutColours(value) : value)];
    }),
  );
}

/** A text without the codes by which a terminal colours it. */
export function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
