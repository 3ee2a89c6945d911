/**
 * The script of plotly.js as text: its basic bundle, 1.2 MB instead of the 4.8 MB of the whole. All our
 * figures are scatter traces and shapes, which it draws, and it starts in less than half the time of
 * the cartesian bundle. Read when a figure is first shown or a report is written, never when the
 * library is loaded.
 */
export async function plotlyScript(): Promise<string> {
  const { default: script } = await import(
    "plotly.js-basic-dist-min/plotly-basic.min.js",
    { with: { type: "text" } }
  );
  return script as unknown as string;
}
