import { isInMemory, type Model } from "@voxplain/onnx-graph";
import { activationKernels } from "./activations.ts";
import { array, type NdArray } from "./array.ts";
import { blockKernels } from "./blocks.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { gridSampleKernels } from "./grid-sample.ts";
import { indexingKernels } from "./indexing.ts";
import type { Kernel } from "./kernel.ts";
import { linearKernels } from "./linear.ts";
import { movementKernels } from "./movement.ts";
import { normPoolingKernels } from "./norm-pooling.ts";
import { normalizationKernels } from "./normalization.ts";
import { paddingKernels } from "./padding.ts";
import { resizingKernels } from "./resizing.ts";
import { sequenceKernels } from "./sequence.ts";
import { spatialKernels } from "./spatial.ts";
import { transposedConvolutionKernels } from "./transposed-convolution.ts";

const kernels: Readonly<Record<string, Kernel>> = {
  ...activationKernels,
  ...blockKernels,
  ...elementwiseKernels,
  ...gridSampleKernels,
  ...indexingKernels,
  ...linearKernels,
  ...movementKernels,
  ...resizingKernels,
  ...normPoolingKernels,
  ...paddingKernels,
  ...normalizationKernels,
  ...sequenceKernels,
  ...spatialKernels,
  ...transposedConvolutionKernels,
  Size: ({ x: [x] }) => [array([], [x!.data.length])],
  Constant: ({ attributes: { value } }) => {
    if (value === undefined || !("tensor" in value)) throw new Error("a Constant without a tensor");
    return [array(value.tensor.dims, Array.from(value.tensor.data, Number))];
  },
};

/** Computes every value of a model in float64, whatever types it states. */
export function evaluate(
  model: Model,
  feeds: Readonly<Record<string, NdArray>>,
): ReadonlyMap<string, NdArray> {
  const values = new Map<string, NdArray>(Object.entries(feeds));
  for (const [name, value] of model.graph.initializers) {
    if (!isInMemory(value)) throw new Error(`${name} is not in memory`);
    values.set(name, array(value.dims, Array.from(value.data, Number)));
  }
  for (const { opType, inputs, outputs, attributes, name } of model.graph.nodes) {
    const kernel = kernels[opType];
    if (kernel === undefined) throw new Error(`the interpreter does not know ${opType}`);
    const x = inputs.map((input) => (input === "" ? undefined : values.get(input)));
    for (const [k, input] of inputs.entries()) {
      if (input !== "" && x[k] === undefined) throw new Error(`${name} lacks ${input}`);
    }
    const results = kernel({ x, attributes, opset: model.opsets[""]!, outputs: outputs.length });
    for (const [k, output] of outputs.entries()) if (output !== "") values.set(output, results[k]!);
  }
  return values;
}
