// Puts the worker's script into one file without imports: import maps do not reach into workers, so that a page without a bundler
// could not load the kernels.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = new URL("..", import.meta.url);
await build({
  absWorkingDir: fileURLToPath(folder),
  entryPoints: ["src/inference-worker.js"],
  outfile: "dist/inference-worker.js",
  bundle: true,
  format: "esm",
  target: "es2023",
  sourcemap: true,
  // Over what the compiler wrote.
  allowOverwrite: true,
});
