// Which package may import which, in one table. Everything else about imports follows from it.

export interface Arrows {
  /** Packages of the workspace that the package may import. */
  readonly imports: readonly string[];
  /** Where `node:` modules may be imported: files or folders below the package. Its main entry may not reach them, unless that is listed. */
  readonly nodeIn: readonly string[];
  /** Entries of a package of Node that need none of it, for pages. */
  readonly withoutNode?: readonly string[];
  /** Packages that it depends on to print their versions, without importing them. */
  readonly tellsVersionOf?: readonly string[];
  /** Files that import from a URL which is an argument. */
  readonly loadsByUrl?: readonly string[];
}

export const importArrows: Readonly<Record<string, Arrows>> = {
  core: { imports: [], nodeIn: ["src/node.ts", "src/node/"] },
  "torch-checkpoint": { imports: ["core"], nodeIn: [] },
  "onnx-graph": { imports: ["core"], nodeIn: [] },
  "onnx-autodiff": { imports: ["core", "onnx-graph"], nodeIn: [] },
  lowering: { imports: ["core", "onnx-graph"], nodeIn: [] },
  kernels: { imports: ["core"], nodeIn: [] },
  "caps-io": { imports: ["core", "torch-checkpoint"], nodeIn: [] },
  "model-loader": { imports: ["core", "onnx-graph", "torch-checkpoint"], nodeIn: [] },
  saliency: { imports: ["core", "lowering", "onnx-autodiff", "onnx-graph"], nodeIn: [] },
  study: { imports: ["caps-io", "core", "model-loader", "onnx-graph", "saliency"], nodeIn: ["src/node/"] },
  results: {
    imports: ["caps-io", "core", "group-analysis", "report", "saliency", "study", "writers"],
    nodeIn: ["src/"],
    withoutNode: ["src/findings.ts"],
  },
  "group-analysis": { imports: ["core"], nodeIn: ["src/node/"] },
  report: { imports: [], nodeIn: [] },
  writers: { imports: ["core"], nodeIn: ["src/pictures/"] },
  "runtime-node": { imports: ["core", "kernels"], nodeIn: ["src/"] },
  "runtime-web": { imports: ["core", "kernels"], nodeIn: [], loadsByUrl: ["src/inference-worker.js"] },
  sample: { imports: [], nodeIn: ["src/"] },
  cli: {
    imports: [
      "caps-io",
      "core",
      "group-analysis",
      "model-loader",
      "onnx-autodiff",
      "onnx-graph",
      "report",
      "results",
      "runtime-node",
      "saliency",
      "sample",
      "study",
      "writers",
    ],
    nodeIn: ["src/"],
    tellsVersionOf: ["lowering", "torch-checkpoint"],
  },
};
