import assert from "node:assert/strict";
import type { StudyRecords } from "../statistics/study_records.ts";
import { gridPoints, shapedStudy } from "../statistics/testing/shaped_study.ts";
import { shapes } from "../statistics/testing/shapes.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { axesOfStudy } from "../statistics/axis_roles.ts";
import { formatAxis } from "../statistics/format.ts";
import type { Chart } from "./chart.ts";
import { chooseFigures } from "./choose_figures.ts";
import type { Figure } from "./figure.ts";
import { layOut } from "./layout.ts";

/** A caption in short: what is drawn, against which axis, in the second view or not. */
function short(caption: string): string {
  const view = /best step|own best/.test(caption) ? ", best step" : "";
  const axis = /against (\S+?)[ ,]/.exec(caption)?.[1];
  if (/^Learning curves/.test(caption)) return "curves";
  if (/fold by fold/.test(caption)) return "folds";
  if (/of every setting/.test(caption)) return "zeros and loss";
  if (/worth in text/.test(caption)) return "worth";
  if (axis !== undefined) {
    const kinds = { Gen: "gap", Val: "losses", Dif: "differences", Exa: "zeros" };
    return `${kinds[caption.slice(0, 3) as keyof typeof kinds]} ${axis}${view}`;
  }
  const [, x, y] = /over (\S+) .*?and (\S+?)[ ,]/.exec(caption)!;
  return `map ${x} ${y}`;
}

const all: { readonly [shape: string]: () => StudyRecords } = {
  ...shapes,
  "lambda and alpha": () => {
    const { study, runs } = syntheticStudy();
    return { record: study, records: runs };
  },
};

const drawn = new Map<string, readonly { readonly caption: string; readonly figure: Figure }[]>();

/** The figures of a shape, drawn once. */
function figuresOf(shape: string) {
  if (!drawn.has(shape)) {
    const figures = chooseFigures(all[shape]());
    drawn.set(shape, figures.map(({ caption, draw }) => ({ caption, figure: draw() })));
  }
  return drawn.get(shape)!;
}

const chosen = ["folds", "curves"];
const expected: { readonly [shape: string]: readonly string[] } = {
  "lambda and alpha": [
    ...["map λ α", "gap λ", "gap α", "losses λ", "losses α"],
    ...["losses λ, best step", "losses α, best step", "differences λ", "differences α"],
    ...["differences λ, best step", "differences α, best step", "zeros λ", "zeros and loss"],
    ...chosen,
  ],
  // The rate is a nuisance: no gap is drawn against it, and nothing minus another rate.
  "learning rate and alpha": [
    ...["map rate α", "gap α", "losses rate", "losses α"],
    ...["losses rate, best step", "losses α, best step", "differences α"],
    ...chosen,
  ],
  "three joined remedies": [
    ...["map rate λ", "gap dropout", "gap α", "gap λ"],
    ...["losses rate", "losses dropout", "losses α", "losses λ"],
    ...["losses rate", "losses dropout", "losses α", "losses λ"].map((each) =>
      `${each}, best step`
    ),
    ...["differences dropout", "differences α", "differences λ", "zeros λ", "zeros and loss"],
    ...chosen,
  ],
  "sizes": [
    ...["map hiddenSize dropout", "gap hiddenSize", "gap dropout"],
    ...["losses hiddenSize", "losses dropout"],
    ...["losses hiddenSize, best step", "losses dropout, best step"],
    ...["differences dropout", "differences dropout, best step"],
    ...chosen,
  ],
  "data sizes": [
    ...["map characters α", "gap characters", "gap α", "losses characters", "losses α"],
    ...["losses characters, best step", "losses α, best step"],
    ...["differences α", "differences α, best step", "worth"],
    ...chosen,
  ],
  "choice only": ["gap optimizer", "losses optimizer", "losses optimizer, best step", ...chosen],
  "one axis": [
    ...["gap dropout", "losses dropout", "losses dropout, best step"],
    ...["differences dropout", "differences dropout, best step"],
    ...chosen,
  ],
  "conditional axis": [
    ...["gap optimizer", "gap α", "losses optimizer", "losses α", "losses momentum"],
    ...["losses optimizer", "losses α", "losses momentum"].map((each) => `${each}, best step`),
    ...["differences optimizer", "differences α"],
    ...chosen,
  ],
  "twenty points on three axes": ["losses rate", "losses α", "losses dropout", ...chosen],
  "twenty lines": [
    ...["map α dropout", "gap α", "gap dropout", "gap λ"],
    ...["losses α", "losses dropout", "losses λ"],
    ...["losses α", "losses dropout", "losses λ"].map((each) => `${each}, best step`),
    ...["differences α", "differences dropout", "differences λ"],
    ...["differences α", "differences dropout", "differences λ"].map((each) =>
      `${each}, best step`
    ),
    ...["zeros λ", "zeros and loss"],
    ...chosen,
  ],
  // A star has no grid to draw a map of.
  "star": [
    ...["gap α", "gap dropout", "losses α", "losses dropout"],
    ...["losses α, best step", "losses dropout, best step"],
    ...["differences α", "differences dropout"],
    ...["differences α, best step", "differences dropout, best step"],
    ...chosen,
  ],
  "arms": ["losses rate", "losses α", "losses dropout", ...chosen],
  // One view only: what each run kept.
  "early stopping": [
    ...["map α λ", "gap α", "gap λ", "losses α", "losses λ", "differences α", "differences λ"],
    ...["zeros λ", "zeros and loss", ...chosen],
  ],
  // The best step is the last one, so it is not drawn again.
  "falling to the last step": [
    ...["map α dropout", "gap α", "gap dropout", "losses α", "losses dropout"],
    ...["differences α", "differences dropout", ...chosen],
  ],
  "no baseline, one fold": [
    ...["map α dropout", "gap α", "gap dropout", "losses α", "losses dropout"],
    ...["losses α, best step", "losses dropout, best step", "curves"],
  ],
};

Deno.test("chooseFigures draws for each shape of study what differs in it, and nothing else", () => {
  assert.deepEqual(Object.keys(expected).sort(), Object.keys(all).sort());
  for (const shape of Object.keys(all)) {
    const captions = figuresOf(shape).map(({ caption }) => caption);
    assert.deepEqual(captions.map(short), expected[shape], shape);
    assert.equal(new Set(captions).size, captions.length, shape);
  }
});

/** Numbers that a panel of a chart shows. */
function valuesOf({ panels }: Chart): number[] {
  return panels.flatMap(({ layers }) =>
    layers.flatMap((layer) =>
      layer.kind === "cells"
        ? layer.values.flat().filter((value) => value !== null)
        : layer.kind === "line"
        ? [...layer.y]
        : []
    )
  );
}

Deno.test("every chosen figure of every shape builds as SVG and plotly, light and dark, wide and narrow", () => {
  for (const shape of Object.keys(all)) {
    for (const { caption, figure } of figuresOf(shape)) {
      const name = `${shape}: ${caption}`;
      const values = valuesOf(figure.chart);
      assert.ok(values.length > 1 && values.every(Number.isFinite), name);
      assert.ok(new Set(values).size > 1, name);
      for (const svg of [figure.svg(), figure.svg({ width: 360 })]) {
        assert.ok(!/NaN|undefined|Infinity|null/.test(svg), name);
        assert.match(svg, /prefers-color-scheme: dark/, name);
      }
      const plotly = JSON.stringify(
        figure.plotly(),
        (_key, value) =>
          value === undefined || typeof value === "number" && !Number.isFinite(value)
            ? "no number"
            : value,
      );
      assert.ok(!/no number|undefined/.test(plotly), name);
      for (const text of [figure.alt, figure.chart.title, figure.chart.subtitle]) {
        assert.ok(text.length > 10 && !/undefined|NaN|null/.test(text), `${name}: ${text}`);
      }
    }
  }
});

Deno.test("a chosen figure of every shape is drawn as PNG, light and dark", async () => {
  for (const shape of Object.keys(all)) {
    const [{ figure }] = figuresOf(shape);
    const [light, dark] = await Promise.all(
      [false, true].map((dark) => figure.png({ dark, scale: 0.25 })),
    );
    assert.ok(light.length > 500 && dark.length > 500);
    assert.notDeepEqual(light, dark);
  }
});

Deno.test("a title says what an axis does only of strengths, and never of what is within noise", () => {
  for (const [shape, make] of Object.entries(all)) {
    const strengths = axesOfStudy(make().record).filter(({ role }) => role === "strength")
      .map(({ name }) => formatAxis(name));
    for (const { figure: { chart: { title } } } of figuresOf(shape)) {
      assert.ok(!/lowers[^:;]*(within noise|not tested)/.test(title), title);
      const named = /^No (\S+) (?:that learned |is shown to )?lowers?|^(\S+) = \S+ lowers/.exec(
        title,
      );
      if (/ lowers | to lower /.test(title)) {
        assert.ok(strengths.includes(named?.[1] ?? named![2]), `${shape}: ${title}`);
      }
    }
  }
});

Deno.test("no legend has more than eight entries, and no two names in it share a colour", () => {
  for (const shape of Object.keys(all)) {
    for (const { caption, figure } of figuresOf(shape)) {
      const { entries } = layOut(figure.chart);
      if (/^(Learning|Validation loss fold|.* over )/.test(caption)) continue;
      assert.ok(entries.length <= 8, `${shape}: ${caption}`);
      const colors = entries.flatMap(({ layer }) => "color" in layer ? [layer.color] : []);
      assert.equal(new Set(colors).size, colors.length, `${shape}: ${caption}`);
    }
  }
});

Deno.test("a study of which no run completed has no figures", () => {
  const study = shapedStudy({
    points: gridPoints({ alpha: [0, 1] }),
    specify: () => ({}),
    response: () => ({ training: 0, heldOut: 0 }),
    status: () => "diverged",
  });
  assert.deepEqual(chooseFigures(study), []);
});

Deno.test("figures of a study that lacks runs build as well", () => {
  const whole = shapes["three joined remedies"]();
  for (const part of [0.1, 0.3, 0.6, 0.9]) {
    const study = {
      ...whole,
      records: whole.records.slice(0, Math.round(part * whole.records.length)),
    };
    for (const { caption, draw } of chooseFigures(study)) {
      assert.ok(!/NaN|undefined/.test(draw().svg()), `${part}: ${caption}`);
    }
  }
});

Deno.test("curves are drawn against operations too where a step of one point takes more than of another", () => {
  const { study: record, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4] } });
  const captions = (flopsOf: (lambda: number) => number | null) =>
    chooseFigures({
      record,
      records: runs.map((run) => {
        const cost = { tokens: 10, weights: 1, bytes: 4, flops: flopsOf(Number(run.point.lambda)) };
        return { ...run, cost };
      }),
    }).map(({ caption }) => caption).filter((caption) => /against the operations/.test(caption));
  assert.equal(captions((lambda) => lambda === 0 ? 1e9 : 1.1e9).length, 1);
  assert.deepEqual(captions(() => 1e9), []);
  assert.deepEqual(captions((lambda) => lambda === 0 ? 1e9 : null), []);
});
