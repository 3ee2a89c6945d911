/**
 * Builds lib/frames/_danfojs.js and the licences of what is in it, or with `--check` proves that the
 * committed files are what the packages of deno.lock build: `deno task danfojs [--check]`.
 *
 * danfojs 1.1.2 asks for tfjs ^3.13. A second tfjs beside ours registers its kernels once more, with a
 * warning for each; an override in package.json keeps it out, but only one of the project that is run:
 * each project that links the library would have to repeat it. In the bundle danfojs uses our tfjs.
 *
 * @module
 */
import { build, type Plugin, stop } from "esbuild";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { print } from "../lib/core/terminal.ts";
import { toolOptions } from "./_usage.ts";

const frames = join(import.meta.dirname!, "..", "lib", "frames");
const danfojs = dirname(createRequire(import.meta.url).resolve("danfojs/package.json"));
/** Folder of all packages, NAME/VERSION/…; where it lies is this machine's affair. */
const packagesFolder = join(danfojs, "..", "..");

const entry = `
export { concat, DataFrame, merge, NDframe, Series } from "danfojs/dist/danfojs-base/index.js";
export { toCSVBrowser as toCSV } from "danfojs/dist/danfojs-base/io/browser/index.js";
`;

/** What danfojs's modules get in place of these packages. */
const replacements: { readonly [name: string]: () => string | Promise<string> } = {
  "@tensorflow/tfjs": () => `export * from "@tensorflow/tfjs";`,
  // Of two megabytes it calls five functions of numbers.
  mathjs: () => bundled(`export { mean, median, mode, std, variance } from "mathjs/number";`),
  // For a generator of random numbers that none of the five needs.
  crypto: () => "export {};",
  // What danfojs draws in browsers, and what it reads from files there, is not exported.
  "plotly.js-dist-min": () => "export {};",
  papaparse: () => "export default undefined;",
  xlsx: () => "export {};",
};

const replaced: Plugin = {
  name: "replaced",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(replacements).join("|")})$`);
    onResolve({ filter }, ({ path, namespace }) =>
      // The import in a replacement is left to who loads the bundle.
      namespace === "replaced" ? { path, external: true } : { path, namespace: "replaced" });
    onLoad(
      { filter: /.*/, namespace: "replaced" },
      async ({ path }) => ({ contents: await replacements[path]() }),
    );
  },
};

/** Folders of the packages that the bundle takes something of. */
const used = new Set<string>();

/** Finds packages as Deno does: exactly those of deno.lock. */
const packages: Plugin = {
  name: "packages",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
      const require = createRequire(importer === "<stdin>" ? join(danfojs, "index.js") : importer);
      const name = path.split("/", path.startsWith("@") ? 2 : 1).join("/");
      const folder = dirname(require.resolve(`${name}/package.json`));
      used.add(folder);
      if (path === "mathjs/number") return { path: join(folder, "lib", "esm", "number.js") };
      return { path: name === "danfojs" ? join(folder, path.slice(8)) : require.resolve(path) };
    });
  },
};

async function bundled(contents: string): Promise<string> {
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents, resolveDir: danfojs },
    // What stands in the bundle of a module's path is relative to it.
    absWorkingDir: packagesFolder,
    plugins: [replaced, packages],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    // Names stay, so that errors and stacks can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
    write: false,
  });
  return text;
}

/** Licences of the packages, as each of them states its own. */
function licences(): string {
  return [...used].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      Deno.readTextFileSync(join(folder, "package.json")),
    );
    const files = [...Deno.readDirSync(folder)].map((entry) => entry.name)
      .filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file)).sort();
    const texts = files.map((file) =>
      Deno.readTextFileSync(join(folder, file)).replaceAll("\r\n", "\n").trim()
    );
    const title = `${name} ${version}: ${license ?? "as below"}`;
    return `${[`${title}\n${"=".repeat(title.length)}`, ...texts].join("\n\n")}\n`;
  }).join("\n\n");
}

/** Bundles danfojs; the same packages give the same bytes. */
export async function buildDanfojs(): Promise<Record<string, string>> {
  const code = await bundled(entry);
  const head = [
    "// deno-fmt-ignore-file",
    "// deno-lint-ignore-file",
    '// @ts-self-types="./_danfojs.d.ts"',
    "// danfojs 1.1.2 (MIT, JsData) on the library's tfjs, written by `deno task danfojs`; licences in",
    "// _danfojs_licences.txt.",
  ];
  return {
    "_danfojs.js": `${head.join("\n")}\n${code}`,
    "_danfojs_licences.txt": licences(),
  };
}

if (import.meta.main) {
  const { check } = toolOptions(
    `danfojs [--check]
  Builds lib/frames/_danfojs.js and _danfojs_licences.txt from the packages of deno.lock.
  --check  writes nothing, and fails where the committed files are something else`,
    { check: { type: "boolean", default: false } },
  );
  let failed = false;
  for (const [name, contents] of Object.entries(await buildDanfojs())) {
    const path = join(frames, name);
    if (check) {
      const same = await Deno.readTextFile(path).catch(() => null) === contents;
      failed ||= !same;
      print(`${name} ${same ? "is" : "is NOT"} what the packages build`);
    } else {
      await Deno.writeTextFile(path, contents);
      print(`${name}: ${contents.length} characters`);
    }
  }
  await stop();
  if (failed) Deno.exit(1);
}
