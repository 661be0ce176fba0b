import { createRequire } from "node:module";

/** The packages that the command line is made of, by the names of their folders. */
export const packages = [
  "caps-io",
  "cli",
  "core",
  "lowering",
  "model-loader",
  "onnx-autodiff",
  "onnx-graph",
  "runtime-node",
  "saliency",
  "torch-checkpoint",
  "writers",
] as const;

export function versionOf(name: (typeof packages)[number]): string {
  const manifest: { version: string } = createRequire(import.meta.url)(
    name === "cli" ? "../package.json" : `@voxplain/${name}/package.json`,
  );
  return manifest.version;
}
