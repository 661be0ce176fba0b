import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeNpy, float32Values } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { nodeRuntime } from "@voxplain/runtime-node";
import { createEngine } from "../../src/engine/create-engine.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
export const samplePath = `${root}sample`;
export const partsPath = `${root}packages/cli/tests/fixtures/parts`;
export const onnxPath = `${root}packages/cli/tests/fixtures/onnx`;
export const foldersPath = `${root}packages/model-loader/tests/fixtures/folders`;

export const nodeEngine = () => createEngine(() => nodeRuntime({ executionProvider: "cpu", threads: 2 }));

/** An engine with the sample's small model and its sessions. */
export async function sampleEngine() {
  const engine = nodeEngine();
  await engine.open(directory(`${samplePath}/models/random_small`));
  await engine.open(directory(`${samplePath}/labels`));
  await engine.open(directory(`${samplePath}/caps`));
  return engine;
}

/** A float32 array of numpy. */
export function npy(path: string): { readonly dims: readonly number[]; readonly data: Float32Array } {
  const array = decodeNpy(readFileSync(path), path);
  return { dims: array.dims, data: float32Values(array) };
}

/** ‖a − b‖ / ‖b‖ of all voxels. */
export function relativeError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const squares = Float64Array.from(expected, (value, k) => (found[k]! - value) ** 2);
  const norm = expected.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / norm);
}
