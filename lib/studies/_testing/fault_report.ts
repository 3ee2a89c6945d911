/** A process that writes the report of a study. Argument: its folder. */
import { writeReport } from "../../reports/report.ts";

await writeReport(Deno.args[0]);
