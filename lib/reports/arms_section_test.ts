import assert from "node:assert/strict";
import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { findings } from "../statistics/findings.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { armsFinalSection, armsSection } from "./arms_section.ts";
import { reportDocument } from "./document.ts";
import { formatOutcome } from "./outcome.ts";
import { showFindings } from "./show.ts";
import { decay, dropout, none } from "../statistics/testing/three_arms.ts";

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

Deno.test("armsSection says once what its intervals cover, and nothing of it without an interval (case S10)", () => {
  const source = armsHandStudy({ none, decay, dropout });
  const { html } = armsSection(compareArms(source));
  assert.equal(html.split("the mean over stretches such as the 4 folds").length - 1, 1);
  assert.doesNotMatch(html, /only several texts tell/);
  assert.doesNotMatch(armsSection(compareArms({ ...source, records: [] })).html, /stretches/);
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
  const captions = ({ figures }: typeof document) => figures.map(({ caption }) => caption);
  const ofArms = /^(Differences of the arms|Expected loss of the best)/;
  assert.equal(captions(document).filter((each) => ofArms.test(each)).length, 1);
  assert.ok(captions(document).every((each) => !/selected|baseline/.test(each)));
  const drawn = { draw: "random" as const };
  const random = armsHandStudy({ none: { ...none, ...drawn }, decay: { ...decay, ...drawn } });
  const shown = (source: typeof random) =>
    captions(reportDocument(source, null)).filter((each) => ofArms.test(each)).length;
  assert.equal(shown(random), 2);
  const open = { ...random, records: random.records.slice(1) };
  assert.equal(shown(open), 1);
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

Deno.test("The report of a study of arms says what of its text could decide its numbers", () => {
  const { record, records } = armsHandStudy({ none, decay });
  const shares = record.folds.map(() => 0.4);
  const repeated = {
    record: { ...record, repeated: { length: 50, shares, final: null } },
    records,
  };
  const arms = reportDocument(repeated, null).sections.find(({ id }) => id === "arms")!;
  assert.match(arms.body.html, /class="notice">40\.0 % of the held-out text stands/);
  assert.match(String(showFindings(repeated)), /40\.0 % of the held-out text stands/);
});

Deno.test("No tag, table or outcome of a study of arms selects over arms: they show what each chose, fold by fold", () => {
  const source = armsHandStudy({ none, decay, dropout });
  const document = reportDocument(source, null);
  const page = document.sections.map(({ body }) => body.html).join("\n");
  assert.doesNotMatch(page, /lowest mean|one standard error/);
  assert.match(page, /<span class="tag">chosen for 4 of 4 folds<\/span>/);
  const points = document.sections.find(({ id }) => id === "points")!.body.html;
  assert.ok(cells(points).some((row) => row.slice(0, 4).join() === "fold,none,decay,dropout"));
  const outcome = formatOutcome(source);
  for (const arm of ["none", "decay", "dropout"]) {
    assert.match(outcome, new RegExp(`^${arm} `, "m"));
  }
  assert.doesNotMatch(outcome, /lowest mean/);
});

Deno.test("The final block of a study of arms says which arms are not there", () => {
  const source = armsHandStudy({ none, decay, dropout });
  const shown = findings(source.record, source.records);
  const [heldOut] = source.record.folds;
  const study = { ...source.record, finalFold: heldOut };
  const result = (arm: string) => ({
    point: { arm, x: 1 },
    completed: 1,
    expected: 1,
    lastStep: null,
    chosenStep: null,
  });
  const of = (...arms: string[]) =>
    armsFinalSection(
      { ...shown, study, final: arms.map(result) } as unknown as Parameters<
        typeof armsFinalSection
      >[0],
    ).html;
  assert.match(
    of("none", "decay"),
    /dropout is not there: by that rule only none and decay were trained again/,
  );
  assert.match(of("none"), /decay and dropout are not there: by that rule only none was trained/);
  assert.doesNotMatch(of("none", "decay", "dropout"), /not there/);
});
