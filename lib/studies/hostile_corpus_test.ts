import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { showSamples } from "../reports/show.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

const line = "</span></blockquote><script>window.wasHere=1</script>\u001b[31m\u202eevil\u2066 " +
  "\u{1f40b}\u{1d54f} مرحبا | `x` $y$ & \"quoted\" 'text' <!-- no --> ";

Deno.test("a corpus of markup, ANSI codes, reversing marks and 4-byte characters stays text everywhere", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, {
      name: "hostile",
      space: grid({ lambda: [0, 1e-3] }),
      specify: ({ lambda }) => ({
        corpus: inlineText(line.repeat(24)),
        tokenizer: characters(),
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        penalties: [proximalL1({ strength: lambda })],
        optimizer: adam({ learningRate: 0.01 }),
        training: {
          steps: 6,
          batchSize: 4,
          windowLength: 8,
          samples: { count: 2, length: 80, promptLength: 40 },
        },
      }),
    }));
    assert.ok(study.records.every(({ status }) => status === "completed"));
    const prompts = study.records.flatMap(({ samples }) => samples.map(({ prompt }) => prompt));
    const marks = ["<", "\u001b", "\u202e"];
    assert.ok(
      prompts.some((prompt) => marks.some((mark) => prompt.includes(mark))),
      "prompts are of the text",
    );
    assert.equal(study.record.corpus.tokens, [...line].length * 24);

    const page = await Deno.readTextFile(await writeReport(study));
    const markdown = await Deno.readTextFile(await writeMarkdownReport(study));
    const display = Symbol.for("Jupyter.display");
    type Shown = { [display: symbol]: () => { "text/html": string } };
    const cell = (showSamples(study) as unknown as Shown)[display]()["text/html"];
    for (const text of [page, markdown, cell, String(showSamples(study))]) {
      // deno-lint-ignore no-control-regex -- what must not be there
      assert.ok(!/[\u001b\u202e\u2066]/.test(text) && text.isWellFormed());
      assert.match(text, /‹U\+(?:001B|202E|2066)›|\\u001b/);
    }
    const ours = /<script(?: id="plotly" type="text\/plain")?>/g;
    assert.equal(page.match(/<script/g)!.length, page.match(ours)!.length);
    assert.equal(page.match(ours)!.length, 2);
    assert.ok(!cell.includes("<script"));
    const outside = markdown.replace(/^(`{3,})(?:text|math)\n[^]*?\n\1$/gm, "");
    assert.ok(!/<script|<!--/.test(outside));
  }));
