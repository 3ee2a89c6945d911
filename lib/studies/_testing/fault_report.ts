/** A process that writes the report of a study and stops where a test's plan says. Argument: its folder. */
import { writeReport } from "../../reports/report.ts";
import { planFor, stopInRenames } from "./fault_points.ts";

const plan = planFor("report writer");
if (plan !== null) stopInRenames(plan, "report.html");
await writeReport(Deno.args[0]);
