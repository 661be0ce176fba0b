// Bundles every entry of every package for browsers, as a page would, and weighs what comes out against
// bundle-budgets.json. An entry that would bring in a module of Node, or is in no list, fails.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./workspace.mjs";

const { kilobytes, onlyInNode } = JSON.parse(readFileSync(join(root, "bundle-budgets.json"), "utf8"));
const failures = [];

/** Every entry that a page could import: `@voxplain/core`, `@voxplain/core/web`, … and the folder of its package. */
const entries = readdirSync(join(root, "packages")).flatMap((folder) => {
  const path = join(root, "packages", folder);
  const { name, exports } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  return Object.keys(exports)
    .filter((key) => !key.endsWith(".json"))
    .map((key) => ({ specifier: name + key.slice(1), path }));
});

/** Kilobytes (1000 bytes), minified and gzipped, of all that an entry exports, with its dependencies. */
async function weigh({ specifier, path }) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from "${specifier}";`, resolveDir: path },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.map((found) => found.path),
  );
  if (outside.length > 0) throw new Error(`it leaves out ${outside.join(", ")}`);
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
}

const rows = [];
for (const entry of entries) {
  const { specifier } = entry;
  if (onlyInNode.includes(specifier)) continue;
  const budget = kilobytes[specifier];
  if (budget === undefined) {
    failures.push(`${specifier} is neither among the kilobytes nor among onlyInNode of bundle-budgets.json`);
    continue;
  }
  try {
    const weight = await weigh(entry);
    rows.push([specifier, weight.toFixed(1), String(budget)]);
    if (weight > budget) {
      failures.push(
        `${specifier} weighs ${weight.toFixed(1)} kB and may weigh ${budget}: make it lighter, or say why not`,
      );
    }
  } catch (error) {
    failures.push(`${specifier} cannot be bundled for browsers: ${error.message}`);
  }
}
const known = entries.map(({ specifier }) => specifier);
for (const specifier of [...Object.keys(kilobytes), ...onlyInNode]) {
  if (!known.includes(specifier))
    failures.push(`bundle-budgets.json has ${specifier}, which no package exports`);
}

const widths = [0, 1, 2].map((column) => Math.max(6, ...rows.map((row) => row[column].length)));
for (const [name, ...numbers] of [["entry", "kB", "budget"], ...rows]) {
  console.log(
    `${name.padEnd(widths[0])}  ${numbers.map((text, k) => text.padStart(widths[k + 1])).join("  ")}`,
  );
}
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
