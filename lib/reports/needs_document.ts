import { studyArgument, taskCommands } from "../core/study_commands.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { ReportDocument } from "./document.ts";
import { fragment } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { needsSection } from "./needs.ts";

/** Name of the file that a study which is given away has beside its records. */
export const needsName = "NEEDS.md";

/** What one needs to verify a study that was given away and to train it again, as Markdown. */
export function renderNeeds(study: StudyRecord): string {
  const document: ReportDocument = {
    title: study.name,
    byline: `A regularization study on ${study.corpus.name}, made with Parsimony ` +
      `${study.provenance.parsimony}: what it takes to check it.`,
    figures: [],
    sections: [{
      id: "needs",
      title: "To check it",
      shortTitle: "Needs",
      body: fragment`<pre>${taskCommands.verify} ${studyArgument(study.name)} --sample 5</pre>
<p>It trains five runs again, drawn anew each time, which vouches for these; a larger number for more of
them. Without <code>--sample</code> nothing is trained. Nothing in this folder is run as code.</p>
${needsSection(study)}`,
    }],
  };
  return renderMarkdown(document, []);
}
