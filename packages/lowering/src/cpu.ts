import { inferShapes, type Model } from "@voxplain/onnx-graph";
import { type BlockedOptions, blockedConvolution } from "./blocked-convolution.ts";
import { depthSlabs, type SlabOptions } from "./depth-slabs.ts";
import { doubleProducts } from "./double-products.ts";
import { foldScale } from "./fold-scale.ts";
import { longGradients } from "./long-gradients.ts";
import { longProducts } from "./long-products.ts";
import { paddedPooling } from "./padded-pooling.ts";
import { type PartialSumOptions, partialSums } from "./partial-sums.ts";
import { steadySums } from "./steady-sums.ts";
import { thinConvolution } from "./thin-convolution.ts";

export interface CpuLoweringOptions {
  readonly slabs: SlabOptions;
  /** undefined where there are no blocked kernels. */
  readonly blocked: BlockedOptions | undefined;
  readonly small: PartialSumOptions;
}

const megabyte = 2 ** 20;

/**
 * Slabs keep the memory down, not the time: with two threads, cutting the first block of a full-size
 * network costs 10 % and saves 200 MB, cutting the second too costs 20 % more and saves 100 MB more.
 */
const measured: CpuLoweringOptions = {
  slabs: { wholeBytes: 96 * megabyte, slabBytes: 20 * megabyte },
  blocked: { multiplications: 2 ** 25 },
  small: { multiplications: 2 ** 25 },
};

/**
 * Spells a 3D network with max-pooling, and its gradient, for ONNX Runtime's CPU provider. The results
 * are the same up to float32 rounding, ties between maxima included. What matches no pattern
 * exactly, 2D networks among it, stays as it is.
 *
 * What the passes gain, one after the other, for five blocks of 8 to 128 channels on 169×208×179, logits
 * and gradient (onnxruntime-node 1.30, AVX-512; median processor time, and peak memory of the process
 * with 170 MB of weights and 80 MB of Node):
 *
 * | as differentiated | 1.00 | 1300 MB |
 * | foldScale | 0.96 | 1280 MB |
 * | paddedPooling | 0.90 | 770 MB |
 * | thinConvolution | 0.78 | 790 MB |
 * | depthSlabs (first two blocks) | 0.77 | 560 MB |
 * | blockedConvolution | 0.67 | 620 MB |
 */
export function lowerForCpu(model: Model, options: Partial<CpuLoweringOptions> = {}): Model {
  const { slabs, blocked, small } = { ...measured, ...options };
  const products = longGradients(longProducts(doubleProducts(model)));
  const inParts = partialSums(foldScale(steadySums(products)), small);
  const direct = depthSlabs(thinConvolution(paddedPooling(inParts)), slabs);
  if (blocked === undefined) return direct;
  const inBlocks = blockedConvolution(direct, blocked);
  return inBlocks === direct ? direct : withUnpooledShapes(inBlocks);
}

/**
 * States the shapes of unpooled gradients. ONNX Runtime does not infer them, and without them adds
 * the parts of a blocked convolution one by one instead of while it computes them.
 */
function withUnpooledShapes(model: Model): Model {
  const { graph } = model;
  const unpooled = new Set(
    graph.nodes.flatMap(({ opType, outputs }) => (opType === "MaxUnpool" ? outputs : [])),
  );
  for (const { name } of [...graph.valueInfo, ...graph.outputs]) unpooled.delete(name);
  if (unpooled.size === 0) return model;
  const values = inferShapes(model);
  const stated = [...unpooled].flatMap((name) => values.get(name) ?? []);
  return { ...model, graph: { ...graph, valueInfo: [...graph.valueInfo, ...stated] } };
}
