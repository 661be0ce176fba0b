import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Lowering } from "@voxplain/core";

/** What ONNX Runtime can compute with in Node, somewhere. */
export type NodeProvider = "cpu" | "cuda" | "webgpu" | "dml" | "coreml";

export const nodeProviders: readonly NodeProvider[] = ["cpu", "cuda", "webgpu", "dml", "coreml"];

/** Where the prebuilt library has the provider; everywhere where none are named. */
const platformsOf: Readonly<Record<NodeProvider, readonly string[] | undefined>> = {
  cpu: undefined,
  cuda: ["linux x64"],
  webgpu: undefined,
  dml: ["win32 x64", "win32 arm64"],
  coreml: ["darwin arm64"],
};

/** Only the CPU provider has MaxUnpool; what another one does not have, it leaves to the CPU without a word. */
export function loweringOf(provider: NodeProvider, kernels: boolean): Lowering {
  // The blocked kernels of 2D convolutions exist for x64 only.
  return provider === "cpu"
    ? {
        poolingGradient: "indices",
        convolution3d: process.arch === "x64" ? "blocked" : "direct",
        kernels,
        storedWeights: true,
      }
    : { poolingGradient: "windows", convolution3d: "direct", storedWeights: true };
}

/** Why a provider cannot be used, and what to do, from what ONNX Runtime said; undefined for another failure. */
export function whyUnavailable(provider: NodeProvider, said: string): string | undefined {
  const platforms = platformsOf[provider];
  const here = `${process.platform} ${process.arch}`;
  if (platforms !== undefined && !platforms.includes(here)) {
    return `onnxruntime-node has it on ${platforms.join(" and ")} only, and this is ${here}`;
  }
  if (provider === "cuda" && /Failed to load|shared (library|object)/i.test(said)) {
    const script = join(dirname(manifestPath()), "script", "install.js");
    return (
      "ONNX Runtime's libraries for CUDA cannot be loaded. They are not part of the npm package; install them " +
      `with "node ${script} --onnxruntime-node-install=cuda12"; the system needs CUDA 12 and cuDNN 9 (${firstLine(said)})`
    );
  }
  if (provider === "cuda" && /CUDA|cudnn|cublas/i.test(said)) {
    return `CUDA does not work; does nvidia-smi list a card? (${firstLine(said)})`;
  }
  if (provider === "webgpu" && /adapter|webgpu_context/i.test(said)) {
    const linux =
      process.platform === "linux"
        ? ": are a Vulkan driver and Vulkan's loader, libvulkan1, installed (see vulkaninfo)?"
        : "";
    return `no WebGPU adapter was found${linux}`;
  }
  return /backend not found|not available/.test(said) ? firstLine(said) : undefined;
}

/** The manifest of the library that is used. */
export function manifestPath(): string {
  return createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
}

function firstLine(said: string): string {
  return said.split("\n", 1)[0]!.trim();
}
