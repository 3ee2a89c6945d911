import type { Command } from "./command.ts";

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  {
    name: "start",
    summary: "run the first notebook and print what its study found",
    usage: `start [--set name=value …]
  Executes notebooks/01-*.ipynb on the Deno kernel; the executed copy is beside its study's records.`,
    load: async () => (await import("./start.ts")).start,
  },
  {
    name: "notebooks",
    summary: "run all notebooks or one, or check the types of their cells",
    usage: `notebooks [NAME] [--set name=value …] [--time-limit SECONDS] [--write] [--check]
  NAME         number, name or path of a notebook; all notebooks when left out
  --set        value for a name that a cell declares by const, let or var; that cell must be tagged
               "parameters" (JupyterLab: Property Inspector, Cell Tags)
  --time-limit seconds that one cell may take (3600)
  --write      stores the outputs in notebooks/ instead of results/notebooks/; not those of a failed run
  --check      runs nothing: checks the types of all cells and their imports`,
    load: async () => (await import("./notebooks.ts")).notebooks,
  },
  {
    name: "study",
    summary: "list, show or digest stored studies",
    busy: true,
    usage: "study list | study show NAME | study digest NAME",
    load: async () => (await import("./study.ts")).study,
  },
  {
    name: "worker",
    summary: "train the runs that studies put on a queue, on this machine",
    usage: `worker --redis URL [--engine NAME] [--processes COUNT] [--threads COUNT] [--folder PATH]
                          [--corpus PATH] [--allow-other]
  --redis      redis://user:password@host:6379, rediss:// for TLS; or set PARSIMONY_REDIS
  --engine     cpu, wasm, relaxed, native, blocked or auto (wasm)
  --processes  trainings at once (as many as cores, divided by their threads)
  --threads    of each training (1), the same bits with any number; instead of native take blocked
  --folder     for checkpoints (.temporary/worker); a shared one lets others go on from them
  --corpus     a text file, or a folder of them, that runs may read besides the catalogue's; repeatable
  --allow-other  also runs of another engine or numerics version, for studies that allow it
  native, and a folder outside of .temporary, need more permissions than the task has: the message
  names the command, docs/many-machines.md too.
  Other side: runStudy({ …, queue: "redis://…" }). Ctrl-C ends it; its runs go to other workers.`,
    load: async () => (await import("./worker.ts")).worker,
  },
  {
    name: "report",
    summary:
      "write the report of a study again or a paper, compare studies, or make one file of one",
    busy: true,
    usage: `report NAME [--latex]
report NAME --archive [--with-text] [--with-modules] [--with-weights]
report --compare FIRST SECOND [--latex]
report --compare FIRST SECOND THIRD … [--arm NAME [--parent NAME] | --point JSON [--from JSON]]
  Writes results/NAME/report.html, and report.md with figures/*.png for GitHub, from the records.
  --latex         writes results/NAME/paper instead: article.tex for pdflatex, and its pieces
  --archive       writes results/NAME/NAME.tar: records, reports, environment, SHA-256 of each file
  --with-text     its text too, where that is not in the study or the library
  --with-modules  modules of your own too, to be read: nothing runs them where they lie
  --with-weights  the weights too that runs kept
  --compare       writes results/FIRST/compare-with-SECOND.html, paired where folds and seeds agree.
  Of more than two, or with --arm or --point, it is one contrast in each study and what they come to together:
  over texts by a paired t-test, by a hierarchical model, and as a forest plot.
  --arm           an arm that all studies have, against --parent or the one that it is declared with
  --point         a point that all have, as JSON, against --from or each study's baseline
  --region        differences up to it, in the unit of the losses, are too small to matter`,
    load: async () => (await import("./report.ts")).report,
  },
  {
    name: "verify",
    summary: "check a stored study or an archive: ids, checksums, report, runs trained again",
    busy: true,
    usage: `verify STUDY [--sample N] [--seed S] [--command TEXT] [--trust SHA256]
verify ARCHIVE.tar [the same]
  STUDY      name of a study, or its folder in results/
  ARCHIVE    a file that report --archive wrote, in the project's folder; results/ is not touched
  --sample   finished runs to train again (0, of an archive 2)
  --seed     chooses them (drawn anew each time, and printed)
  --command  the command that you gave its report; any other but the library's own is reported
  --trust    code that came with the study and that you have read: --sample trains it in a process
             that may do nothing else
  Exit code 1 when anything differs.`,
    load: async () => (await import("./verify.ts")).verify,
  },
  {
    name: "pack",
    summary: "copy a study to be given away, with what it takes to check it",
    usage: `pack STUDY [--with-text] [--with-modules]
  Copies records, reports and kept weights to packed/STUDY, with NEEDS.md.
  --with-text     its text too, where that is not in the study or the library
  --with-modules  modules of your own too, to be read: nothing runs them where they lie`,
    load: async () => (await import("./pack.ts")).pack,
  },
  {
    name: "reproduce",
    summary: "run the study of a published result and judge it, of a finding, remedies or prompts",
    usage: `reproduce                 names of the results and findings
reproduce NAME [--quick] [--engine NAME] [--workers COUNT] [--threads COUNT]
    [--retry-failed]
  --quick         a few steps of a smaller model, to see that everything is in place
  --engine        cpu, wasm, relaxed, native, blocked or auto (wasm)
  --workers       threads that train at once (as many as cores)
  --threads       of each training; the bits are the same, but native becomes blocked
  --retry-failed  has runs tried again that failed before
  Records and report: results/published/NAME, results/findings/NAME,
  results/remedies/NAME or results/prompts/NAME. Ctrl-C ends it; the same command goes on.`,
    load: async () => (await import("./reproduce.ts")).reproduce,
  },
  {
    name: "findings",
    summary: "check docs/findings.md, its figures and README.md against the records",
    busy: true,
    usage: `findings [--write]
  --write  puts in the numbers, draws the figures and writes the studies' documents anew`,
    load: async () => (await import("./findings.ts")).findings,
  },
  {
    name: "simulate",
    summary: "how often the statistics are wrong, on studies of which the truth is known",
    busy: true,
    usage: `simulate [--only PART] [--write] [--count N] [--seed S] [--texts FILE]
  Draws synthetic studies and counts how often the functions that reports use are wrong. PART is one of
    table        studies without any effect, with the variances of the studies in results/findings: false
                 verdicts and intervals that hold the truth
    planning     studies with an effect, planned to be shown by 80 % of them: those that show it
    pilots       plans made from pilots of 3 folds × 2 seeds: the power that they realize
    equivalence  studies with differences at the border of a region, and with none: those that call them
                 equivalent
    worth        remedies of known worth in text: intervals that hold it
  --write  puts the tables into docs/simulations.md, the numbers into docs/simulations.json
  --count  studies of each row (table 1000, others 2000); the table takes about a quarter of an hour
           on one core
  --seed   of all draws (1)
  --texts  file of the project: JSON list of texts by many authors, to measure what their folds share`,
    load: async () => (await import("./simulate.ts")).simulate,
  },
  {
    name: "datasets",
    summary: "list, add, verify or fetch the corpora of the catalogue",
    usage: `datasets list
datasets verify [NAME …]           checksums, sizes and published counts
datasets fetch NAME [--from FOLDER]  from its address, or from a folder of the project with your files
datasets add NAME PATH_OR_URL --licence TEXT [--kind text|pairs] [--description TEXT]
  Fetched files are kept in datasets/fetched/, which git does not see.`,
    load: async () => (await import("./datasets.ts")).datasets,
  },
  {
    name: "lab",
    summary: "open JupyterLab with the Deno kernel and our import map",
    usage: `lab [-- ARGUMENT …]
  Arguments after -- go to JupyterLab, for example: lab -- --no-browser --port 9000`,
    load: async () => (await import("./lab.ts")).lab,
  },
  {
    name: "doctor",
    summary: "tell what is installed, and what it costs where something is not",
    usage: "doctor",
    load: async () => (await import("./doctor.ts")).doctor,
  },
];

/** Help for all commands. */
export function usage(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "deno task COMMAND, or npx --yes deno@2.9.6 task COMMAND. Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "COMMAND --help shows the options of one.",
  ].join("\n");
}
