/**
 * The script of plotly.js as text: its cartesian bundle, 1.5 MB instead of the 4.8 MB of the whole.
 * Read when a figure is first shown or a report is written, never when the library is loaded.
 */
export async function plotlyScript(): Promise<string> {
  const { default: script } = await import(
    "plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
    { with: { type: "text" } }
  );
  return script as unknown as string;
}
