import assert from "node:assert/strict";
import { ensemblesByKind } from "../statistics/ensembles_by_kind.ts";
import { describeEnsembles } from "../statistics/describe_ensembles.ts";
import { withEnsembles } from "../statistics/testing/synthetic_ensembles.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { reportDocument } from "./document.ts";
import { ensemblesTable } from "./ensembles_table.ts";
import { renderMarkdown } from "./markdown.ts";

const plain = syntheticRecords({ axes: { lambda: [0, 1e-4] } });
const costs = {
  ...plain,
  records: plain.records.map((run) => ({
    ...run,
    cost: { flops: run.point.lambda === 0 ? 100 : 195, tokens: 10, weights: 6, bytes: 24 },
  })),
};
const study = withEnsembles(costs, [
  { point: { lambda: 0 }, seeds: [1, 2], mean: "probabilities" },
  { point: { lambda: 0 }, seeds: [1], mean: "logits", snapshots: true },
]);

Deno.test("a report says what ensembles lose beside their members and a single model of their cost", () => {
  assert.equal(ensemblesTable(plain, ["lambda"]), null);
  const { html } = ensemblesTable(study, ["lambda"])!;
  const rows = [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell]) => cell.trim())
  );
  const [two, snapshots] = ensemblesByKind(study);
  assert.deepEqual(rows[1].slice(0, 5), [
    "0",
    "2 runs, mean of probabilities",
    "3",
    two.validationLoss.toFixed(4),
    two.perplexity.toFixed(3),
  ]);
  assert.equal(rows[1][5], two.memberLoss.toFixed(4));
  assert.equal(rows[1].at(-2), "2.00e2");
  assert.match(rows[1].at(-1)!, new RegExp(`^${two.single!.validationLoss.toFixed(4)} at .*1e-4`));
  assert.equal(rows[2][1], "4 snapshots of 1 run, mean of logits");
  assert.equal(rows[2].at(-1), "none in this study");
  assert.equal(rows[2][3], snapshots.validationLoss.toFixed(4));
  assert.match(html, /mean of probabilities is p\(x\).*mean of logits is the softmax/s);
});

Deno.test("a report of a study with ensembles has their table, figure and hash; one without has none of it", () => {
  const textOf = (source: typeof study) => {
    const document = reportDocument(source, null);
    const paths = document.figures.map(() => ({ light: "a.png", dark: "b.png" }));
    return renderMarkdown(document, paths);
  };
  const text = textOf(study);
  assert.match(text, /### Ensembles/);
  assert.match(text, /Validation loss of ensembles, and of their runs by themselves/);
  assert.match(text, /`runs\.jsonl` and `ensembles\.jsonl`/);
  const without = textOf(costs);
  assert.doesNotMatch(without, /[Ee]nsemble/);
  assert.match(without, /`study\.json` and `runs\.jsonl` beside it/);
});

Deno.test("the abstract says what ensembles lose, and a study of one setting has no empty table", () => {
  const [lambda] = plain.record.space.points;
  const one = {
    record: { ...plain.record, space: { ...plain.record.space, points: [{}] }, baseline: {} },
    records: plain.records.filter(({ point }) => point.lambda === lambda.lambda)
      .map((run) => ({ ...run, point: {} })),
  };
  const only = withEnsembles(one, [{ point: {}, seeds: [1, 2], mean: "probabilities" }]);
  const document = reportDocument(only, null);
  const [abstract] = document.sections.map(({ body }) => body.html.replace(/<[^>]*>/g, ""));
  const [{ validationLoss, memberLoss }] = ensemblesByKind(only);
  const difference = (validationLoss - memberLoss).toFixed(3).replace("-", "−");
  assert.ok(
    abstract.includes(
      `The ensemble of 2 runs, mean of probabilities, of the only setting has a validation loss of ` +
        `${
          validationLoss.toFixed(3)
        } nats per token, mean over 3 folds, ${difference} from its members`,
    ),
    abstract,
  );
  const pages = document.sections.map(({ body }) => body.html);
  for (const html of pages) {
    assert.doesNotMatch(html, /<tbody>\s*<\/tbody>/);
    assert.doesNotMatch(html.replace(/<[^>]*>/g, ""), /selects , |baseline, , | at \. /);
  }
  assert.ok(pages.some((html) => html.includes("none to differ from it")));
  const many = withEnsembles(
    plain,
    [1, 2].flatMap((seed) =>
      plain.record.space.points.map((point) => ({
        point,
        seeds: [seed, 3],
        mean: "probabilities" as const,
      }))
    ),
  );
  const [said, ...rest] = describeEnsembles(many);
  assert.deepEqual(rest, []);
  const lowest = Math.min(...ensemblesByKind(many).map(({ validationLoss }) => validationLoss));
  assert.match(
    said,
    new RegExp(`^Of 4 ensembles that of .* a validation loss of ${lowest.toFixed(3)} `),
  );
  assert.deepEqual(describeEnsembles(plain), []);
});
