import assert from "node:assert/strict";
import { escapeTex, escapeTight } from "./escape_tex.ts";
import { preamble } from "./preamble.ts";
import { compilePaper } from "./compile_paper.ts";
import { printed, withTex, writeFiles } from "./_testing/tex.ts";

const hostile = [
  String.raw`\input{/etc/passwd}`,
  String.raw`\write18{touch x} \csname end\endcsname \catcode`,
  String.raw`a%b_c$d#e~f^g&h{i}j\k ^^41 ^^M`,
  `"quoted" 'single' \`grave\` it's`,
  "\\",
  "%",
  "{",
  "}",
  "$",
  "a--b---c ,, << >> ?` !`",
  "100 % of 5 %",
  "Ångström naïve façade Łódź ÿ Ő ș ț Ġ ŝ ŋ ß Việt Nam",
  "λόγος Ωμέγα α η τ",
  "−±×·–≤≠≈∞²³½",
  "Привет, мир! Ёлка Їжак",
  "红楼梦第一回",
  "紅樓夢龘",
  "ひらがなカタカナ",
  "한국어 हिन्दी ไทย",
  "🐋 whale 👩‍👩‍👧",
  "𝔘𝔫𝔦 ﬁ",
  "pre/fix_very-long.identifier_that-has=many;separators:and|words",
  "x".repeat(300),
];

const rightToLeft = ["שלום", "مرحبا"];

withTex(
  "names of any kind come out of a PDF as text, and nothing in them is a command",
  async (folder) => {
    const lines = [...hostile, ...rightToLeft];
    const content = String.raw`\documentclass[11pt]{article}
\input{preamble}
\usepackage{microtype}
\emergencystretch=3em
\pdfinfoomitdate=1\pdftrailerid{}\pdfsuppressptexinfo=-1
\begin{document}
${lines.map((line, index) => `\\noindent ${index}: ${escapeTex(line)}\n`).join("\n")}\end{document}
`;
    await writeFiles(folder, [
      { path: "article.tex", content },
      { path: "preamble.tex", content: preamble },
    ]);
    const { path, warnings } = await compilePaper(folder);
    assert.deepEqual(warnings, []);
    const text = (await printed("pdftotext", "-raw", path, "-")).normalize("NFC")
      // Apostrophes of words are set as such, and long words are broken into lines.
      .replaceAll("’", "'").replace(/\s/g, "");
    for (const [index, line] of hostile.entries()) {
      const due = `${index}:${line.normalize("NFC").replace(/\s/g, "")}${index + 1}:`;
      assert.ok(
        text.includes(due),
        `${line}\n${text.slice(text.indexOf(`${index}:`)).slice(0, 400)}`,
      );
    }
    for (const word of rightToLeft) {
      // Poppler takes what stands behind for letters that were set from left to right.
      assert.ok(text.includes([...word].reverse().join("")), word);
    }
    assert.doesNotMatch(text, /root:/);
    const first = await Deno.readFile(path);
    assert.deepEqual(await Deno.readFile((await compilePaper(folder)).path), first);
  },
);

Deno.test("characters that mean something to TeX are escaped", () => {
  assert.equal(
    escapeTex("\\a{b}$&%#_^~"),
    "\\textbackslash{}a\\{b\\}\\$\\&\\%\\#\\_\\textasciicircum{}\\textasciitilde{}",
  );
  assert.equal(escapeTex("--- ,, ?`"), "-{}-{}- ,{}, ?\\textasciigrave{}");
  assert.equal(escapeTight("λ = 3 %"), "$\\lambda$~=~3~\\%");
});

Deno.test("what is invisible is shown by its code", () => {
  assert.equal(
    escapeTex("a\u202eb\u0007"),
    "a\\guilsinglleft{}U+202E\\guilsinglright{}b\\guilsinglleft{}U+0007\\guilsinglright{}",
  );
});

Deno.test("letters without a font stand behind what is shown", () => {
  assert.equal(escapeTex("мир"), "\\actualtext{FEFF043C04380440}{mir}");
  assert.equal(escapeTex("梦"), "\\chinesetext{FEFF68A6}{梦}{\\unicodename{U+68A6}}");
  assert.equal(escapeTex("🐋"), "\\actualtext{FEFFD83DDC0B}{\\unicodename{U+1F40B}}");
});
