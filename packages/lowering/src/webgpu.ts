import type { Model } from "@voxplain/onnx-graph";
import { depthSlabs, type SlabOptions } from "./depth-slabs.ts";
import { foldScale } from "./fold-scale.ts";
import { paddedPooling } from "./padded-pooling.ts";
import { steadySums } from "./steady-sums.ts";
import { webgpuOperators } from "./webgpu-operators.ts";
import { windowPooling } from "./window-pooling.ts";

const megabyte = 2 ** 20;

/** Every adapter binds buffers of 128 MB; larger ones not every adapter. */
const bindable: SlabOptions = { wholeBytes: 120 * megabyte, slabBytes: 60 * megabyte };

/**
 * Spells a network, and its gradient, for ONNX Runtime's WebGPU provider, which has no positions of
 * maxima, no MaxUnpool, and runs what it does not have on the CPU without a word.
 */
export function lowerForWebgpu(model: Model, slabs: SlabOptions = bindable): Model {
  return webgpuOperators(windowPooling(depthSlabs(paddedPooling(foldScale(steadySums(model))), slabs)));
}
