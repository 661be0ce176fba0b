import { isVoxplainError, VoxplainError } from "@voxplain/core";
import {
  type Dim,
  foldConstants,
  type Graph,
  type Model,
  type ValueInfo,
  withFreeBatch,
} from "@voxplain/onnx-graph";
import { isOpenLength } from "./rule-context.ts";

/**
 * The model whose first input has these lengths, and what follows from them.
 * @param shape - Lengths of the axes behind the batch, or of all axes.
 * @throws VoxplainError `invalid-argument` where the input has others, or another number of axes.
 */
export function withLengths(model: Model, shape: readonly number[]): Model {
  const { graph } = model;
  const [input, ...others] = graph.inputs;
  const stated = input?.dims ?? [];
  const lengths = shape.length === stated.length - 1 ? [stated[0] ?? "batch", ...shape] : shape;
  const fits =
    lengths.length === stated.length &&
    stated.every((dim, axis) => typeof dim !== "number" || dim === lengths[axis]);
  if (input === undefined || !fits) {
    throw new VoxplainError(
      "invalid-argument",
      `the shape ${shape.join(",")} does not fit the input "${input?.name}", ${shapeText(stated)}`,
      { hint: "give the lengths of its axes behind the batch, or of all axes" },
    );
  }
  // Shapes noted at the export have other lengths; they can be inferred.
  const sized: Graph = { ...graph, inputs: [{ ...input, dims: lengths }, ...others], valueInfo: [] };
  return foldConstants({ ...model, graph: sized });
}

/**
 * Where the only open length is that of the batch and keeps a gradient from being known (constant sizes count the
 * images of the export, say): the model in which they count those that are fed, else that of one image.
 */
export function withCountedBatch<T>(model: Model, compute: (model: Model) => T): T {
  try {
    return compute(model);
  } catch (error) {
    const isRest = ({ dims }: ValueInfo) => dims?.slice(1).every((dim) => typeof dim === "number") === true;
    if (!isVoxplainError(error) || !isOpenLength(error) || !model.graph.inputs.every(isRest)) throw error;
    return compute(withFreeBatch(model).model);
  }
}

/** Open lengths are the usual reason for a refusal that can be helped: that error with what helps, undefined for others. */
export function advisedLengths(error: VoxplainError, { graph }: Model): VoxplainError | undefined {
  const open = graph.inputs.find(({ dims }) => dims?.slice(1).some((dim) => typeof dim !== "number"));
  if (!isOpenLength(error) || open?.dims === undefined) return undefined;
  const example = open.dims.slice(1).map((dim) => (typeof dim === "number" ? dim : 64));
  return new VoxplainError(error.code, error.problem, {
    hint: `give the lengths of the axes behind the batch by the option shape, such as ${example.join(",")}`,
    cause: error,
  });
}

function shapeText(dims: readonly Dim[]): string {
  return `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}
