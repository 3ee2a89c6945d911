import { darkFunctions } from "../plots/dark.ts";
import { scriptJson } from "../plots/figure.ts";
import { narrowScreen } from "./style.ts";

/**
 * The script of a page that draws its figures again, each when it comes near the view, so that they
 * answer to a pointer.
 *
 * @param plots What plotly draws, with the dark counterpart of each colour.
 */
export function drawingScript(plots: readonly unknown[]): string {
  return `(() => {${darkFunctions}
  const figures = ${scriptJson(plots)};
  // plotly.js sets some styles as attributes, which the page's policy forbids; as properties they may be.
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  // The script is long: as a file of its own it is compiled on another thread while the page is laid out.
  const loaded = new Promise((resolve) => {
    const content = document.getElementById("plotly").textContent;
    const add = (properties) =>
      document.head.append(Object.assign(document.createElement("script"), properties));
    add({
      src: URL.createObjectURL(new Blob([content], { type: "text/javascript" })),
      onload: resolve,
      onerror: () => resolve(add({ textContent: content })),
    });
  });
  const narrowQuery = matchMedia("${narrowScreen}");
  const draw = (element, figure) => {
    const { data, layout, narrow, config } = wantsDark() ? recolored(figure, figure.dark) : figure;
    if (!narrowQuery.matches) return Plotly.react(element, data, layout, config);
    const named = data.map((trace) => ({ ...trace, name: narrow.names[trace.name] ?? trace.name }));
    return Plotly.react(element, named, { ...narrow.layout, width: element.clientWidth }, config);
  };
  const show = async (plot) => {
    await loaded;
    const figure = figures[Number(plot.id.slice("figure-".length))];
    const element = plot.appendChild(document.createElement("div"));
    element.className = "live";
    await draw(element, figure);
    darkQuery.addEventListener("change", () => draw(element, figure));
    narrowQuery.addEventListener("change", () => draw(element, figure));
    plot.dataset.drawn = "true";
  };
  // One after the other, the nearest to the view first; between two the page can answer its reader.
  const waiting = new Set();
  const distance = (plot) => {
    const { top, bottom } = plot.getBoundingClientRect();
    return Math.max(0, top - innerHeight, -bottom);
  };
  const showAll = async () => {
    while (waiting.size > 0) {
      const [plot] = [...waiting].sort((a, b) => distance(a) - distance(b));
      await show(plot);
      waiting.delete(plot);
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  const observer = new IntersectionObserver((entries) => {
    const idle = waiting.size === 0;
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      waiting.add(target);
    }
    if (idle) showAll();
  }, { rootMargin: "300px" });
  for (const plot of document.querySelectorAll(".plot")) observer.observe(plot);
  // Paper has no button that unfolds.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    for (const each of unfolded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of unfolded) each.open = false;
  });
})();
`;
}
