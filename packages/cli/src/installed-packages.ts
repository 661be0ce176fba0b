import { createRequire } from "node:module";

/** The packages that the command line is made of, by the names of their folders. */
export const packages = [
  "caps-io",
  "cli",
  "core",
  "group-analysis",
  "lowering",
  "model-loader",
  "onnx-autodiff",
  "onnx-graph",
  "report",
  "results",
  "runtime-node",
  "saliency",
  "study",
  "torch-checkpoint",
  "writers",
] as const;

/** By the names that they are published under. */
export function packageVersions(): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((name) => [`@voxplain/${name}`, versionOf(name)]));
}

export function versionOf(name: (typeof packages)[number]): string {
  const manifest: { version: string } = createRequire(import.meta.url)(`@voxplain/${name}/package.json`);
  return manifest.version;
}
