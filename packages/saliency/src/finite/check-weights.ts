import { type LazyTensor, type Tensor, VoxplainError } from "@voxplain/core";
import { floatAttribute, type Initializer, isInMemory, type Model } from "@voxplain/onnx-graph";
import { describeNotFinite, type NotFinite, notFiniteIn } from "./not-finite.ts";

/** Operators whose constant inputs are trained weights: an infinite one is never a mask. */
const weighted = new Set([
  ...["Conv", "ConvTranspose", "Gemm", "MatMul", "PRelu"],
  ...["BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization"],
]);

/** What a constant may not hold. */
interface Demand {
  /** Infinite values are refused too: it is no mask. */
  readonly isWeight: boolean;
  /** The ε of the batch normalization whose variance it is. */
  readonly epsilon?: number;
}

/**
 * The model with weights that are checked while they are read: NaN, infinite weights of a layer and variances below
 * 0 are refused. That cannot be left to a look at the logits: max-pooling skips NaN in ONNX Runtime, so that the
 * logits of a broken network can be finite. A constant −∞ elsewhere is a mask.
 * @throws VoxplainError `not-finite` that names the weight: at once for those in memory, else when they are read.
 */
export function withCheckedWeights(model: Model): Model {
  const { graph } = model;
  const demands = new Map<string, Demand>();
  for (const { opType, inputs, attributes } of graph.nodes) {
    for (const [position, name] of inputs.entries()) {
      const before = demands.get(name);
      const isVariance = opType === "BatchNormalization" && position === 4;
      demands.set(name, {
        ...before,
        isWeight: before?.isWeight === true || weighted.has(opType),
        ...(isVariance && { epsilon: floatAttribute(attributes, "epsilon", 1e-5) }),
      });
    }
  }
  const initializers = new Map<string, Initializer>();
  for (const [name, initializer] of graph.initializers) {
    const demand = demands.get(name);
    const isChecked = demand !== undefined && initializer.dtype === "float32";
    initializers.set(name, isChecked ? withCheck(name, initializer, demand) : initializer);
  }
  return { ...model, graph: { ...graph, initializers } };
}

function withCheck(name: string, initializer: Initializer, demand: Demand): Initializer {
  if (isInMemory(initializer)) {
    checkValues(name, initializer.data as Float32Array, demand);
    return initializer;
  }
  return {
    dtype: initializer.dtype,
    dims: initializer.dims,
    async read() {
      const read = await initializer.read();
      checkValues(name, (read as Tensor<"float32">).data, demand);
      return read;
    },
    chunks: () => checkedChunks(name, initializer, demand),
    ...(initializer.stored && { stored: initializer.stored }),
  };
}

/** Whoever takes the pieces lets other events in between them: a whole file of weights takes seconds. */
const pieceLength = 2 ** 23;

async function* checkedChunks(name: string, { chunks }: LazyTensor, demand: Demand) {
  const scratch = new Float32Array(pieceLength / 4 + 1);
  const bytes = new Uint8Array(scratch.buffer);
  // A chunk may end inside a number.
  let rest = 0;
  for await (const chunk of chunks()) {
    for (let at = 0; at < chunk.byteLength; at += pieceLength) {
      const piece = chunk.subarray(at, at + pieceLength);
      const end = rest + piece.byteLength;
      const whole = Math.floor(end / 4);
      const isAligned = rest === 0 && piece.byteOffset % 4 === 0;
      if (!isAligned) bytes.set(piece, rest);
      const values = isAligned
        ? new Float32Array(piece.buffer, piece.byteOffset, whole)
        : scratch.subarray(0, whole);
      checkValues(name, values, demand);
      rest = end - 4 * whole;
      if (isAligned) bytes.set(piece.subarray(4 * whole));
      else bytes.copyWithin(0, 4 * whole, end);
      yield piece;
    }
  }
}

function checkValues(name: string, values: Float32Array, { isWeight, epsilon }: Demand): void {
  const found = notFiniteIn(values);
  if (found !== undefined && (found.nan > 0 || isWeight)) throw brokenWeight(name, found);
  if (epsilon === undefined) return;
  const lowest = values.reduce((least, value) => Math.min(least, value), 0);
  if (lowest + epsilon >= 0) return;
  throw new VoxplainError(
    "not-finite",
    `the variance "${name}" of a batch normalization holds ${lowest.toPrecision(3)}, and what is normalized by a ` +
      "variance below 0 becomes NaN: the file is damaged",
  );
}

function brokenWeight(name: string, found: NotFinite): VoxplainError {
  return new VoxplainError(
    "not-finite",
    `the weight "${name}" of the network holds ${describeNotFinite(found)}: the training diverged, or the file is damaged`,
  );
}
