import { VoxplainError } from "@voxplain/core";
import { type Dim, type Graph, graphBuilder } from "@voxplain/onnx-graph";

/** One value of each image, as logits [batch, 1]. */
export interface ValueAt {
  readonly graph: Graph;
  readonly name: string;
  readonly dims: readonly [Dim, 1];
}

/**
 * One value of an output of any rank, such as a class of a box of [batch, boxes, classes].
 * @param index one for each axis behind the batch, from 0.
 * @throws VoxplainError `invalid-argument` where there is no such value.
 */
export function valueAt(
  base: Graph,
  output: string,
  dims: readonly Dim[] | undefined,
  index: readonly number[],
): ValueAt {
  const shape = dims?.map((dim) => dim ?? "?").join(", ");
  if (dims === undefined || dims.length !== index.length + 1) {
    throw new VoxplainError(
      "invalid-argument",
      `the target ${index.join(",")} does not name one value of the output "${output}", ` +
        `${shape === undefined ? "whose shape is unknown" : `[${shape}]`}`,
      {
        ...(dims !== undefined && {
          expected: `${dims.length - 1} indices, one for each axis after the batch`,
          found: String(index.length),
        }),
      },
    );
  }
  for (const [axis, at] of index.entries()) {
    const length = dims[axis + 1];
    if (typeof length !== "number" || (Number.isSafeInteger(at) && at >= 0 && at < length)) continue;
    throw new VoxplainError(
      "invalid-argument",
      `the target ${index.join(",")} is outside the output "${output}", [${shape}]`,
      { expected: `an index from 0 to ${length - 1}`, found: String(at) },
    );
  }
  const builder = graphBuilder(base.name, base);
  const name = builder.fresh("target_value");
  const axes = index.map((_, axis) => axis + 1);
  const [starts, ends] = [index, index.map((at) => at + 1)];
  const slice = builder.add("Slice", [
    output,
    ...[starts, ends, axes].map((values) => builder.int64(values)),
  ]);
  builder.add("Flatten", [slice], { axis: 1 }, { outputs: [name] });
  return { graph: builder.build(), name, dims: [dims[0] ?? "batch", 1] };
}
