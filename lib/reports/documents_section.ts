import type { DocumentsRecord, FoldDocuments } from "../records/documents_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted, formatNumber } from "../statistics/format.ts";
import { type Column, fragment, type Markup, table } from "./html.ts";
import { asObject } from "./specification_words.ts";

/** What folds of documents hold out, in sentences. */
export function documentFoldsInWords(
  { count, groups, by, gap, final }: DocumentsRecord,
): string {
  const corpus = counted(count, "document") +
    (groups === undefined ? "" : ` in ${counted(groups, "group")}`);
  const held = {
    document: "Each fold holds out whole documents that stand together, of about as many bytes.",
    group:
      "Each fold holds out whole groups: no group is on both sides, so that losses and their " +
      "intervals are about groups of which a model has read nothing. Groups are dealt in the order of their " +
      "sizes, so that each fold holds out as many as any other, or one more." +
      (final === null ? "" : " The final block is no stretch of the corpus, but whole groups too."),
    time:
      "Each fold trains on what is earlier than all that it holds out, so that losses are about later " +
      `documents; later folds train on more text.${gap === undefined ? "" : ` ${gapInWords(gap)}`}`,
  }[by];
  return `The corpus has ${corpus}. ${held} The end of each document is a mark of its own, which is ` +
    "predicted as tokens are.";
}

/** What is left out before what a fold holds out. */
function gapInWords({ documents, time, unit }: NonNullable<DocumentsRecord["gap"]>): string {
  const later = unit === "days" ? counted(time, "day") : `${time} (in the numbers of the times)`;
  return `What trains ends ${
    [
      ...(documents > 0 ? [`at least ${counted(documents, "document")}`] : []),
      ...(time > 0 ? [`at least ${later}`] : []),
    ].join(" and ")
  } before what is held out begins.`;
}

/** How windows lie to documents, in sentences; null of a corpus that is no documents. */
export function documentWindowsInWords(
  { documents, specifications }: Pick<StudyRecord, "documents" | "specifications">,
): string | null {
  const trainings = specifications.map(({ training }) => asObject(training));
  const inside = trainings.filter(({ documentWindows }) => documentWindows === "inside");
  const others = trainings.filter((training) => !inside.includes(training));
  if (documents === undefined && inside.length === 0) return null;
  const within = "no window leaves its document, and windows at the end of one are shorter: what " +
    "fills them up does not count";
  const across = "windows run over the ends of documents, the mark between one and the next" +
    (others.some(({ sampling }) => sampling === "epochs")
      ? "; each epoch reads the documents in a new order"
      : "");
  const capital = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}`;
  if (others.length === 0) return `${capital(within)}.`;
  if (inside.length === 0) return `${capital(across)}.`;
  return `At points with document windows inside, ${within}. At the others, ${across}.`;
}

/** A row of the table of documents. */
interface Row extends FoldDocuments {
  readonly fold: string | number;
}

/** How many documents train and are held out, and what of both is nearly the same; null without documents. */
export function documentsTable({ documents, folds }: StudyRecord): Markup | null {
  if (documents === undefined) return null;
  const { groups, similarity, final, examples } = documents;
  const rows: Row[] = [
    ...documents.folds.map((each, index) => ({ fold: folds[index]?.index ?? index, ...each })),
    ...(final === null ? [] : [{ fold: "final", ...final }]),
  ];
  const chooses = rows.some(({ choosing }) => choosing !== undefined);
  const drops = rows.some(({ dropped }) => dropped !== undefined);
  const optional = (there: boolean, column: Column<Row>) => there ? [column] : [];
  return fragment`${
    table<Row>(
      `Documents of each fold. Nearly the same: documents that are held out and have a training document ` +
        `whose shingles of nine characters have a Jaccard similarity of at least ${similarity} with theirs` +
        (chooses
          ? `; of those that choose, those that are so similar to one that is held out${
            drops ? ", and are left out" : ""
          }.`
          : "."),
      [
        { title: "fold", numeric: false, cell: ({ fold }) => fold },
        { title: "training documents", cell: ({ training }) => training },
        { title: "held-out documents", cell: ({ heldOut }) => heldOut },
        ...optional(groups !== undefined, {
          title: "held-out groups",
          cell: ({ groups }) => groups ?? "–",
        }),
        ...optional(documents.by === "time", {
          title: "training to",
          numeric: false,
          cell: ({ times }) => times?.trainedTo ?? "–",
        }),
        ...optional(rows.some(({ times }) => times?.choosing !== undefined), {
          title: "chooses",
          numeric: false,
          cell: ({ times }) =>
            times?.choosing === undefined ? "–" : `${times.choosing.from} to ${times.choosing.to}`,
        }),
        ...optional(documents.by === "time", {
          title: "held out",
          numeric: false,
          cell: ({ times }) => times === undefined ? "–" : `${times.from} to ${times.to}`,
        }),
        { title: "nearly the same", cell: ({ nearDuplicates }) => nearDuplicates },
        ...optional(chooses, {
          title: "choosing documents",
          cell: ({ choosing }) => choosing?.documents ?? "–",
        }),
        ...optional(chooses, {
          title: drops ? "left out of choosing" : "nearly the same of those",
          cell: ({ choosing }) => choosing?.nearDuplicates ?? "–",
        }),
        ...optional(drops, {
          title: "left out of training",
          cell: ({ dropped }) => dropped ?? "–",
        }),
      ],
      rows,
    )
  }${
    examples.length === 0
      ? null
      : fragment`<p>Nearly the same on both sides, for example: ${
        examples.map(({ heldOut, training, similarity }) =>
          `${heldOut} as ${training} (${formatNumber(similarity)})`
        ).join("; ")
      }.</p>
`
  }`;
}
