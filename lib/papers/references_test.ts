import assert from "node:assert/strict";
import { averageKinds } from "../averages/kinds.ts";
import type { JsonObject } from "../core/json.ts";
import { scheduleKinds } from "../core/schedule.ts";
import { tokenizerKinds } from "../data/tokenizers/kinds.ts";
import { validateInitializer } from "../models/initializers.ts";
import { allModels } from "../models/kinds.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";
import { allPenalties } from "../penalties/kinds.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { strategyKinds } from "../studies/search/kinds.ts";
import bibliography from "./_bibliography.json" with { type: "json" };
import { kindReferences, optionReferences } from "./_used.ts";
import { referencesOf, renderBbl, renderBib, sourcesTex } from "./references.ts";

const { study } = syntheticStudy();

/** A study of one specification. */
const studyOf = (specification: JsonObject, more: Partial<StudyRecord> = {}): StudyRecord => ({
  ...study,
  specifications: [specification],
  ...more,
});

const keysOf = (record: StudyRecord) => referencesOf([record]).entries.map(([key]) => key);

Deno.test("every kind says which papers stand behind it, or that none does", () => {
  const initializers = (() => {
    try {
      validateInitializer("x", { kind: "?" });
    } catch (error) {
      return [...String(error).matchAll(/"([a-zA-Z]+)"/g)].map(([, kind]) => kind);
    }
    return [];
  })();
  const kinds: { readonly [category: string]: readonly string[] } = {
    model: Object.keys(allModels),
    optimizer: Object.keys(optimizerKinds),
    penalty: Object.keys(allPenalties),
    average: Object.keys(averageKinds),
    tokenizer: Object.keys(tokenizerKinds),
    strategy: Object.keys(strategyKinds),
    schedule: Object.keys(scheduleKinds),
    initializer: initializers,
  };
  assert.deepEqual(Object.keys(kindReferences).sort(), Object.keys(kinds).sort());
  for (const [category, names] of Object.entries(kinds)) {
    assert.deepEqual(Object.keys(kindReferences[category]).sort(), names.toSorted(), category);
  }
});

Deno.test("every key is one of the bibliography, whose entries say who, what and when", () => {
  const used = [
    ...Object.values(kindReferences).flatMap((kinds) => Object.values(kinds).flat()),
    ...optionReferences.flatMap(({ keys }) => keys),
  ];
  const all = Object.keys(bibliography);
  assert.deepEqual(used.filter((key) => !all.includes(key)), []);
  assert.deepEqual(all, all.toSorted());
  for (const [key, entry] of Object.entries(bibliography)) {
    assert.match(key, /^[a-z]+(\d{4})[a-z\d]+$/);
    assert.equal(/\d{4}/.exec(key)![0], String(entry.year), key);
    const last = entry.authors[0].split(" ").at(-1)!.normalize("NFD").replace(/[^A-Za-z]/g, "");
    assert.equal(/^[a-z]+/.exec(key)![0], last.toLowerCase(), key);
    if ("arxiv" in entry) {
      // The first four digits are the year and month in which it was put there.
      assert.match(entry.arxiv, /^\d{4}\.\d{4,5}$/);
      const [year, month] = [
        2000 + Number(entry.arxiv.slice(0, 2)),
        Number(entry.arxiv.slice(2, 4)),
      ];
      assert.ok(month >= 1 && month <= 12 && entry.year >= year && entry.year <= year + 2, key);
    }
    assert.ok("arxiv" in entry || "venue" in entry || "publisher" in entry || "url" in entry, key);
  }
});

Deno.test("a study cites what it used and nothing else", () => {
  const plain = keysOf(studyOf({
    model: { kind: "gruLanguageModel", hiddenSize: 8, inputDropout: 0 },
    optimizer: { kind: "adam", learningRate: 0.01 },
    penalties: [],
    tokenizer: { kind: "characters" },
    training: { steps: 10 },
  }, { baseline: null, select: { kind: "mean", metric: "validationLoss", axes: [] } }));
  assert.deepEqual(plain.filter((key) => !key.startsWith("text")), [
    "cho2014gru",
    "kaplan2020scaling",
    "kingma2015adam",
    "smilkov2019tfjs",
    "deno",
    "parsimony",
  ]);
  const rich = keysOf(studyOf({
    model: { kind: "lstmLanguageModel", inputDropout: 0.2, tiedWeights: true },
    optimizer: { kind: "muon", schedule: { kind: "warmUp", then: { kind: "cosine" } } },
    penalties: [{ kind: "proximalL1" }, { kind: "decoupledWeightDecay", cautious: true }],
    clipping: { norm: 1 },
    tokenizer: { kind: "pairs", source: { kind: "bytePairs" }, target: { kind: "characters" } },
    training: { teacher: { point: {} }, averages: [{ kind: "swa" }], adapters: { rank: 4 } },
  }, { strategy: { kind: "treeParzenEstimator" } as never }));
  for (
    const key of [
      "hochreiter1997lstm",
      "srivastava2014dropout",
      "press2017tying",
      "jordan2024muon",
      "loshchilov2017sgdr",
      "parikh2014proximal",
      "chen2025cautious",
      "pascanu2013difficulty",
      "sennrich2016subword",
      "hinton2015distilling",
      "izmailov2018swa",
      "hu2021lora",
      "bergstra2011algorithms",
      "nadeau2003inference",
      "holm1979simple",
    ]
  ) assert.ok(rich.includes(key), key);
  assert.ok(!rich.includes("cho2014gru"));
});

Deno.test("the list for BibTeX and that for LaTeX have the same entries as the text cites", () => {
  const hostile = {
    ...study,
    corpus: {
      ...study.corpus,
      name: "100% {of} \\input{x} #1",
      source: "https://example.org/a_b?c&d~e}",
    },
  };
  const references = referencesOf([study, hostile]);
  const [tex, bib, bbl] = [sourcesTex(references), renderBib(references), renderBbl(references)];
  const cited = new Set(
    [...tex.matchAll(/\\cite\{([^}]+)\}/g)].flatMap(([, keys]) => keys.split(",")),
  );
  const keys = references.entries.map(([key]) => key);
  assert.deepEqual([...cited].sort(), keys.toSorted());
  assert.deepEqual([...bib.matchAll(/^@\w+\{([^,]+),$/gm)].map(([, key]) => key), keys);
  assert.deepEqual([...bbl.matchAll(/\\bibitem\{([^}]+)\}/g)].map(([, key]) => key), keys);
  assert.ok(!/\\input/.test(bib + bbl + tex));
  for (const entry of bib.split(/^(?=@)/m)) {
    // BibTeX counts every brace.
    let open = 0;
    for (const each of entry) {
      open += each === "{" ? 1 : each === "}" ? -1 : 0;
      assert.ok(open >= 0, entry);
    }
    assert.equal(open, 0, entry);
  }
  assert.match(bbl, /Diederik~?P?.* Kingma|Sture Holm/);
});

Deno.test("CITATION.cff is of the version and licence of deno.json, with what its format requires", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
  const citation = await read("CITATION.cff");
  const { version, license } = JSON.parse(await read("deno.json"));
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(citation)?.[1];
  assert.equal(field("cff-version"), "1.2.0");
  assert.equal(field("version"), version);
  assert.equal(field("license"), license);
  for (const name of ["message", "title"]) assert.ok(field(name), name);
  assert.match(citation, /^authors:\n {2}- name: The Parsimony authors$/m);
});
