import assert from "node:assert/strict";
import { compareArmsOverTexts } from "../statistics/compare_arms_over_texts.ts";
import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
import { showArmsOverTexts } from "./show_arms.ts";

Deno.test("showArmsOverTexts shows the sentence and the difference on each text, names of texts escaped", () => {
  const studies = [0.1, 0.2, 0.3].map((gain, text) => {
    const { record, records } = armsHandStudy({
      none: { points: [{}], dimensions: {}, losses: [[[1, 2], [1, 2]]] },
      decay: { points: [{ x: 1 }], losses: [[[1, 2 - gain], [1, 2 - gain]]] },
    });
    const corpus = { ...record.corpus, name: `<b>${text}</b>`, sha256: String(text) };
    return { record: { ...record, corpus }, records };
  });
  const shown = showArmsOverTexts(compareArmsOverTexts(studies)) as unknown as {
    readonly [display: symbol]: () => { readonly [type: string]: string };
  };
  const html = shown[Symbol.for("Jupyter.display")]()["text/html"];
  for (
    const part of ["−0.100", "−0.200", "−0.300", "On these 3 texts decay minus none is −0.200"]
  ) {
    assert.ok(html.includes(part), part);
  }
  assert.ok(html.includes("&lt;b&gt;0&lt;/b&gt;") && !html.includes("<b>"));
});
