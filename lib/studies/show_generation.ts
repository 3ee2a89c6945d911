import { escapeHtml, visibleText } from "../core/html.ts";
import { writeToOutput } from "../core/runtime/standard_streams.ts";
import type { GenerationOptions } from "../training/reader.ts";
import type { TrainedModel } from "../training/trained_model.ts";
import { type NotebookDisplay, notebookDisplay } from "../core/runtime/notebook.ts";

let displays = 0;

/** Milliseconds between two updates of the display. */
const pause = 100;

/**
 * Shows a text in the output of a cell while a model writes it. Outside a notebook it is written to the
 * terminal, piece by piece. Control characters and marks that reorder text are shown by their codes.
 *
 * @param model From `study.model`.
 * @param options As for `model.generate`.
 * @param notebook The kernel's display; null for the terminal. Found out if not given.
 * @returns The text, without prompt and suffix; what is displayed in the end is the same for the same options.
 * @throws {RangeError} As `model.generate` throws, of a prompt with tokens that the model does not know.
 */
export async function showGeneration(
  model: Pick<TrainedModel, "stream">,
  options: GenerationOptions,
  notebook: NotebookDisplay | null = notebookDisplay(),
): Promise<string> {
  const { prompt, suffix = "" } = options;
  // Before anything is shown: it refuses a prompt that the model cannot read.
  const pieces = model.stream(options);
  let text = "";
  if (notebook === null) {
    const write = (piece: string) => writeToOutput(visibleText(piece));
    write(prompt);
    for (const piece of pieces) {
      write(piece);
      text += piece;
    }
    write(`${suffix}\n`);
    return text;
  }
  const display_id = `parsimony-generation-${++displays}`;
  const after = suffix === "" ? "" : `<span style="opacity:.6">${escapeHtml(suffix)}</span>`;
  let shown = false;
  const show = async () => {
    await notebook.display(
      {
        "text/plain": visibleText(prompt + text + suffix),
        "text/html": `<div style="white-space:pre-wrap"><span style="opacity:.6">${
          escapeHtml(prompt)
        }</span>${escapeHtml(text)}${after}</div>`,
      },
      { raw: true, display_id, update: shown },
    );
    shown = true;
  };
  let last = -Infinity;
  for (const piece of pieces) {
    text += piece;
    if (performance.now() - last < pause) continue;
    await show();
    last = performance.now();
  }
  await show();
  return text;
}
