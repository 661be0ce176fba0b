import { type Dim, type Graph, graphBuilder } from "@voxplain/onnx-graph";

/** Logits [batch, classes] made of an output of another shape. */
export interface LogitsOfOutput {
  readonly graph: Graph;
  readonly name: string;
  readonly dims: readonly [Dim, number];
  /** The axes over which the mean was taken. */
  readonly positions: readonly Dim[];
}

/**
 * Logits of an output [batch], which a regressor without an axis of classes has, or [batch, classes, ...grid]: the
 * mean of each class over the grid, as Captum's and pytorch-grad-cam's targets for segmentation take its sum.
 * undefined for any other shape.
 */
export function logitsOfOutput(
  base: Graph,
  output: string,
  dims: readonly Dim[] | undefined,
): LogitsOfOutput | undefined {
  const [batch = "batch", classCount = 1, ...positions] = dims ?? [];
  if (dims === undefined || dims.length === 0 || dims.length === 3) return undefined;
  if (typeof classCount !== "number") return undefined;
  const logits: readonly [Dim, number] = [batch ?? "batch", classCount];
  if (dims.length === 2) return { graph: base, name: output, dims: logits, positions };
  const builder = graphBuilder(base.name, base);
  const name = builder.fresh("logits");
  if (dims.length === 1) {
    builder.add("Unsqueeze", [output, builder.int64([1])], {}, { outputs: [name] });
  } else {
    const mean = builder.add("GlobalAveragePool", [output]);
    builder.add("Flatten", [mean], { axis: 1 }, { outputs: [name] });
  }
  return { graph: builder.build(), name, dims: logits, positions };
}
