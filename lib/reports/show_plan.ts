import { formatNumber, formatShare, thousands } from "../statistics/format.ts";
import { describePlan, duration } from "../statistics/describe_plan.ts";
import type { StudyPlan, StudyPlanning } from "../statistics/plan_study.ts";
import { type Column, fragment, table } from "./html.ts";
import { type Shown, shown } from "./show.ts";

/**
 * Shows what a planning found, for a cell of a notebook: in words, the best plan of each number of folds, and the
 * power of all plans.
 *
 * @param planning What `planStudy` returned.
 * @returns What a cell shows as a list and two tables, and `String()` as lines.
 *
 * @example
 * ```ts
 * import { planStudy } from "../statistics/plan_study.ts";
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import { showPlan } from "./show_plan.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs: records } = syntheticStudy({ axes: { lambda: [0, 0.001] } });
 * const text = String(showPlan(planStudy({ record, records }, { difference: 0.05, folds: [3, 5] })));
 * assert.match(text, /^- To show a true difference of 0\.050/);
 * assert.match(text, /\n5 folds × \d+ seeds?: /);
 * ```
 */
export function showPlan(planning: StudyPlanning): Shown {
  const statements = describePlan(planning);
  const best = bestOfEachFolds(planning);
  return shown(
    fragment`<ul>${statements.map((text) => fragment`<li>${text}</li>`)}</ul>
${plansTable(planning, best)}${powersTable(planning)}`,
    [
      ...statements.map((text) => `- ${text}`),
      ...best.map((plan) =>
        `${plan.folds} folds × ${plan.seeds} ${plan.seeds === 1 ? "seed" : "seeds"}: ${
          columns.slice(2).map(({ title, cell }) => `${title} ${cell(plan)}`).join(", ")
        }`
      ),
    ].join("\n"),
  );
}

const columns: readonly (Column<StudyPlan> & { cell(plan: StudyPlan): string })[] = [
  { title: "folds", cell: ({ folds }) => `${folds}` },
  { title: "seeds", cell: ({ seeds }) => `${seeds}` },
  { title: "runs", cell: ({ runs }) => thousands(runs) },
  { title: "time", cell: ({ minutes }) => minutes === null ? "–" : duration(minutes) },
  { title: "standard error", cell: ({ standardError }) => formatNumber(standardError, 4) },
  { title: "power", cell: ({ power }) => formatShare(power) },
  {
    title: "95 % interval",
    cell: ({ powerInterval }) => powerInterval.map(formatShare).join(" to "),
  },
];

/**
 * Of each number of folds the plan with the fewest seeds that reaches the power, else that comes within a twentieth
 * of the highest power.
 */
function bestOfEachFolds({ plans, wanted }: StudyPlanning): StudyPlan[] {
  return [...Map.groupBy(plans, ({ folds }) => folds).values()].map((own) => {
    const highest = Math.max(...own.map(({ power }) => power));
    return own.find(({ power }) => power >= Math.min(wanted.power, 0.95 * highest))!;
  });
}

/** The best plan of each number of folds, as a table. */
function plansTable(planning: StudyPlanning, best = bestOfEachFolds(planning)) {
  const { cheapest, wanted } = planning;
  return table<StudyPlan>(
    `The fewest seeds of each number of folds that reach a power of ${
      formatShare(wanted.power)
    }, else come within a twentieth of their highest power; bold: the fewest runs of all.`,
    columns,
    best,
    (plan) => plan.folds === cheapest?.folds && plan.seeds === cheapest.seeds ? "selected" : "",
  );
}

function powersTable({ plans }: StudyPlanning) {
  const seeds = [...new Set(plans.map((plan) => plan.seeds))];
  const rows = [...Map.groupBy(plans, ({ folds }) => folds).values()];
  return table<readonly StudyPlan[]>(
    "Power of each number of folds (rows) with each number of seeds (columns).",
    [
      { title: "folds", cell: ([{ folds }]) => `${folds}` },
      ...seeds.map((each): Column<readonly StudyPlan[]> => ({
        title: `${each}`,
        cell: (row) => formatShare(row.find((plan) => plan.seeds === each)!.power),
      })),
    ],
    rows,
  );
}
