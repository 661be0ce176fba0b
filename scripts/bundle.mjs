// Bundles what a package exports to Node into `dist/bundled`: one file in place of a hundred, which Node would find, read and
// compile one by one. Run in the folder of the package, after its build. Browsers' bundlers get the files as they are, and
// leave out unused ones.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
const files = Object.values(exports).flatMap((entry) => (entry.node === undefined ? [] : [entry.default]));
if (bin !== undefined) files.push("./dist/main.js");

const outdir = "dist/bundled";
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: files.map((file) => ({
    in: file,
    // All beside each other: files of the package are found from each in the same way.
    out: file.replace("./dist/", "").replaceAll("/", "-").replace(/\.js$/, ""),
  })),
  outdir,
  bundle: true,
  splitting: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  charset: "utf8",
  sourcemap: true,
  logLevel: "warning",
});
