import assert from "node:assert/strict";
import {
  armsHandStudy,
  type HandArm,
  type HandLoss,
} from "../statistics/testing/arms_hand_study.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { armsSection } from "./arms_section.ts";
import { reportDocument } from "./document.ts";

const all = (choosing: number, ...heldOut: number[]): HandLoss[] =>
  heldOut.map((loss) => [choosing, loss]);
const bad = all(5, 9, 9, 9, 9);
const points = [{ x: 1 }, { x: 2 }];
const none: HandArm = { points, losses: [all(1, 2.0, 2.2, 2.1, 2.3), bad] };
const decay: HandArm = { points, losses: [bad, all(1, 1.8, 1.9, 1.9, 2.0)] };
const dropout: HandArm = { points, losses: [all(1, 2.1, 2.1, 2.2, 2.2), bad] };

/** Text of the cells of each row of each table, tags taken off. */
function cells(html: string): string[][] {
  return [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
      cell.replace(/<[^>]*>/g, "")
    )
  );
}

Deno.test("armsSection shows each arm with loss, difference, interval, p and verdict, what was chosen, and all other pairs", () => {
  const rows = cells(armsSection(compareArms(armsHandStudy({ none, decay, dropout }))).html);
  assert.ok(rows.some((row) => row.join("|") === "none|–|2|2.150 ± 0.065|–|–|–|–|–"));
  assert.ok(
    rows.some((row) =>
      row.join("|") === "decay|none|2|1.900 ± 0.041|−0.250|[−0.409, −0.091]|0.031|lower|–"
    ),
    rows.map((row) => row.join("|")).join("\n"),
  );
  assert.ok(rows.some((row) => row.join("|") === `decay${"|x = 2, step 10".repeat(4)}`));
  assert.ok(rows.some((row) => row.join("|") === "dropout − decay|+0.250|[+0.091, +0.409]"));
  // Only three rows of pairs and arms have an interval, and pairs have no p.
  assert.equal(
    rows.filter(([first]) => first.includes("−")).every((row) => row.length === 3),
    true,
  );
});

Deno.test("armsSection repeats its table at equal compute where arms took unlike amounts", () => {
  const flopsOf = ({ point }: { readonly [part: string]: unknown }) =>
    (point as { arm: string }).arm === "none" ? 10 : 15;
  const { html } = armsSection(compareArms(armsHandStudy({ none, decay }), { flopsOf }));
  assert.match(html, /The same at equal compute/);
  const own = cells(html).filter(([first, parent]) => first === "decay" && parent === "none");
  assert.deepEqual(own.map((row) => [row[2], row[7], row[8]]), [
    ["2", "lower", "1.20e2"],
    ["1", "higher", "6.00e1"],
  ]);
});

Deno.test("The report of a study of arms has their section and figure, and none about a baseline or a selection", () => {
  const document = reportDocument(armsHandStudy({ none, decay, dropout }), null);
  const ids = document.sections.map(({ id }) => id);
  assert.ok(ids.includes("arms"));
  for (const absent of ["findings", "selection", "differences"]) assert.ok(!ids.includes(absent));
  assert.equal(document.figures.length, 1);
  const text = document.sections.filter(({ id }) => ["abstract", "arms", "final"].includes(id))
    .map(({ body }) => body.html).join("\n");
  assert.doesNotMatch(text, /penal|baseline|standard error(?!s? over the folds)/);
  const { study: record, runs: records } = syntheticStudy();
  assert.ok(!reportDocument({ record, records }, null).sections.some(({ id }) => id === "arms"));
});

Deno.test("The report of a study of arms says so while runs are missing, and where every point diverged", () => {
  const source = armsHandStudy({ none, decay });
  const html = (given: typeof source) =>
    reportDocument(given, null).sections.map(({ body }) => body.html).join("\n");
  assert.match(
    html({ ...source, records: [] }),
    /no verdict on decay against none: of none, not all/,
  );
  const diverged = armsHandStudy({ none, decay: { ...decay, status: () => "diverged" } });
  assert.match(html(diverged), /2 diverged on some fold/);
});
